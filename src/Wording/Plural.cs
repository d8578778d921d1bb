namespace Wording;

/// <summary>Forms that a counted noun takes (Unicode CLDR, plural rules of cardinal numbers).</summary>
public static class Plural
{
    /// <summary>Names of all forms, as in text files.</summary>
    public static IReadOnlyList<string> Forms { get; } = ["zero", "one", "two", "few", "many", "other"];

    /// <summary>The form of a whole number that is not negative.</summary>
    /// <param name="number">The number.</param>
    /// <param name="language">A language of <see cref="Languages.All"/>.</param>
    public static string FormOf(long number, string language)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        return language switch
        {
            Languages.Arabic => Arabic(number),
            Languages.French => number < 2 ? "one"
            : number % 1_000_000 == 0 ? "many"
            : "other",
            _ => number == 1 ? "one" : "other",
        };
    }

    /// <summary>Forms that a language tells apart.</summary>
    public static IReadOnlyList<string> FormsOf(string language) =>
        language switch
        {
            Languages.Arabic => Forms,
            Languages.French => ["one", "many", "other"],
            _ => ["one", "other"],
        };

    private static string Arabic(long number) =>
        number switch
        {
            0 => "zero",
            1 => "one",
            2 => "two",
            _ => (number % 100) switch
            {
                >= 3 and <= 10 => "few",
                >= 11 => "many",
                _ => "other",
            },
        };
}
