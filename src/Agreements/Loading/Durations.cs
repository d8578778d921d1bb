using System.Globalization;
using System.Text.RegularExpressions;
using Agreements.Loading.Yaml;
using Wording;

namespace Agreements.Loading;

/// <summary>ISO 8601 durations as agreements write them.</summary>
internal static partial class Durations
{
    /// <summary>A duration in which a month counts as 30 days; null when the key is absent.</summary>
    public static TimeSpan? OptionalSpan(Fields fields, string key)
    {
        if (fields.OptionalText(key) is not { } text)
            return null;
        if (Parse(text) is var (months, days, time))
            return TimeSpan.FromDays(months * 30 + days) + time;
        Report(fields, key, text, "P7D", "P3M", "PT8S");
        return null;
    }

    /// <summary>Months and days; null when the key is absent.</summary>
    public static CivilPeriod? OptionalPeriod(Fields fields, string key)
    {
        if (fields.OptionalText(key) is not { } text)
            return null;
        if (Parse(text) is var (months, days, time) && time == TimeSpan.Zero)
            return new CivilPeriod(months, days);
        Report(fields, key, text, "P1M", "P15D", "P5Y");
        return null;
    }

    /// <summary>As <see cref="OptionalSpan"/>; zero after a report when the key is absent.</summary>
    public static TimeSpan Span(Fields fields, string key)
    {
        if (!fields.Has(key))
            fields.Node(key);
        return OptionalSpan(fields, key) ?? default;
    }

    /// <summary>As <see cref="OptionalPeriod"/>; zero after a report when the key is absent.</summary>
    public static CivilPeriod Period(Fields fields, string key)
    {
        if (!fields.Has(key))
            fields.Node(key);
        return OptionalPeriod(fields, key) ?? default;
    }

    private static (int Months, int Days, TimeSpan Time)? Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success || text.EndsWith('P') || text.EndsWith('T'))
            return null;
        int Part(string name) =>
            match.Groups[name].Success ? int.Parse(match.Groups[name].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;
        return (Part("y") * 12 + Part("m"), Part("w") * 7 + Part("d"), new TimeSpan(Part("h"), Part("n"), Part("s")));
    }

    private static void Report(Fields fields, string key, string text, params string[] examples) =>
        fields.Report.Error(fields.LineOf(key), "not-duration", key, FindingWords.Found(text), Blank.List(examples));

    [GeneratedRegex(
        @"\AP((?<y>\d{1,3})Y)?((?<m>\d{1,3})M)?((?<w>\d{1,3})W)?((?<d>\d{1,4})D)?(T((?<h>\d{1,3})H)?((?<n>\d{1,4})M)?((?<s>\d{1,5})S)?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        30_000
    )]
    private static partial Regex Form();
}
