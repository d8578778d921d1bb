namespace Sandbox.Persons;

/// <summary>
/// The check digit of a digital civil and social identifier (IDCS): dihedral code D5 (exchanges page, section 1.3).
/// Written apart from the gateway's own on purpose: the stand-ins are the other side, and the two check one another.
/// </summary>
public static class Verhoeff
{
    private static ReadOnlySpan<byte> Inverse => [0, 4, 3, 2, 1, 5, 6, 7, 8, 9];
    private static readonly byte[][] Permuted = Permutations();

    /// <summary>Does the number, check digit included, pass?</summary>
    /// <param name="digits">ASCII digits only.</param>
    public static bool IsValid(ReadOnlySpan<char> digits)
    {
        if (digits.IsEmpty)
            return false;
        foreach (var digit in digits)
            if (!char.IsAsciiDigit(digit))
                return false;
        return Sum(digits, 0) == 0;
    }

    /// <summary>The digit that makes the number valid when it is put behind it.</summary>
    public static char CheckDigit(ReadOnlySpan<char> digits) => (char)('0' + Inverse[Sum(digits, 1)]);

    private static int Sum(ReadOnlySpan<char> digits, int position)
    {
        var sum = 0;
        for (var i = digits.Length - 1; i >= 0; i--, position++)
            sum = Multiply(sum, Permuted[position % 8][digits[i] - '0']);
        return sum;
    }

    /// <summary>Multiplication in D5: 0 to 4 are rotations, 5 to 9 reflections.</summary>
    private static int Multiply(int left, int right) =>
        (left, right) switch
        {
            ( < 5, < 5) => (left + right) % 5,
            ( < 5, _) => 5 + ((left + right) % 5),
            (_, < 5) => 5 + ((left - right) % 5),
            _ => (left - right + 5) % 5,
        };

    private static byte[][] Permutations()
    {
        byte[] step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
        var table = new byte[8][];
        table[0] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        for (var row = 1; row < table.Length; row++)
            table[row] = Array.ConvertAll(table[row - 1], digit => step[digit]);
        return table;
    }
}
