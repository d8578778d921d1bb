using System.Buffers.Binary;
using Agreements.Identifiers;

namespace Gateway.Authorization.Dossiers;

/// <summary>An exchange id, a ULID, as the 16 bytes that the log keeps: 48 bits of Unix milliseconds, 80 random bits.</summary>
internal static class ExchangeNumber
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>The number of an id that this gateway made.</summary>
    public static UInt128 Of(string id)
    {
        UInt128 number = 0;
        foreach (var letter in id)
            number = number << 5 | (uint)Alphabet.IndexOf(letter, StringComparison.Ordinal);
        return number;
    }

    /// <summary>The id; null for zero, which stands for none.</summary>
    public static string? Text(UInt128 number)
    {
        if (number == 0)
            return null;
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return SectorToken.Base32(bytes);
    }

    /// <summary>When the exchange began.</summary>
    public static DateTimeOffset TimeOf(UInt128 number) => DateTimeOffset.FromUnixTimeMilliseconds((long)(number >> 80));
}
