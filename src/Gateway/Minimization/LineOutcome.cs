using System.Collections.Immutable;

namespace Gateway.Minimization;

/// <summary>
/// What became of one line of a batch. A program branches on it first: only an answered line says anything about the person.
/// </summary>
public static class LineOutcome
{
    /// <summary>Every source that could have changed the answer has answered: <c>matchStatus</c> is there.</summary>
    public const string Answered = "answered";

    /// <summary>Agreement, quota or gate said no. Nothing is known about the person.</summary>
    public const string Refused = "refused";

    /// <summary>The line itself is not a question.</summary>
    public const string Invalid = "invalid";

    /// <summary>A source was asked and did not answer.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>Nobody was asked, though the line is allowed: whoever had to be asked could not be.</summary>
    public const string NeverAsked = "never-asked";

    /// <summary>All five, in the order of the manifest.</summary>
    public static ImmutableArray<string> All { get; } = [Answered, Refused, Invalid, Unavailable, NeverAsked];

    /// <summary>The outcome of a line about which sources said this together.</summary>
    public static string Of(string matchStatus) => matchStatus == MatchStatus.Unavailable ? Unavailable : Answered;

    /// <summary>
    /// The outcome of a line that ended so. It looks at nothing that tells a person who is hidden from one who is unknown.
    /// </summary>
    public static string Of(Refusal refusal) =>
        refusal switch
        {
            { IsFault: true, Asked: false } => NeverAsked,
            { IsFault: true } => Unavailable,
            _ when refusal.Rule.StartsWith("REQ", StringComparison.Ordinal) || refusal.Problem.Status == 413 => Invalid,
            _ => Refused,
        };
}
