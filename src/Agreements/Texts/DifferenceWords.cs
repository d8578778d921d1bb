using System.Globalization;
using Wording;

namespace Agreements.Texts;

/// <summary>One difference in words: names instead of codes, days and lengths as people say them.</summary>
public static class DifferenceWords
{
    /// <summary><c>+ élargit · schooling, Inscription scolaire · donnée communiquée · ajout : code de l’établissement</c></summary>
    /// <param name="difference">What differs.</param>
    /// <param name="language">fr, ar or en.</param>
    /// <param name="law">Knows the names; null leaves the codes.</param>
    public static string Of(Difference difference, string language, Registry? law = null) =>
        new Sentence(difference, new LawNames(law, language)).Say();

    private readonly struct Sentence(Difference difference, LawNames names)
    {
        private string Language => names.Language;

        public string Say()
        {
            var sign = difference.Kind switch
            {
                DifferenceKind.Widens => "+",
                DifferenceKind.Narrows => "-",
                _ => "~",
            };
            return Words("difference", sign, Words(difference.Kind.ToString().ToLowerInvariant()), Where(), What());
        }

        // A grant by its id in the file, and the operation of it that is meant.
        private Blank Where() =>
            difference.Where.Split(' ') switch
            {
                [""] => Words("agreement"),
                [var grant] => grant,
                [var grant, var operation] => Blank.List([grant, names.Operation(operation)]),
                _ => difference.Where,
            };

        private string What()
        {
            var name = Words(difference.Code);
            if (Change() is { } change)
                return difference.Code switch
                {
                    "quota" => names.Quota(difference.What, change),
                    "total-quota" => names.Quota("agreement" + char.ToUpperInvariant(difference.What[0]) + difference.What[1..], change),
                    _ => Phrases.Labelled(difference.What.Length == 0 ? name : Words("demand-" + difference.What), change, Language),
                };
            return difference.What switch
            {
                "" => name,
                // So many of a week more, or fewer.
                var hours when difference.Code == "hours" => Words(
                    difference.Kind == DifferenceKind.Widens ? "added" : "removed",
                    name,
                    Whole(hours)
                ),
                ['+', .. var added] => Words("added", name, Item(added)),
                ['-', .. var removed] => Words("removed", name, Item(removed)),
                var what => Phrases.Labelled(name, Whole(what), Language),
            };
        }

        // In words, not with an arrow: beside Arabic it would point from the new value to the old one.
        private string? Change() =>
            (Value(difference.Before), Value(difference.After)) switch
            {
                (null, null) => null,
                (null, { } now) => Words("set", now),
                ({ } was, null) => Words("unset", was),
                ({ } was, { } now) => Words(
                    difference.Code switch
                    {
                        "first-day" or "last-day" or "authorization-until" => "from-to-days",
                        "batch-results" or "freshness" or "deadline" or "contest" => "from-to-lengths",
                        _ => was.Number is null || now.Number is null ? "was-now" : "from-to",
                    },
                    was,
                    now
                ),
            };

        private Blank? Value(string? value) => value is null ? default(Blank?) : Said(value);

        private Blank Said(string value) =>
            difference.Code switch
            {
                "first-day" or "last-day" or "authorization-until" => Day(value),
                "batch-results" or "freshness" or "deadline" => Days.Length(TimeSpan.Parse(value, CultureInfo.InvariantCulture), Language),
                "contest" => Civil(value),
                "linking" when value.Split("..") is [var first, var last] => Days.Term(Day(first), Day(last), Language),
                "provider" or "declared-by" => names.Institution(value),
                "gate" => Words("gate-" + value),
                "demand" => Words("demanded-" + value),
                "territory" => Territory(value),
                "clause" => names.Article(value),
                _ when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
                _ => value,
            };

        private Blank Item(string item) =>
            difference.Code switch
            {
                "client" => names.Client(item),
                "legal-basis" => names.LegalBasis(item),
                "quality" => names.Quality(item),
                "province" => names.Area(item),
                "field" => difference.Where.Split(' ') is [_, var operation] ? names.Field(operation, item) : item,
                _ => item,
            };

        private Blank Whole(string what)
        {
            var (code, law) = (difference.Code, names);
            return code switch
            {
                "grant" => what.Split(' ') is [var consumer, var purpose]
                    ? Blank.List([law.Institution(consumer), law.Purpose(purpose)])
                    : what,
                "operation" => law.Operation(what),
                "party" => law.Institution(what),
                "authorized-purpose" => law.Purpose(what),
                "hours" => Days.InHours(TimeSpan.FromHours(double.Parse(what, CultureInfo.InvariantCulture)), Language),
                "forward" => Words("demand-" + what),
                _ when what == "*" => Words("all"),
                "client" => Blank.List(what.Split(", ").Select(law.Client)),
                "province" => Blank.List(what.Split(", ").Select(law.Area)),
                _ => what,
            };
        }

        private Blank Territory(string value)
        {
            var law = names;
            return value switch
            {
                "office" => Words("page-territory-office"),
                "all" => Words("page-territory-all"),
                _ => Blank.List(value.Split(", ").Select(law.Area)),
            };
        }

        // As GrantDiff writes it for programs: 1 m 15 d.
        private string Civil(string value) =>
            value.Split(' ') is [var months, "m", var days, "d"]
                ? Days.Length(int.Parse(months, CultureInfo.InvariantCulture), int.Parse(days, CultureInfo.InvariantCulture), Language)
                : value;

        private string Words(string key, params ReadOnlySpan<Blank> blanks) => ConventionWords.Of(key, Language, blanks);

        private static DateOnly Day(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}
