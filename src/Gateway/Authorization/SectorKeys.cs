using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Agreements.Identifiers;

namespace Gateway.Authorization;

/// <summary>
/// Keys that turn an IDCS into a sector token, and the key of the dossier register (exchanges page, sections 1.4 and 11.2). They
/// live on the gateway nodes only: whoever holds one can invert every token of its sector.
/// </summary>
internal sealed class SectorKeys
{
    private static readonly string[] Sectors = ["education", "employment", "health", "care", "territory"];
    private readonly FrozenDictionary<string, byte[]> _keys;

    private SectorKeys(FrozenDictionary<string, byte[]> keys, byte[] dossierKey) => (_keys, DossierKey) = (keys, dossierKey);

    /// <summary>Key of the dossier register.</summary>
    public byte[] DossierKey { get; }

    /// <summary>Reads <c>sector.&lt;name&gt;.key</c> and <c>dossier.key</c>, 64 hexadecimal digits each.</summary>
    /// <param name="folder">Folder that holds them.</param>
    /// <param name="development">Admits the published keys of the sandbox.</param>
    /// <exception cref="InvalidDataException">A key is missing, malformed, or published while this is not a sandbox.</exception>
    public static SectorKeys Load(string folder, bool development)
    {
        var keys = Sectors.ToFrozenDictionary(static sector => sector, sector => KeyFile.Read(Path.Combine(folder, $"sector.{sector}.key")), StringComparer.Ordinal);
        var dossier = KeyFile.Read(Path.Combine(folder, "dossier.key"));
        foreach (var sector in Sectors) if (!development) MustBeSecret(keys[sector], sector);
        if (!development) MustBeSecret(dossier, "dossier");
        return new SectorKeys(keys, dossier);
    }

    private static void MustBeSecret(byte[] key, string name)
    {
        if (CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.ASCII.GetBytes($"gateway sandbox sector key {name}")), key))
            throw new InvalidDataException($"the key {name} is the sandbox's published one; make a secret key, or set Development for a sandbox");
    }

    /// <summary>The token of <paramref name="idcs"/> in <paramref name="sector"/>.</summary>
    public string TokenOf(string sector, string idcs) => SectorToken.Compute(_keys[sector], sector, idcs);
}
