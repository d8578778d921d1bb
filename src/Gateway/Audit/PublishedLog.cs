using System.Diagnostics;
using Ledger;
using Ledger.Tiles;

namespace Gateway.Audit;

/// <summary>This node's log as it stood when the process started.</summary>
internal static class PublishedLog
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60),
        Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Opens the log once everything that is durable now is published, which takes about a second; null when it is empty.
    /// </summary>
    /// <exception cref="LedgerUnavailable">It is not published in time.</exception>
    public static async Task<LogReader?> OpenAsync(ILedger ledger, string folder, CancellationToken cancellation)
    {
        var (began, size) = (Stopwatch.GetTimestamp(), ledger.Size);
        while (ledger.Published is null || ledger.Published.Size < size)
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
                throw new LedgerUnavailable("the records cannot be read: nobody knows what is left of the quotas");
            await Task.Delay(Pause, cancellation);
        }

        return ledger.Published is { Size: > 0 } published ? LogReader.At(folder, published.Note) : null;
    }
}
