namespace Gateway.Requests;

/// <summary>A school year, 1 September to 31 August.</summary>
/// <param name="FirstYear">Calendar year of its September.</param>
public readonly record struct SchoolYear(int FirstYear)
{
    /// <summary>First day.</summary>
    public DateOnly From => new(FirstYear, 9, 1);

    /// <summary>Last day.</summary>
    public DateOnly Until => new(FirstYear + 1, 8, 31);

    /// <summary>The school year in which a civil day lies.</summary>
    public static SchoolYear Of(DateOnly day) => new(day.Month >= 9 ? day.Year : day.Year - 1);

    /// <summary>Does a civil day lie in it?</summary>
    public bool Contains(DateOnly day) => day >= From && day <= Until;

    /// <summary>Reads <c>2026-2027</c>; the second year is the first plus one.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SchoolYear year)
    {
        year = default;
        if (text.Length != 9 || text[4] != '-' || !Digits(text[..4], out var first) || !Digits(text[5..], out var second))
            return false;
        if (second != first + 1 || first < 1)
            return false;
        year = new SchoolYear(first);
        return true;
    }

    /// <summary><c>2026-2027</c>.</summary>
    public override string ToString() => $"{FirstYear:D4}-{FirstYear + 1:D4}";

    private static bool Digits(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number);
}
