using Ledger;

namespace AuditIndex.Feeds;

/// <summary>A record as a receiver gets it. Receivers drop repetitions by (log, index).</summary>
/// <param name="Position">Where the record stands.</param>
/// <param name="Leaf">Its leaf hash: what a receiver needs to ask for a proof.</param>
/// <param name="Event">Kind of event.</param>
/// <param name="At">When it was sealed.</param>
/// <param name="Severity">OCSF severity: 1 informational, 3 medium, 4 high.</param>
/// <param name="Line">The OCSF event: one line of JSON, ASCII, without its newline.</param>
public sealed record FeedEvent(
    RecordPosition Position,
    TreeHash Leaf,
    string Event,
    DateTimeOffset At,
    int Severity,
    ReadOnlyMemory<byte> Line
);

/// <summary>Where a feed goes. Two implementations: <see cref="JsonLinesFile"/> and <see cref="SyslogTls"/>.</summary>
public interface IFeedTarget
{
    /// <summary>
    /// Gives the events to the receiver and returns when they are in its hands, all of them. An exception means: not known, they will be
    /// given again. An implementation MUST NOT wait for ever.
    /// </summary>
    /// <exception cref="IOException">The receiver does not take them now.</exception>
    /// <exception cref="DurabilityLost">The receiver is a disk that fails.</exception>
    Task Deliver(IReadOnlyList<FeedEvent> events, CancellationToken cancel);
}
