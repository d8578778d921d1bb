using AuditIndex.Questions;
using Ledger.Subjects;

namespace AuditIndex.People;

/// <summary>
/// A person as one sector knows her: what a pseudonym is computed from. Lives for one search; never turns into text by accident.
/// </summary>
/// <param name="Type"><c>edu emp hea car ter reg</c>, or <c>cref cons</c> for a reference.</param>
/// <param name="Value">The 26 characters of the sector token, or <c>institution:reference</c>.</param>
public sealed record SubjectToken(string Type, string Value)
{
    /// <summary>Never the value.</summary>
    public override string ToString() => "SubjectToken";
}

/// <summary>Computes pseudonyms under all retained keys. The only place that needs keys of past quarters.</summary>
internal sealed class SubjectSearch(SubjectKeys keys)
{
    /// <summary>
    /// The pseudonyms of a person in the quarters from one moment to another, and the quarters that can no longer be searched.
    /// </summary>
    public (IReadOnlyList<SubjectPseudonym> Pseudonyms, IReadOnlyList<string> Lost) Of(
        IReadOnlyList<SubjectToken> tokens,
        DateTimeOffset from,
        DateTimeOffset to
    )
    {
        var pseudonyms = new List<SubjectPseudonym>();
        var lost = new List<string>();
        foreach (var period in Quarters(from, to))
        {
            if (keys.Of(period) is { } key)
            {
                pseudonyms.AddRange(tokens.Select(token => new SubjectPseudonym(period, key.Of(token.Type, token.Value))));
            }
            else
            {
                lost.Add(period);
            }
        }

        return (pseudonyms, lost);
    }

    private static IEnumerable<string> Quarters(DateTimeOffset from, DateTimeOffset to)
    {
        var utc = from.UtcDateTime;
        for (
            var quarter = new DateTimeOffset(utc.Year, (utc.Month - 1) / 3 * 3 + 1, 1, 0, 0, 0, TimeSpan.Zero);
            quarter < to;
            quarter = quarter.AddMonths(3)
        )
        {
            yield return SubjectKeys.PeriodOf(quarter);
        }
    }
}
