using System.Collections.Immutable;

namespace Gateway.Minimization;

/// <summary>What the sources of one question said together.</summary>
public sealed record CombinedAnswer
{
    /// <summary>One of <see cref="Minimization.MatchStatus"/>.</summary>
    public required string MatchStatus { get; init; }

    /// <summary>The source whose statement stands: its object, age and code are written.</summary>
    public required SourceAnswer Answer { get; init; }

    /// <summary>All answers, in the order asked.</summary>
    public required ImmutableArray<SourceAnswer> Answers { get; init; }

    /// <summary>Codes of the sources asked, in order.</summary>
    public required ImmutableArray<string> Consulted { get; init; }

    /// <summary>Codes of the sources that did not answer.</summary>
    public required ImmutableArray<string> Unavailable { get; init; }

    /// <summary>Why the first of them did not; null when all answered or it said so itself.</summary>
    public Refusal? FirstFailure { get; init; }

    /// <summary>
    /// The value that is written instead of the source's status, with nothing that would be read as settled; null when it stands.
    /// </summary>
    public string? Pending { get; init; }

    /// <summary>From then on, ask again.</summary>
    public DateOnly? ReliableFrom { get; init; }

    /// <summary>A negative on which a benefit may turn.</summary>
    public bool IsNegative { get; init; }

    /// <summary>
    /// Is the data older than the grant's freshness? Nobody stating an age is not called fresh. What is said because no source knows better
    /// rests on all of them, and is as old as the oldest.
    /// </summary>
    public bool IsStale(ReleaseTerms terms)
    {
        if (terms.Freshness is not { } freshness)
            return false;
        return IsNegative || MatchStatus == Minimization.MatchStatus.NotFound ? Answers.Any(IsOld) : IsOld(Answer);

        bool IsOld(SourceAnswer answer) => answer.AsOf is not { } asOf || terms.Now - asOf > freshness;
    }

    /// <summary>
    /// Does a family get a contest window on this answer (exchanges page, section 1.10)? A reliable, fresh negative only.
    /// </summary>
    public bool IsContestable(ReleaseTerms terms) => IsNegative && ReliableFrom is null && !IsStale(terms);
}
