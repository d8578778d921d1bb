using System.Security.Cryptography;
using System.Text;

namespace Agreements.Identifiers;

/// <summary>
/// A person's pseudonym in one sector: <c>prefix "_" base32( HMAC-SHA-256( sectorKey, "idcs:" idcs )[0..15] )</c> (exchanges page, section
/// 1.4).
/// </summary>
public static class SectorToken
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>Length of every token.</summary>
    public const int Length = 30;

    /// <summary>
    /// Prefix of a known sector that travels, underscore, 26 characters of Crockford's alphabet, the first from 0 to 7. Upper case only.
    /// </summary>
    public static bool IsWellFormed(ReadOnlySpan<char> token) =>
        token.Length == Length
        && token[3] == '_'
        && token[..3] is "edu" or "emp" or "hea" or "car" or "ter"
        && token[4] is >= '0' and <= '7'
        && !token[4..].ContainsAnyExcept(Alphabet);

    /// <summary>Does the token begin with the prefix of this sector? Say nothing about its form.</summary>
    public static bool IsOf(ReadOnlySpan<char> token, string sector) =>
        Sector.Prefix(sector) is { } prefix && token.Length > 3 && token[3] == '_' && token[..3].SequenceEqual(prefix);

    /// <summary>The token of a person in a sector.</summary>
    /// <param name="key">The sector's key, 32 bytes.</param>
    /// <param name="sector">The sector.</param>
    /// <param name="idcs">The person's identifier, valid.</param>
    /// <exception cref="ArgumentException">Key length, sector or identifier is wrong; the message names none of them.</exception>
    public static string Compute(ReadOnlySpan<byte> key, string sector, ReadOnlySpan<char> idcs)
    {
        if (key.Length != 32)
            throw new ArgumentException("A sector key has 32 bytes.", nameof(key));
        if (!Idcs.IsValid(idcs))
            throw new ArgumentException("Not an identifier.", nameof(idcs));
        var prefix = Sector.Prefix(sector) ?? throw new ArgumentException("Not a sector.", nameof(sector));
        Span<byte> message = stackalloc byte[15];
        "idcs:"u8.CopyTo(message);
        Encoding.ASCII.GetBytes(idcs, message[5..]);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, message, mac);
        return $"{prefix}_{Base32(mac[..16])}";
    }

    /// <summary>Sixteen bytes as one big-endian integer in 26 characters of Crockford's alphabet, most significant first.</summary>
    public static string Base32(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 16)
            throw new ArgumentException("Sixteen bytes.", nameof(bytes));
        var value = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        Span<char> text = stackalloc char[26];
        for (var i = 25; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(value & 31)];
            value >>= 5;
        }
        return new string(text);
    }
}
