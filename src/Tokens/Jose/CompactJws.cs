using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Tokens.Jose;

/// <summary>
/// Splits and decodes <c>BASE64URL(header) "." BASE64URL(payload) "." BASE64URL(signature)</c> (RFC 7515 section 7.1) strictly: three
/// non-empty segments, no padding, no white space, unused trailing bits zero. One token has exactly one spelling.
/// </summary>
internal static class CompactJws
{
    private static readonly SearchValues<char> Alphabet = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    );

    /// <summary>Decodes header and payload; false when any of the three segments is not strict base64url.</summary>
    internal static bool TryDecode(
        ReadOnlySpan<char> compact,
        [NotNullWhen(true)] out byte[]? header,
        [NotNullWhen(true)] out byte[]? payload
    )
    {
        (header, payload) = (null, null);
        var first = compact.IndexOf('.');
        var last = compact.LastIndexOf('.');
        if (first <= 0 || last <= first + 1 || last == compact.Length - 1)
            return false;
        var signature = compact[(last + 1)..];
        if (!IsStrict(compact[..first]) || !IsStrict(compact[(first + 1)..last]) || !IsStrict(signature))
            return false;
        header = Base64Url.DecodeFromChars(compact[..first]);
        payload = Base64Url.DecodeFromChars(compact[(first + 1)..last]);
        return true;
    }

    /// <summary>
    /// Alphabet, length, and zero trailing bits. A dot in the middle segment fails the alphabet, so there are exactly three.
    /// </summary>
    internal static bool IsStrict(ReadOnlySpan<char> segment)
    {
        if (segment.IsEmpty || segment.ContainsAnyExcept(Alphabet))
            return false;
        return (segment.Length % 4) switch
        {
            0 => true,
            2 => "AQgw".Contains(segment[^1], StringComparison.Ordinal), // low four bits zero
            3 => "AEIMQUYcgkosw048".Contains(segment[^1], StringComparison.Ordinal), // low two bits zero
            _ => false,
        };
    }
}
