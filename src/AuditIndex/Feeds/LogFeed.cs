using System.Security.Authentication;
using Ledger;
using Ledger.Tiles;

namespace AuditIndex.Feeds;

/// <summary>
/// Serves one receiver from the published logs: at least once, from a cursor of its own. A receiver that is away is tried again, first
/// after a second, at last every half minute; the log never notices.
/// </summary>
public sealed class LogFeed(IReadOnlyList<LogSource> logs, CursorFile cursor, IFeedTarget target, TimeProvider time)
{
    private const int MostAtOnce = 1000;
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest pause between attempts.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Told after each delivery: the log, how far it is served, how far it is published.</summary>
    public Action<string, long, long>? Progress { get; init; }

    /// <summary>Told when a receiver fails, with the kind of failure; never with content.</summary>
    public Action<string>? Failed { get; init; }

    /// <summary>Serves what is published and not served yet.</summary>
    /// <returns>How many records were served.</returns>
    /// <exception cref="IOException">The receiver does not take them now: the cursor stands where everything before was taken.</exception>
    /// <exception cref="LedgerDamaged">A log does not agree with itself; nothing of it is handed out.</exception>
    public async Task<long> CatchUp(CancellationToken cancel)
    {
        long served = 0;
        foreach (var source in logs.Where(static source => source.IsPublished))
        {
            var log = source.Open();
            var next = new Dictionary<string, long>(cursor.Read(), StringComparer.Ordinal);
            var position = next.GetValueOrDefault(source.Origin);
            if (position > log.Checkpoint.Size)
            {
                throw new LedgerDamaged(
                    "checkpoint",
                    $"the log has {log.Checkpoint.Size} records, {position} were handed out: it was rolled back or replaced"
                );
            }

            while (position < log.Checkpoint.Size)
            {
                var events = Events(log, position, Math.Min(log.Checkpoint.Size, position + MostAtOnce));
                await target.Deliver(events, cancel);
                next[source.Origin] = position += events.Count;
                cursor.Write(next);
                served += events.Count;
                Progress?.Invoke(source.Origin, position, log.Checkpoint.Size);
            }
        }

        return served;
    }

    /// <summary>Serves until cancelled.</summary>
    /// <exception cref="LedgerDamaged">As <see cref="CatchUp"/>.</exception>
    /// <exception cref="FormatException">The cursor is not one.</exception>
    public async Task Run(CancellationToken cancel)
    {
        var pause = Idle;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await CatchUp(cancel);
                pause = Idle;
            }
            catch (Exception e)
                when (e
                        is IOException
                            or AuthenticationException
                            or DurabilityLost
                            or UnauthorizedAccessException
                            or OperationCanceledException
                )
            {
                if (!cancel.IsCancellationRequested)
                {
                    Failed?.Invoke(e.GetType().Name);
                }

                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }

            await Task.Delay(pause, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static List<FeedEvent> Events(LogReader log, long first, long end) =>
        [.. log.Entries(first, end).Select(entry => OcsfEvent.Of(log.Checkpoint.Origin, entry))];
}
