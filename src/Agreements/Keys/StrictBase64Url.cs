using System.Buffers.Text;

namespace Agreements.Keys;

/// <summary>Base64url of one spelling: no padding, no white space, unused bits zero (RFC 7515, section 2).</summary>
internal static class StrictBase64Url
{
    /// <summary>The bytes; null when the text is not their one spelling.</summary>
    public static byte[]? Decode(string text)
    {
        if (text.Length is 0 or > 4096 || !Base64Url.IsValid(text))
            return null;
        var bytes = Base64Url.DecodeFromChars(text);
        return Base64Url.EncodeToString(bytes) == text ? bytes : null;
    }
}
