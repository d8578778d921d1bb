using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Agreements;
using Agreements.Loading;
using Agreements.Signatures;

namespace Policy.Tests.Matrix;

/// <summary>A copy of the committed contracts in a temporary folder, with keys made on the spot; agreements are signed by whoever a test says.</summary>
internal sealed partial class LawFiles : IDisposable
{
    private static readonly Dictionary<string, ECDsa> Keys = new(StringComparer.Ordinal);

    public LawFiles()
    {
        Folder = Directory.CreateTempSubdirectory("law-").FullName;
        var committed = Committed();
        foreach (var path in Directory.EnumerateFiles(committed, "*.yaml", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, Path.GetRelativePath(committed, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }

        foreach (var path in Directory.GetFiles(At("institutions"), "*.yaml")) WriteKeys(File.ReadAllText(path));
        foreach (var path in Directory.GetFiles(At("agreements"), "*.yaml")) WriteSigned(Path.GetFileNameWithoutExtension(path), File.ReadAllText(path), PartiesOf(File.ReadAllText(path)));
    }

    public string Folder { get; }

    public static TimeProvider Clock { get; } = new StandingClock(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    public string At(string path) => Path.Combine(Folder, path);

    public string[] Agreements => [.. Directory.GetFiles(At("agreements"), "*.yaml").Select(static path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    public string Text(string agreement) => File.ReadAllText(At($"agreements/{agreement}.yaml"));

    public static string[] PartiesOf(string text) => [.. Parties().Match(text).Groups["names"].Value.Split(',', StringSplitOptions.TrimEntries).Select(static name => name.Trim('"'))];

    public void WriteSigned(string agreement, string text, IEnumerable<string> parties) => File.WriteAllText(At($"agreements/{agreement}.yaml"),
        parties.ToArray() is { Length: > 0 } some ? AgreementSignature.Append(text, some.Select(static party => new Signer(party, "legal representative", new DateOnly(2026, 8, 20), $"{party}-sign-2026", Key($"{party}-sign-2026")))) : text);

    public RegistryLoad Load() => RegistryLoader.Load(Folder, Clock);

    public Registry Registry()
    {
        var load = Load();
        Assert.Empty(load.Errors.Where(static error => error.Severity is LoadSeverity.Error).Select(static error => error.ToString()));
        return load.Registry!;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void WriteKeys(string institution)
    {
        foreach (Match match in KeySet().Matches(institution)) File.WriteAllText(At($"institutions/{match.Groups["name"].Value}.jwks.json"), $$"""{"keys":[{{Jwk(match.Groups["name"].Value)}}]}""");
        foreach (Match match in KeyFile().Matches(institution)) File.WriteAllText(At($"institutions/{match.Groups["name"].Value}.jwk.json"), Jwk(match.Groups["name"].Value));
    }

    /// <summary>A private key of an institution, for tools that sign.</summary>
    public static string PrivatePem(string name) => Key(name).ExportPkcs8PrivateKeyPem();

    private static ECDsa Key(string name)
    {
        lock (Keys)
        {
            if (!Keys.TryGetValue(name, out var key)) Keys[name] = key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return key;
        }
    }

    private static string Jwk(string name)
    {
        var point = Key(name).ExportParameters(false).Q;
        return $$"""{"kty":"EC","crv":"P-256","x":"{{System.Buffers.Text.Base64Url.EncodeToString(point.X!)}}","y":"{{System.Buffers.Text.Base64Url.EncodeToString(point.Y!)}}"}""";
    }

    private static string Committed()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln"))) return Path.Combine(folder.FullName, "contracts");
        throw new InvalidOperationException("The tests run inside the repository.");
    }

    [GeneratedRegex(@"file: (?<name>[a-z0-9-]+)\.jwks\.json", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeySet();

    [GeneratedRegex(@"file: (?<name>[a-z0-9-]+)\.jwk\.json", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyFile();

    [GeneratedRegex(@"^parties: \[(?<names>.*)\]", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parties();

    private sealed class StandingClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
