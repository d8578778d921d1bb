using System.Globalization;

namespace Wording;

/// <summary>Days and hours as Moroccan offices write them, in <c>Africa/Casablanca</c>.</summary>
public static class Days
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Africa/Casablanca");

    internal static TextBook Words { get; } = TextBook.Of(typeof(Days).Assembly, "words");

    /// <summary><c>1er septembre 2026</c>, <c>فاتح شتنبر 2026</c>.</summary>
    public static string Say(DateOnly day, string language)
    {
        var month = Words.Say("months", language).Split(' ')[day.Month - 1];
        var year = day.Year.ToString("0000", CultureInfo.InvariantCulture);
        return day.Day == 1 ? Words.Fill("first-day", language, month, year) : Words.Fill("day", language, Figures(day.Day), month, year);
    }

    /// <summary>A month of a year: <c>novembre 2026</c>.</summary>
    public static string Month(DateOnly day, string language) =>
        Words.Fill(
            "month",
            language,
            Words.Say("months", language).Split(' ')[day.Month - 1],
            day.Year.ToString("0000", CultureInfo.InvariantCulture)
        );

    /// <summary><c>8 h 30</c>, <c>8:30</c>.</summary>
    public static string Say(TimeOnly hour, string language) =>
        hour.Minute == 0 && language == Languages.French
            ? Words.Fill("hour", language, Figures(hour.Hour))
            : Words.Fill("hour-minutes", language, Figures(hour.Hour), hour.Minute.ToString("00", CultureInfo.InvariantCulture));

    /// <summary>Day and hour of Casablanca, which is named.</summary>
    public static string Say(DateTimeOffset moment, string language)
    {
        var local = TimeZoneInfo.ConvertTime(moment, Zone).DateTime;
        return Words.Fill("moment", language, Say(DateOnly.FromDateTime(local), language), Say(TimeOnly.FromDateTime(local), language));
    }

    /// <summary>From one hour of the day to another, in words.</summary>
    public static string Hours(TimeOnly from, TimeOnly to, string language) =>
        Words.Fill("hours", language, Say(from, language), Say(to, language));

    /// <summary>From the first day to the last, both included, in words.</summary>
    public static string Term(DateOnly first, DateOnly last, string language) =>
        Words.Fill("term", language, Say(first, language), Say(last, language));

    /// <summary>A length of time in its largest units that leave nothing over: <c>7 jours</c>, <c>1 heure et 30 minutes</c>.</summary>
    public static string Length(TimeSpan length, string language) =>
        Sum(
            language,
            ("days-long", length.Days),
            ("hours-long", length.Hours),
            ("minutes-long", length.Minutes),
            ("seconds-long", length.Seconds)
        );

    /// <summary>A length of time in hours, however many, and minutes: of a week, <c>128 heures</c>.</summary>
    public static string InHours(TimeSpan length, string language) =>
        Sum(language, ("hours-long", (int)length.TotalHours), ("minutes-long", length.Minutes));

    /// <summary>A civil length: <c>5 ans</c>, <c>1 mois et 15 jours</c>.</summary>
    /// <param name="months">Months; twelve of them are a year.</param>
    /// <param name="days">Days beside them.</param>
    /// <param name="language">fr, ar or en.</param>
    public static string Length(int months, int days, string language) =>
        months != 0 && months % 12 == 0
            ? Sum(language, ("years-long", months / 12), ("days-long", days))
            : Sum(language, ("months-long", months), ("days-long", days));

    /// <summary>A label and its value, with the colon of the language.</summary>
    public static string Labelled(string label, Blank value, string language) => Phrases.Labelled(label, value, language);

    // What is zero is not said, unless all is.
    private static string Sum(string language, params ReadOnlySpan<(string Unit, int Number)> parts)
    {
        string? said = null;
        foreach (var (unit, number) in parts)
        {
            if (number == 0)
                continue;
            var part = Words.Say(unit, language, number);
            said = said is null ? part : Words.Fill("and", language, said, part);
        }

        return said ?? Words.Say(parts[^1].Unit, language, 0);
    }

    private static string Figures(int number) => number.ToString(CultureInfo.InvariantCulture);
}
