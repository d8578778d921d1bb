namespace Agreements.Texts;

/// <summary>One difference in words.</summary>
public static class DifferenceWords
{
    /// <summary><c>+ élargit · schooling education.school-enrolment.read · donnée libérée ajouté : enrolment.schoolCode</c></summary>
    public static string Of(Difference difference, string language)
    {
        var sign = difference.Kind switch { DifferenceKind.Widens => "+", DifferenceKind.Narrows => "-", _ => "~" };
        var where = difference.Where.Length == 0 ? ConventionWords.Of("agreement", language) : difference.Where;
        return $"{sign} {ConventionWords.Of(difference.Kind.ToString().ToLowerInvariant(), language)} · {where} · {ConventionWords.Of(difference.Code, language)}{What(difference, language)}";
    }

    private static string What(Difference difference, string language)
    {
        if (difference.Before is not null || difference.After is not null)
            return $"{(difference.What.Length == 0 ? "" : " " + difference.What)}: {difference.Before ?? ConventionWords.Of("none", language)} → {difference.After ?? ConventionWords.Of("none", language)}";
        return difference.What switch
        {
            "" => "",
            ['+', .. var added] => $" {ConventionWords.Of("added", language)}: {added}",
            ['-', .. var removed] => $" {ConventionWords.Of("removed", language)}: {removed}",
            var what => $": {what}",
        };
    }
}
