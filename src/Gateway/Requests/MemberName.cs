using Agreements.Identifiers;

namespace Gateway.Requests;

/// <summary>
/// Which names of members, parameters and claims that no contract knows are said back to whoever sent them. A mistyped name is; what could
/// hold an
/// identifier, or a text, is not: then its place among its neighbours says which one is meant.
/// </summary>
internal static class MemberName
{
    /// <summary>Longest name that is said back.</summary>
    public const int Longest = 40;

    // A sector token has 26 characters in one word; identifiers have five digits or more.
    private const int LongestWord = 21,
        MostDigits = 3;
    private static readonly System.Buffers.SearchValues<char> Allowed = System.Buffers.SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.:$@"
    );

    /// <summary>May the name be said back?</summary>
    public static bool IsSafe(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > Longest || name.ContainsAnyExcept(Allowed) || PersonNumber.IsIn(name))
            return false;
        var digits = 0;
        foreach (var character in name)
            if (char.IsAsciiDigit(character))
                digits++;
        if (digits > MostDigits)
            return false;
        foreach (var word in name.SplitAny('_', '-', '.', ':'))
            if (name[word].Length > LongestWord)
                return false;
        return true;
    }
}
