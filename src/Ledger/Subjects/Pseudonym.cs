using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Ledger.Subjects;

/// <summary>Keyed pseudonyms (ledger page §4.1): <c>base64url(HMAC-SHA-256(key, type ":" value)[0..16])</c>, 22 characters.</summary>
public static class Pseudonym
{
    /// <summary>Computes one.</summary>
    /// <param name="key">The subject key of the quarter.</param>
    /// <param name="type"><c>edu emp hea car ter reg cref cons idem</c>.</param>
    /// <param name="value">The sector token's 26 characters, or <c>institution:header value</c>. Never an IDCS.</param>
    public static string Compute(ReadOnlySpan<byte> key, ReadOnlySpan<char> type, ReadOnlySpan<char> value)
    {
        Span<byte> text = stackalloc byte[512];
        var needed = Encoding.UTF8.GetByteCount(type) + 1 + Encoding.UTF8.GetByteCount(value);
        text = needed <= text.Length ? text : new byte[needed];
        var length = Encoding.UTF8.GetBytes(type, text);
        text[length++] = (byte)':';
        length += Encoding.UTF8.GetBytes(value, text[length..]);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, text[..length], mac);
        CryptographicOperations.ZeroMemory(text);
        return Base64Url.EncodeToString(mac[..16]);
    }
}
