using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Agreements.Signatures;

namespace Authority.Tests.Support;

/// <summary>A copy of the committed contracts with keys and signatures made on the spot, and a few clients of the tests' own.</summary>
internal sealed partial class TempContracts : IDisposable
{
    private readonly Dictionary<string, ECDsa> _keys = new(StringComparer.Ordinal);

    private readonly bool _owned;
    private readonly Func<string, string>? _files;

    /// <summary>Contracts that were written before, with their keys in files; nothing is deleted afterwards.</summary>
    public TempContracts(string folder, Func<string, string> keyFiles) => (Folder, _files) = (folder, keyFiles);

    /// <summary>A fresh copy.</summary>
    /// <param name="extraClients">Registrations to add.</param>
    /// <param name="folder">Where; null for a temporary folder that goes away.</param>
    public TempContracts(string extraClients, string? folder = null)
    {
        _owned = folder is null;
        Folder = folder is null ? Directory.CreateTempSubdirectory("contracts-").FullName : Directory.CreateDirectory(folder).FullName;
        var committed = Committed();
        foreach (var path in Directory.EnumerateFiles(committed, "*.yaml", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, Path.GetRelativePath(committed, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
        Edit("institutions/anss.yaml", static text => text, "signingKeys:", extraClients + "signingKeys:");
        foreach (var client in new[] { "anss-eligibility", "anss-batch" })
            Edit("institutions/anss.yaml", static text => text, $"    jwks: {{ file: {client}.jwks.json }}\n", $"    jwks: {{ file: {client}.jwks.json }}\n    limits: {{ tokensPerMinute: 100000, connections: 32, requestsPerSecond: 1000 }}\n");
        foreach (var path in Directory.EnumerateFiles(At("institutions"), "*.yaml")) WriteKeys(File.ReadAllText(path));
        foreach (var path in Directory.EnumerateFiles(At("agreements"), "*.yaml")) Sign(path);
    }

    public string Folder { get; }

    /// <summary>Every key that was made so far.</summary>
    public IReadOnlyDictionary<string, ECDsa> Keys => _keys;

    public ECDsa Key(string name) => _keys.TryGetValue(name, out var key) ? key : _keys[name] = MakeOrRead(name);

    public string At(string path) => Path.Combine(Folder, path);

    public void Edit(string path, Func<string, string> also, string what, string with)
    {
        var text = File.ReadAllText(At(path));
        Assert.Contains(what, text, StringComparison.Ordinal);
        File.WriteAllText(At(path), also(text.Replace(what, with, StringComparison.Ordinal)));
    }

    public void WriteJwks(string client, params string[] jwks) => File.WriteAllText(At($"institutions/{client}.jwks.json"), $$"""{"keys":[{{string.Join(',', jwks)}}]}""");

    public static string Jwk(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
    }

    public static string Jwk(RSA key)
    {
        var number = key.ExportParameters(includePrivateParameters: false);
        return $$"""{"kty":"RSA","n":"{{Base64Url.EncodeToString(number.Modulus)}}","e":"{{Base64Url.EncodeToString(number.Exponent)}}"}""";
    }

    public void Dispose()
    {
        if (_owned) Directory.Delete(Folder, recursive: true);
    }

    private ECDsa MakeOrRead(string name)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (_files?.Invoke(name) is { } file && File.Exists(file)) key.ImportFromPem(File.ReadAllText(file));
        return key;
    }

    /// <summary>Changes an agreement and has every party sign it anew.</summary>
    public void Grant(string agreement, string what, string with)
    {
        var path = At($"agreements/{agreement}.yaml");
        var text = File.ReadAllText(path);
        Assert.Contains(what, text, StringComparison.Ordinal);
        File.WriteAllText(path, text[..text.IndexOf("\nsignatures:", StringComparison.Ordinal)].Replace(what, with, StringComparison.Ordinal) + "\n");
        Sign(path);
    }

    private void Sign(string path)
    {
        var text = File.ReadAllText(path);
        var parties = PartiesLine().Match(text).Groups["name"].Value.Split(',', StringSplitOptions.TrimEntries);
        File.WriteAllText(path, AgreementSignature.Append(text, parties.Select(party =>
            new Signer(party, "legal representative", new DateOnly(2026, 8, 20), $"{party}-sign-2026", Key($"{party}-sign-2026")))));
    }

    private void WriteKeys(string institution)
    {
        foreach (Match match in KeySetFile().Matches(institution)) WriteJwks(match.Groups["name"].Value, Jwk(Key(match.Groups["name"].Value)));
        foreach (Match match in KeyFile().Matches(institution)) File.WriteAllText(At($"institutions/{match.Groups["name"].Value}.jwk.json"), Jwk(Key(match.Groups["name"].Value)));
    }

    private static string Committed()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln"))) return Path.Combine(folder.FullName, "contracts");
        throw new InvalidOperationException("the tests run inside the repository");
    }

    [GeneratedRegex(@"file: (?<name>[a-z0-9-]+)\.jwks\.json", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeySetFile();

    [GeneratedRegex(@"file: (?<name>[a-z0-9-]+)\.jwk\.json", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyFile();

    [GeneratedRegex(@"^parties: \[(?<name>.*)\]", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PartiesLine();
}
