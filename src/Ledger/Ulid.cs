using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ledger;

/// <summary>Exchange ids: 48 bits of Unix milliseconds and 80 random bits in 26 characters of Crockford's base 32.</summary>
public static class Ulid
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>A new id. Ids of one millisecond are in no order.</summary>
    public static string New(TimeProvider time) =>
        string.Create(26, time.GetUtcNow().ToUnixTimeMilliseconds(), static (text, milliseconds) =>
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteInt64BigEndian(bytes, milliseconds << 16);
            RandomNumberGenerator.Fill(bytes[6..]);
            var value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
            for (var i = text.Length - 1; i >= 0; i--)
            {
                text[i] = Alphabet[(int)(value & 31)];
                value >>= 5;
            }
        });

    /// <summary>The time at which an id was made, in whole milliseconds.</summary>
    /// <exception cref="FormatException">The text does not have the form of an id.</exception>
    public static DateTimeOffset TimeOf(ReadOnlySpan<char> id)
    {
        if (!IsValid(id))
            throw new FormatException("not an exchange id");
        long milliseconds = 0;
        foreach (var character in id[..10])
            milliseconds = milliseconds << 5 | (uint)Alphabet.IndexOf(character, StringComparison.Ordinal);
        return DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, 253_402_300_799_000));
    }

    /// <summary>Whether a text has the form of an id: 26 characters of the alphabet, the first at most 7.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => text.Length == 26 && text[0] <= '7' && !text.ContainsAnyExcept(Alphabet);
}
