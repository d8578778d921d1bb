namespace Agreements.Identifiers;

/// <summary>The Verhoeff check digit (exchanges page, section 1.3): finds every wrong digit and every swap of neighbours.</summary>
public static class Verhoeff
{
    private static ReadOnlySpan<byte> Product =>
        [
            0,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8,
            9,
            1,
            2,
            3,
            4,
            0,
            6,
            7,
            8,
            9,
            5,
            2,
            3,
            4,
            0,
            1,
            7,
            8,
            9,
            5,
            6,
            3,
            4,
            0,
            1,
            2,
            8,
            9,
            5,
            6,
            7,
            4,
            0,
            1,
            2,
            3,
            9,
            5,
            6,
            7,
            8,
            5,
            9,
            8,
            7,
            6,
            0,
            4,
            3,
            2,
            1,
            6,
            5,
            9,
            8,
            7,
            1,
            0,
            4,
            3,
            2,
            7,
            6,
            5,
            9,
            8,
            2,
            1,
            0,
            4,
            3,
            8,
            7,
            6,
            5,
            9,
            3,
            2,
            1,
            0,
            4,
            9,
            8,
            7,
            6,
            5,
            4,
            3,
            2,
            1,
            0,
        ];

    private static ReadOnlySpan<byte> Permutation =>
        [
            0,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8,
            9,
            1,
            5,
            7,
            6,
            2,
            8,
            3,
            0,
            9,
            4,
            5,
            8,
            0,
            3,
            7,
            9,
            6,
            1,
            4,
            2,
            8,
            9,
            1,
            6,
            0,
            4,
            3,
            5,
            2,
            7,
            9,
            4,
            5,
            3,
            1,
            2,
            6,
            8,
            7,
            0,
            4,
            2,
            8,
            6,
            5,
            7,
            3,
            9,
            0,
            1,
            2,
            7,
            9,
            3,
            8,
            0,
            6,
            4,
            1,
            5,
            7,
            0,
            4,
            6,
            9,
            1,
            3,
            2,
            5,
            8,
        ];

    private static ReadOnlySpan<byte> Inverse => [0, 4, 3, 2, 1, 5, 6, 7, 8, 9];

    /// <summary>Are all characters ASCII digits, the last one being the check digit of the others?</summary>
    public static bool IsValid(ReadOnlySpan<char> digits)
    {
        var check = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            if (digit is < 0 or > 9)
                return false;
            check = Product[check * 10 + Permutation[i % 8 * 10 + digit]];
        }
        return digits.Length > 0 && check == 0;
    }

    /// <summary>As above, for ASCII bytes.</summary>
    public static bool IsValid(ReadOnlySpan<byte> digits)
    {
        var check = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            if (digit is < 0 or > 9)
                return false;
            check = Product[check * 10 + Permutation[i % 8 * 10 + digit]];
        }
        return digits.Length > 0 && check == 0;
    }

    /// <summary>The check digit to append to <paramref name="digits"/>.</summary>
    /// <exception cref="ArgumentException">A character is no ASCII digit.</exception>
    public static char CheckDigit(ReadOnlySpan<char> digits)
    {
        var check = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            if (digit is < 0 or > 9)
                throw new ArgumentException("Digits only.", nameof(digits));
            check = Product[check * 10 + Permutation[(i + 1) % 8 * 10 + digit]];
        }
        return (char)('0' + Inverse[check]);
    }
}
