using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Authorization.Dossiers;

/// <summary>
/// Whom a dossier is about: the first 16 bytes of HMAC-SHA-256(key, "dossier:" sector token). The key is neither a sector key nor the
/// ledger's, so the register and the log cannot be joined.
/// </summary>
internal static class DossierPseudonym
{
    /// <summary>The pseudonym as a number; allocates nothing.</summary>
    public static UInt128 Of(ReadOnlySpan<byte> key, ReadOnlySpan<char> sectorToken)
    {
        Span<byte> message = stackalloc byte[64],
            mac = stackalloc byte[32];
        "dossier:"u8.CopyTo(message);
        var length = 8 + Encoding.ASCII.GetBytes(sectorToken, message[8..]);
        HMACSHA256.HashData(key, message[..length], mac);
        return BinaryPrimitives.ReadUInt128BigEndian(mac);
    }

    /// <summary>Reads its 22 characters of base64url.</summary>
    /// <exception cref="FormatException">They are none.</exception>
    public static UInt128 Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[24];
        if (text.Length != 22 || System.Buffers.Text.Base64Url.DecodeFromChars(text, bytes) != 16)
            throw new FormatException();
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
