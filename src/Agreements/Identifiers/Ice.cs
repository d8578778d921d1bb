namespace Agreements.Identifiers;

/// <summary>Organisation number (ICE): fifteen digits, the number modulo 97 is 0 (exchanges page, section 1.3).</summary>
public static class Ice
{
    /// <summary>Form and check.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length != 15)
            return false;
        var rest = 0;
        foreach (var c in text)
        {
            if (c is < '0' or > '9')
                return false;
            rest = (rest * 10 + (c - '0')) % 97;
        }
        return rest == 0;
    }
}
