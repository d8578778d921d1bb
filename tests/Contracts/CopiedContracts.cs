using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Agreements.Signatures;

namespace Contracts;

/// <summary>
/// A copy of the committed contracts in a folder. The files of keys that its institutions name are written with keys that nobody else has,
/// and its agreements are signed by whoever a test says.
/// </summary>
internal sealed partial class CopiedContracts
{
    private static readonly Dictionary<string, ECDsa> Made = new(StringComparer.Ordinal);
    private readonly Func<string, ECDsa> _key;

    /// <summary>Contracts that stand in a folder already.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="key">The private key of a name; null for <see cref="Key"/>.</param>
    public CopiedContracts(string folder, Func<string, ECDsa>? key = null) => (Folder, _key) = (folder, key ?? Key);

    /// <summary>The contracts of the repository.</summary>
    public static string Committed { get; } = Find();

    /// <summary>Where the copy is.</summary>
    public string Folder { get; }

    /// <summary>Copies them; neither keys nor signatures are made yet.</summary>
    public static CopiedContracts To(string folder, Func<string, ECDsa>? key = null)
    {
        foreach (var path in Directory.EnumerateFiles(Committed, "*.yaml", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(Committed, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }

        return new CopiedContracts(folder, key);
    }

    /// <summary>A private key on P-256, one for each name in this process.</summary>
    public static ECDsa Key(string name)
    {
        lock (Made)
        {
            if (!Made.TryGetValue(name, out var key))
                Made[name] = key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return key;
        }
    }

    /// <summary>The public half as JWK.</summary>
    public static string Jwk(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url(point.X!)}}","y":"{{Base64Url(point.Y!)}}"}""";
    }

    /// <summary>Base64url without padding.</summary>
    public static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    /// <summary>The parties that an agreement's text names.</summary>
    public static string[] PartiesOf(string text) =>
        [.. Parties().Match(text).Groups["names"].Value.Split(',', StringSplitOptions.TrimEntries).Select(static name => name.Trim('"'))];

    /// <summary>A file of the copy.</summary>
    public string At(string path) => Path.Combine(Folder, path);

    /// <summary>The agreements that there are.</summary>
    public string[] Agreements() =>
        [
            .. Directory
                .GetFiles(At("agreements"), "*.yaml")
                .Select(static path => Path.GetFileNameWithoutExtension(path))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Writes every file of keys that an institution names.</summary>
    public void WriteKeys()
    {
        foreach (var institution in Directory.GetFiles(At("institutions"), "*.yaml").Select(File.ReadAllText))
        {
            foreach (Match match in KeySet().Matches(institution))
                WriteKeySet(match.Groups["name"].Value, Jwk(_key(match.Groups["name"].Value)));
            foreach (Match match in KeyFile().Matches(institution))
                File.WriteAllText(At($"institutions/{match.Groups["name"].Value}.jwk.json"), Jwk(_key(match.Groups["name"].Value)));
        }
    }

    /// <summary>Writes the key set of a client.</summary>
    public void WriteKeySet(string client, params string[] keys) =>
        File.WriteAllText(At($"institutions/{client}.jwks.json"), $$"""{"keys":[{{string.Join(',', keys)}}]}""");

    /// <summary>All agreements, each signed by all its parties.</summary>
    public void SignAll()
    {
        foreach (var agreement in Agreements())
            Sign(agreement);
    }

    /// <summary>One agreement as it stands, signed by all its parties.</summary>
    public void Sign(string agreement)
    {
        var text = File.ReadAllText(At($"agreements/{agreement}.yaml"));
        Sign(agreement, text, PartiesOf(text));
    }

    /// <summary>One agreement with this text, signed by these alone.</summary>
    public void Sign(string agreement, string text, IEnumerable<string> parties) =>
        File.WriteAllText(
            At($"agreements/{agreement}.yaml"),
            parties.ToArray() is { Length: > 0 } some
                ? AgreementSignature.Append(
                    text,
                    some.Select(party => new Signer(
                        party,
                        "legal representative",
                        new DateOnly(2026, 8, 20),
                        $"{party}-sign-2026",
                        _key($"{party}-sign-2026")
                    ))
                )
                : text
        );

    /// <summary>
    /// One agreement under many other ids, <see cref="Other"/>, signed by its two parties; no other agreement, and no leg that leads to
    /// one.
    /// </summary>
    public void Multiply(string agreement, int count)
    {
        var text =
            string.Join(
                '\n',
                File.ReadLines(At($"agreements/{agreement}.yaml")).Where(static line => !line.Contains("under: ", StringComparison.Ordinal))
            ) + "\n";
        foreach (var name in (string[])["agreements", "former"])
            foreach (var path in Directory.GetFiles(At(name)))
                File.Delete(path);
        File.WriteAllText(At("suspensions.yaml"), "schema: gateway.suspensions/1\nsuspensions: []\n");
        var parties = PartiesOf(text)[..2];
        for (var i = 0; i < count; i++)
            Sign(Other(i), text.Replace(agreement, Other(i), StringComparison.Ordinal), parties);
    }

    /// <summary>The id of one of many.</summary>
    public static string Other(int number) => FormattableString.Invariant($"ANSS-B{number:00000}-2026-01");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
                return Path.Combine(folder.FullName, "contracts");
        throw new InvalidOperationException("The tests run inside the repository.");
    }

    [GeneratedRegex(@"file: (?<name>[a-z0-9-]+)\.jwks\.json", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeySet();

    [GeneratedRegex(@"file: (?<name>[a-z0-9-]+)\.jwk\.json", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyFile();

    [GeneratedRegex(@"^parties: \[(?<names>.*)\]", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parties();
}
