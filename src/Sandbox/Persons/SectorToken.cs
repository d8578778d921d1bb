using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace Sandbox.Persons;

/// <summary>
/// Pseudonym of a person within one sector, made with the public sandbox keys of the exchanges page, section 1.4.
/// A production start that finds one of these keys refuses to run.
/// </summary>
public static class SectorToken
{
    /// <summary>Characters of a token after its prefix.</summary>
    public const int Characters = 26;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static readonly FrozenDictionary<string, string> Prefixes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["education"] = "edu",
        ["employment"] = "emp",
        ["health"] = "hea",
        ["care"] = "car",
        ["territory"] = "ter",
        ["registries"] = "reg",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, byte[]> Keys = Prefixes.Keys.ToFrozenDictionary(
        sector => sector,
        sector => SHA256.HashData(Encoding.ASCII.GetBytes("gateway sandbox sector key " + sector)),
        StringComparer.Ordinal
    );

    /// <summary>Sectors that have a key.</summary>
    public static IEnumerable<string> Sectors => Prefixes.Keys;

    /// <summary>Prefix of a sector's tokens, for example <c>edu</c>.</summary>
    public static string Prefix(string sector) => Prefixes[sector];

    /// <summary>The sandbox key of a sector: SHA-256 of a sentence that everybody knows.</summary>
    public static byte[] SandboxKey(string sector) => Keys[sector];

    /// <summary>Token text, for example <c>edu_0EHG7CY33N48KJNS6574C03H7S</c>.</summary>
    public static string Of(string sector, string idcs) => Format(sector, Number(SandboxKey(sector), idcs));

    /// <summary>The 128 bits behind a token.</summary>
    /// <param name="key">Key of the sector.</param>
    /// <param name="idcs">Ten digits.</param>
    public static UInt128 Number(ReadOnlySpan<byte> key, ReadOnlySpan<char> idcs)
    {
        Span<byte> message = stackalloc byte[5 + idcs.Length];
        "idcs:"u8.CopyTo(message);
        for (var i = 0; i < idcs.Length; i++)
            message[5 + i] = (byte)idcs[i];
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, message, mac);
        return BinaryPrimitives.ReadUInt128BigEndian(mac);
    }

    /// <summary>Writes 128 bits as a token of a sector.</summary>
    public static string Format(string sector, UInt128 number) =>
        string.Create(4 + Characters, (Prefixes[sector], number), static (text, value) =>
        {
            var (prefix, rest) = value;
            prefix.CopyTo(text);
            text[3] = '_';
            for (var i = text.Length - 1; i > 3; i--, rest >>= 5)
                text[i] = Alphabet[(int)(rest & 31)];
        });

    /// <summary>Reads a token of a sector.</summary>
    /// <param name="prefix">Prefix that it must have.</param>
    /// <param name="text">UTF-8 text as it came.</param>
    /// <param name="number">The 128 bits.</param>
    /// <returns>False when the text is not such a token.</returns>
    public static bool TryRead(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> text, out UInt128 number)
    {
        number = 0;
        if (text.Length != prefix.Length + 1 + Characters || !text.StartsWith(prefix) || text[prefix.Length] != '_')
            return false;
        var body = text[(prefix.Length + 1)..];
        if (body[0] is < (byte)'0' or > (byte)'7')
            return false;
        foreach (var character in body)
        {
            var digit = Alphabet.IndexOf((char)character, StringComparison.Ordinal);
            if (digit < 0)
                return false;
            number = (number << 5) | (uint)digit;
        }
        return true;
    }
}
