using System.Collections.Immutable;

namespace Gateway.Minimization;

/// <summary>One source's answer, checked and minimized: what it says about the person, and the bytes that may leave.</summary>
public sealed class SourceAnswer
{
    /// <summary>Code of the source.</summary>
    public required string Source { get; init; }

    /// <summary>One of <see cref="MatchStatus"/>.</summary>
    public required string MatchStatus { get; init; }

    /// <summary>Value of the operation's status; null when it has none or nobody matched.</summary>
    public string? Status { get; init; }

    /// <summary>Since when the status holds; read whether or not it is released, since several negatives are ranked by it.</summary>
    public DateOnly? Since { get; init; }

    /// <summary>How old the source's data is; null when nobody stated it.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Date from which a negative of this source can be trusted, its own or its season's; null when it can be today.</summary>
    public DateOnly? ReliableFrom { get; init; }

    /// <summary>JSON: one object of the released members. FHIR: the entries, separated by commas.</summary>
    public ReadOnlyMemory<byte> Released { get; init; }

    /// <summary>FHIR: number of resources in <see cref="Released"/>.</summary>
    public int Matches { get; init; }

    /// <summary>Members that the contract does not declare.</summary>
    public int Undeclared { get; init; }

    /// <summary>Declared paths that are in <see cref="Released"/>.</summary>
    public ImmutableArray<string> ReleasedPaths => Names?.Of(ReleasedLeaves) ?? [];

    /// <summary>Declared paths that the provider sent and that the agreement does not release.</summary>
    public ImmutableArray<string> StrippedPaths => Names?.Of(StrippedLeaves) ?? [];

    internal PathNames? Names { get; init; }
    internal ulong ReleasedLeaves { get; init; }
    internal ulong StrippedLeaves { get; init; }

    /// <summary>
    /// The answer for a person whom a source does not know, where there are no bytes to read: a provider that says so by 404,
    /// a token missing from the map, or a refusal that may only look like this.
    /// </summary>
    /// <param name="source">Code of the source.</param>
    /// <param name="asOf">The source's last data date; null when it is not known.</param>
    /// <param name="reliableFrom">The source's season; ignored once it has begun.</param>
    /// <param name="today">Civil day of the call.</param>
    public static SourceAnswer Unknown(string source, DateTimeOffset? asOf, DateOnly? reliableFrom, DateOnly today) =>
        new()
        {
            Source = source,
            MatchStatus = Minimization.MatchStatus.NotFound,
            AsOf = asOf,
            ReliableFrom = Ahead(reliableFrom, null, today),
        };

    /// <summary>The later of two dates, if it is still ahead.</summary>
    internal static DateOnly? Ahead(DateOnly? one, DateOnly? other, DateOnly today)
    {
        var latest = one is null || (other is not null && other > one) ? other : one;
        return latest > today ? latest : null;
    }
}
