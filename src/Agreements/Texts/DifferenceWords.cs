using System.Globalization;

namespace Agreements.Texts;

/// <summary>One difference in words.</summary>
public static class DifferenceWords
{
    /// <summary><c>+ élargit · schooling education.school-enrolment.read · donnée communiquée · ajout : enrolment.schoolCode</c></summary>
    public static string Of(Difference difference, string language)
    {
        var sign = difference.Kind switch { DifferenceKind.Widens => "+", DifferenceKind.Narrows => "-", _ => "~" };
        var where = difference.Where.Length == 0 ? ConventionWords.Of("agreement", language) : difference.Where;
        return $"{sign} {ConventionWords.Of(difference.Kind.ToString().ToLowerInvariant(), language)} · {where} · {What(difference, language)}";
    }

    private static string What(Difference difference, string language)
    {
        var name = ConventionWords.Of(difference.Code, language);
        if (Change(difference, language) is { } change)
            return difference.Code switch
            {
                "quota" => ConventionWords.Of("page-quota-" + difference.What, language, change),
                "total-quota" => ConventionWords.Of("page-quota-agreement" + char.ToUpperInvariant(difference.What[0]) + difference.What[1..], language, change),
                _ => ConventionWords.Labelled(difference.What.Length == 0 ? name : $"{name} {difference.What}", change, language),
            };
        return difference.What switch
        {
            "" => name,
            ['+', .. var added] => $"{name} · {ConventionWords.Of("added", language, added)}",
            ['-', .. var removed] => $"{name} · {ConventionWords.Of("removed", language, removed)}",
            var what => ConventionWords.Labelled(name, what, language),
        };
    }

    // In words, not with an arrow: beside Arabic it would point from the new value to the old one.
    private static string? Change(Difference difference, string language) => (Value(difference.Before), Value(difference.After)) switch
    {
        (null, null) => null,
        (null, { } now) => ConventionWords.Of("set", language, now),
        ({ } was, null) => ConventionWords.Of("unset", language, was),
        ({ } was, { } now) => ConventionWords.Of("from-to", language, was, now),
    };

    private static string? Value(string? value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number.ToString("N", ConventionWords.Grouped) : value;
}
