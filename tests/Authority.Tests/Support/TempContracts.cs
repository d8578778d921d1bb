using System.Buffers.Text;
using System.Security.Cryptography;
using Contracts;

namespace Authority.Tests.Support;

/// <summary>A copy of the committed contracts with keys and signatures made on the spot, and a few clients of the tests' own.</summary>
internal sealed class TempContracts : IDisposable
{
    private readonly Dictionary<string, ECDsa> _keys = new(StringComparer.Ordinal);

    private readonly CopiedContracts _copy;
    private readonly bool _owned;
    private readonly Func<string, string>? _files;

    /// <summary>Contracts that were written before, with their keys in files; nothing is deleted afterwards.</summary>
    public TempContracts(string folder, Func<string, string> keyFiles) => (_copy, _files) = (new CopiedContracts(folder, Key), keyFiles);

    /// <summary>A fresh copy.</summary>
    /// <param name="extraClients">Registrations to add.</param>
    /// <param name="folder">Where; null for a temporary folder that goes away.</param>
    public TempContracts(string extraClients, string? folder = null)
    {
        _owned = folder is null;
        _copy = CopiedContracts.To(
            folder is null ? Directory.CreateTempSubdirectory("contracts-").FullName : Directory.CreateDirectory(folder).FullName,
            Key
        );
        Edit("institutions/anss.yaml", static text => text, "signingKeys:", extraClients + "signingKeys:");
        foreach (var client in new[] { "anss-eligibility", "anss-batch" })
            Edit(
                "institutions/anss.yaml",
                static text => text,
                $"    jwks: {{ file: {client}.jwks.json }}\n",
                $"    jwks: {{ file: {client}.jwks.json }}\n    limits: {{ tokensPerMinute: 100000, connections: 32, requestsPerSecond: 1000 }}\n"
            );
        _copy.WriteKeys();
        _copy.SignAll();
    }

    public string Folder => _copy.Folder;

    /// <summary>Every key that was made so far.</summary>
    public IReadOnlyDictionary<string, ECDsa> Keys => _keys;

    public ECDsa Key(string name) => _keys.TryGetValue(name, out var key) ? key : _keys[name] = MakeOrRead(name);

    public string At(string path) => _copy.At(path);

    public void Edit(string path, Func<string, string> also, string what, string with)
    {
        var text = File.ReadAllText(At(path));
        Assert.Contains(what, text, StringComparison.Ordinal);
        File.WriteAllText(At(path), also(text.Replace(what, with, StringComparison.Ordinal)));
    }

    public void WriteJwks(string client, params string[] jwks) => _copy.WriteKeySet(client, jwks);

    public static string Jwk(ECDsa key) => CopiedContracts.Jwk(key);

    public static string Jwk(RSA key)
    {
        var number = key.ExportParameters(includePrivateParameters: false);
        return $$"""{"kty":"RSA","n":"{{Base64Url.EncodeToString(number.Modulus)}}","e":"{{Base64Url.EncodeToString(number.Exponent)}}"}""";
    }

    public void Dispose()
    {
        if (_owned)
            Directory.Delete(Folder, recursive: true);
    }

    private ECDsa MakeOrRead(string name)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (_files?.Invoke(name) is { } file && File.Exists(file))
            key.ImportFromPem(File.ReadAllText(file));
        return key;
    }

    /// <summary>Changes an agreement and has every party sign it anew.</summary>
    public void Grant(string agreement, string what, string with)
    {
        var path = At($"agreements/{agreement}.yaml");
        var text = File.ReadAllText(path);
        Assert.Contains(what, text, StringComparison.Ordinal);
        File.WriteAllText(
            path,
            text[..text.IndexOf("\nsignatures:", StringComparison.Ordinal)].Replace(what, with, StringComparison.Ordinal) + "\n"
        );
        _copy.Sign(agreement);
    }
}
