using Ledger.Notes;
using Ledger.Tiles;

namespace Ledger.Evidence;

/// <summary>Records of one log that go into a pack.</summary>
/// <param name="Reader">The log at the checkpoint on which everything is proven: with witnesses, one that the quorum has cosigned.</param>
/// <param name="Indexes">Positions; order and repetition do not matter.</param>
public sealed record EvidenceOf(LogReader Reader, IReadOnlyCollection<long> Indexes);

/// <summary>What a code of a record is called.</summary>
/// <param name="member">Member of the record: <c>op</c>, <c>purp</c>, <c>agr</c> or <c>code</c>.</param>
/// <param name="code">Its value.</param>
/// <param name="language">fr, ar or en.</param>
/// <returns>The name; null when there is none.</returns>
public delegate string? EvidenceNames(string member, string code, string language);

/// <summary>What a pack is to hold (console page, section 9).</summary>
public sealed record EvidenceRequest
{
    /// <summary>The records, log by log.</summary>
    public required IReadOnlyList<EvidenceOf> Logs { get; init; }

    /// <summary>Text of the trust policy: logs, witnesses, quorum.</summary>
    public required string Policy { get; init; }

    /// <summary>Who asked, as the summary states it; an office or a case, never a person's identifier.</summary>
    public string? AskedBy { get; init; }

    /// <summary>Why, as the summary states it.</summary>
    public string? Reason { get; init; }

    /// <summary>What was asked for, as the summary states it: log and positions, or the filter that found them; never a person's
    /// identifier.</summary>
    public string? Query { get; init; }

    /// <summary>
    /// <c>decision</c> records may go in: they hold what the consumer of the exchange must not learn (ledger page §3.4), so only for
    /// officers and inspectors.
    /// </summary>
    public bool AllowsDecisions { get; init; }

    /// <summary>Files by name, under <c>agreements/</c> or <c>texts/</c>: what the requester may hand over.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Attachments { get; init; } =
        new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);

    /// <summary>
    /// What operations, purposes, agreements and refusals are called, for the pages that people read; every code stands beside its name.
    /// Without it the pages hold the codes.
    /// </summary>
    public EvidenceNames? Names { get; init; }

    /// <summary>The policy, read.</summary>
    /// <exception cref="FormatException">A line of it is not understood.</exception>
    internal TrustPolicy Trust() => TrustPolicy.Parse(Policy);
}
