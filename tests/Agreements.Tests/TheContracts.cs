using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Agreements.Loading;
using Agreements.Signatures;

namespace Agreements.Tests;

/// <summary>A copy of the committed contracts in a temporary folder, with keys and signatures made on the spot.</summary>
internal sealed partial class TheContracts : IDisposable
{
    private static readonly Dictionary<string, ECDsa> Keys = new(StringComparer.Ordinal);

    public TheContracts(bool signed = true)
    {
        Folder = Directory.CreateTempSubdirectory("contracts-").FullName;
        foreach (var path in Directory.EnumerateFiles(Committed, "*.yaml", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, Path.GetRelativePath(Committed, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Folder, "institutions"), "*.yaml")) WriteKeys(File.ReadAllText(path));
        if (signed) foreach (var path in Directory.EnumerateFiles(Path.Combine(Folder, "agreements"), "*.yaml")) Sign(Path.GetFileNameWithoutExtension(path));
    }

    public static string Committed { get; } = FindCommitted();

    public string Folder { get; }

    public static FixedTime Time { get; } = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    public static DateOnly Today { get; } = new(2026, 11, 21);

    public static ECDsa Key(string name)
    {
        lock (Keys)
        {
            if (!Keys.TryGetValue(name, out var key)) Keys[name] = key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return key;
        }
    }

    public string At(string path) => Path.Combine(Folder, path);

    public string Read(string path) => File.ReadAllText(At(path));

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }

    /// <summary>Replaces a text that must occur, and gives the line on which it first did.</summary>
    public int Edit(string path, string what, string with)
    {
        var text = Read(path);
        var at = text.IndexOf(what, StringComparison.Ordinal);
        Assert.True(at >= 0, $"'{what}' does not occur in {path}");
        Write(path, text[..at] + with + text[(at + what.Length)..]);
        return text[..at].Count(c => c == '\n') + 1;
    }

    public void Sign(string agreement)
    {
        var path = $"agreements/{agreement}.yaml";
        var text = Read(path);
        var parties = PartiesLine().Match(text).Groups["name"].Value.Split(',', StringSplitOptions.TrimEntries);
        Write(path, AgreementSignature.Append(text, parties.Select(party =>
            new Signer(party, "legal representative", new DateOnly(2026, 8, 20), $"{party}-sign-2026", Key($"{party}-sign-2026")))));
    }

    public RegistryLoad Load() => RegistryLoader.Load(Folder, Time);

    public Registry Registry()
    {
        var load = Load();
        Assert.Empty(load.Errors.Where(error => error.Severity is LoadSeverity.Error).Select(error => error.ToString()));
        return load.Registry!;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public static string Jwk(string name)
    {
        var point = Key(name).ExportParameters(false).Q;
        return $$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url(point.X!)}}","y":"{{Base64Url(point.Y!)}}"}""";
    }

    public static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private void WriteKeys(string institution)
    {
        foreach (Match match in KeySet().Matches(institution)) Write($"institutions/{match.Groups["name"].Value}.jwks.json", $$"""{"keys":[{{Jwk(match.Groups["name"].Value)}}]}""");
        foreach (Match match in KeyFile().Matches(institution)) Write($"institutions/{match.Groups["name"].Value}.jwk.json", Jwk(match.Groups["name"].Value));
    }

    private static string FindCommitted()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln"))) return Path.Combine(folder.FullName, "contracts");
        throw new InvalidOperationException("The tests run inside the repository.");
    }

    [GeneratedRegex(@"file: (?<name>[a-z0-9-]+)\.jwks\.json", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeySet();

    [GeneratedRegex(@"file: (?<name>[a-z0-9-]+)\.jwk\.json", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyFile();

    [GeneratedRegex(@"^parties: \[(?<name>.*)\]", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PartiesLine();
}

/// <summary>A clock that stands still.</summary>
internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
