using System.Buffers.Binary;
using System.Buffers.Text;
using Ledger;

namespace AuditIndex.Filling;

/// <summary>Ids and pseudonyms as the 16 bytes that they spell.</summary>
internal static class BinaryId
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>The bytes of a ULID, or null for anything else.</summary>
    public static byte[]? OfUlid(ReadOnlySpan<char> text)
    {
        if (!Ulid.IsValid(text))
        {
            return null;
        }

        var value = UInt128.Zero;
        foreach (var c in text)
        {
            value = value << 5 | (UInt128)Alphabet.IndexOf(c, StringComparison.Ordinal);
        }

        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return bytes;
    }

    public static string? ToUlid(byte[]? bytes)
    {
        if (bytes is null)
        {
            return null;
        }

        return string.Create(26, BinaryPrimitives.ReadUInt128BigEndian(bytes), static (text, value) =>
        {
            for (var i = text.Length - 1; i >= 0; i--)
            {
                text[i] = Alphabet[(int)(value & 31)];
                value >>= 5;
            }
        });
    }

    /// <summary>The bytes of a pseudonym (22 characters of base64url), or null for anything else.</summary>
    public static byte[]? OfPseudonym(ReadOnlySpan<char> text)
    {
        var bytes = new byte[16];
        return text.Length == 22 && Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, bytes, out var written) && written == 16
            ? bytes
            : null;
    }

    public static string? ToPseudonym(byte[]? bytes) => bytes is null ? null : Base64Url.EncodeToString(bytes);
}
