namespace Ledger;

/// <summary>
/// Seals <c>clock</c> at regular times, by whoever owns the log (ledger page §3.3): what the kernel believes about its own clock, and proof
/// that a log in which nothing happened was not stopped. A log that takes no records now goes without; its <c>gap</c> tells why.
/// </summary>
internal sealed class ClockRecords : IDisposable
{
    private readonly LedgerWriter writer;
    private readonly TimeProvider time;
    private readonly ITimer timer;

    public ClockRecords(LedgerWriter writer, TimeProvider time, TimeSpan every)
    {
        (this.writer, this.time) = (writer, time);
        timer = time.CreateTimer(static state => _ = ((ClockRecords)state!).SealAsync(), this, every, every);
    }

    public void Dispose() => timer.Dispose();

    private async Task SealAsync()
    {
        if (!writer.TryReserve(1, essential: true, out var seat))
        {
            return;
        }

        using (seat)
        {
            try
            {
                await writer.AppendAsync(seat, [ClockRecord.Of(time)]);
            }
            catch (LedgerUnavailable)
            {
                // The writer heals by itself and says so in the log; the next hour has the next record.
            }
        }
    }
}
