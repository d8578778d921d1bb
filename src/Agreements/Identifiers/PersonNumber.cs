namespace Agreements.Identifiers;

/// <summary>
/// Finds a person's number in a text that must not be one: case references, agents, batch references (exchanges page, section 1.2).
/// It errs on the side of refusing: a reference can be chosen differently, a leaked identifier cannot be taken back.
/// </summary>
public static class PersonNumber
{
    /// <summary>
    /// Does the text contain ten digits in a row that pass the Verhoeff rule, or is a word of it shaped like an identity card number
    /// (one or two letters, then five or six digits)?
    /// </summary>
    public static bool IsIn(ReadOnlySpan<char> text) => HasCheckedTenDigits(text) || HasCard(text);

    // Every window is tried, longer runs of digits included: an identifier glued to other digits is an identifier still.
    private static bool HasCheckedTenDigits(ReadOnlySpan<char> text)
    {
        for (var i = 0; i + 10 <= text.Length; i++)
            if (Verhoeff.IsValid(text.Slice(i, 10)))
                return true;
        return false;
    }

    private static bool HasCard(ReadOnlySpan<char> text)
    {
        foreach (var range in text.SplitAny('.', '_', '-', ' ', '/', ':'))
            if (IsCard(text[range]))
                return true;
        return false;
    }

    /// <summary>The shape of an identity card number (CNIE): one or two letters, then five or six digits.</summary>
    public static bool IsCard(ReadOnlySpan<char> word)
    {
        var letters = 0;
        while (letters < word.Length && char.IsAsciiLetter(word[letters]))
            letters++;
        var digits = word[letters..];
        return letters is 1 or 2 && digits.Length is 5 or 6 && !digits.ContainsAnyExceptInRange('0', '9');
    }
}
