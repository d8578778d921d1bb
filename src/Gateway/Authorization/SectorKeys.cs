using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Agreements.Identifiers;
using Tokens.Renewal;

namespace Gateway.Authorization;

/// <summary>
/// Keys that turn an IDCS into a sector token, and the key of the dossier register (exchanges page, sections 1.4 and 11.2). They
/// live on the gateway nodes only: whoever holds one can invert every token of its sector.
/// </summary>
internal sealed class SectorKeys
{
    private static readonly string[] Sectors = ["education", "employment", "health", "care", "territory"];
    private readonly Renewed<FrozenDictionary<string, byte[]>> _keys;

    private SectorKeys(Renewed<FrozenDictionary<string, byte[]>> keys, byte[] dossierKey) => (_keys, DossierKey) = (keys, dossierKey);

    /// <summary>Key of the dossier register.</summary>
    public byte[] DossierKey { get; }

    /// <summary>Reads <c>sector.&lt;name&gt;.key</c> and <c>dossier.key</c>, 64 hexadecimal digits each.</summary>
    /// <param name="folder">Folder that holds them.</param>
    /// <param name="development">Admits the published keys of the sandbox.</param>
    /// <param name="watch">Reads the sectors' keys again when their files change; null reads them once.</param>
    /// <exception cref="InvalidDataException">A key is missing, malformed, or published while this is not a sandbox.</exception>
    public static SectorKeys Load(string folder, bool development, WatchedFiles? watch = null)
    {
        string[] files = [.. Sectors.Select(sector => Path.Combine(folder, $"sector.{sector}.key"))];
        var dossierFile = Path.Combine(folder, "dossier.key");
        byte[] Key(string file, string name)
        {
            var key = KeyFile.Read(file);
            if (!development)
                MustBeSecret(key, name);
            return key;
        }

        FrozenDictionary<string, byte[]> Read() =>
            Sectors.Zip(files).ToFrozenDictionary(static one => one.First, one => Key(one.Second, one.First), StringComparer.Ordinal);
        var keys = watch?.Hold("Keys:sector", files, Read) ?? new Renewed<FrozenDictionary<string, byte[]>>(Read());
        // Declared dossiers are stored under pseudonyms of this key: with another key none would be found.
        var dossier = watch?.Hold(
            "Keys:dossier.key",
            [dossierFile],
            () => Key(dossierFile, "dossier"),
            static _ => "what was declared stands under the key in force, so another one takes a restart and new declarations"
        )
            ?? new Renewed<byte[]>(Key(dossierFile, "dossier"));
        return new SectorKeys(keys, dossier.Current);
    }

    private static void MustBeSecret(byte[] key, string name)
    {
        if (CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.ASCII.GetBytes($"gateway sandbox sector key {name}")), key))
            throw new InvalidDataException(
                $"the key {name} is the sandbox's published one; make a secret key, or set Development for a sandbox"
            );
    }

    /// <summary>The token of <paramref name="idcs"/> in <paramref name="sector"/>.</summary>
    public string TokenOf(string sector, string idcs) => SectorToken.Compute(_keys.Current[sector], sector, idcs);
}
