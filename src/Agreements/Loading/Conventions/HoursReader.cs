using System.Collections.Immutable;
using System.Globalization;
using Agreements.Loading.Yaml;

namespace Agreements.Loading.Conventions;

/// <summary>
/// Reads <c>hours</c> of a grant: windows of days and times, in the form of a provider's maintenance windows.
/// <code>hours: [ { days: [monday, friday], from: "08:30", to: "16:30" } ]</code>
/// </summary>
internal static class HoursReader
{
    public static ImmutableArray<OpenHours> Read(Fields grant)
    {
        if (!grant.Has("hours"))
        {
            grant.Ignore("hours");
            return [];
        }

        var windows = ImmutableArray.CreateBuilder<OpenHours>();
        foreach (var item in grant.Maps("hours"))
        {
            var window = new OpenHours(Days(item), Time(item, "from"), Time(item, "to"));
            item.Close();
            if (windows.Any(other => Equal(other, window)))
                item.Report.Error(item.Line, "window-twice");
            windows.Add(window);
        }

        return windows.ToImmutable();
    }

    private static bool Equal(OpenHours one, OpenHours other) =>
        one.From == other.From && one.To == other.To && one.Days.SequenceEqual(other.Days);

    private static ImmutableArray<DayOfWeek> Days(Fields item)
    {
        var days = ImmutableArray.CreateBuilder<DayOfWeek>();
        item.Texts("days");
        foreach (var (text, line) in item.TextLines("days"))
        {
            if (text.Length > 0 && char.IsAsciiLetterLower(text[0]) && Enum.TryParse<DayOfWeek>(text, ignoreCase: true, out var day))
                days.Add(day);
            else
                item.Report.Error(line, "not-weekday", FindingWords.Found(text), "monday", "sunday");
        }

        return days.ToImmutable();
    }

    private static TimeOnly Time(Fields item, string key)
    {
        var text = item.Text(key);
        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return time;
        if (text.Length > 0)
            item.Report.Error(item.LineOf(key), "not-time", key, FindingWords.Found(text), "\"HH:mm\"");
        return default;
    }
}
