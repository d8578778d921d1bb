namespace Agreements.Identifiers;

/// <summary>
/// The civil and social identifier: ten digits, the first from 2 to 9, the last a Verhoeff check digit (exchanges page, section 1.3).
/// </summary>
public static class Idcs
{
    /// <summary>Form and check digit only: whether the number was ever issued cannot be known here.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => text.Length == 10 && text[0] is >= '2' and <= '9' && Verhoeff.IsValid(text);

    /// <summary>As above, for ASCII bytes.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text) =>
        text.Length == 10 && text[0] is >= (byte)'2' and <= (byte)'9' && Verhoeff.IsValid(text);
}
