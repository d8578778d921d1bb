namespace Tokens.Revocation;

/// <summary>
/// Serial numbers of certificates as text: small hexadecimal digits, without the zeros in front that encoders add or leave out.
/// </summary>
public static class SerialNumber
{
    /// <summary>The text of the number's bytes.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) =>
        Convert.ToHexStringLower(bytes.Length > 1 ? bytes.TrimStart((byte)0) : bytes) is { Length: > 0 } text ? text : "00";

    /// <summary>
    /// Reads what a person copied: digits in either case, with or without colons, blanks or <c>0x</c>; null when it is no serial number.
    /// </summary>
    public static string? Read(string written)
    {
        var digits = new string([.. written.Where(static c => c is not (':' or ' ' or '-'))]);
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            digits = digits[2..];
        if (digits.Length % 2 == 1)
            digits = "0" + digits;
        return digits.Length is > 0 and <= 64 && digits.All(char.IsAsciiHexDigit) ? Text(Convert.FromHexString(digits)) : null;
    }
}
