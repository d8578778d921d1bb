namespace Ledger;

/// <summary>
/// Seals <c>clock</c> at regular times, by whoever owns the log (ledger page §3.3): what the kernel believes about its own clock, and proof
/// that a log in which nothing happened was not stopped. A log that takes no records now goes without; its <c>gap</c> tells why.
/// </summary>
internal sealed class ClockRecords : IDisposable
{
    private readonly LedgerWriter _writer;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public ClockRecords(LedgerWriter writer, TimeProvider time, TimeSpan every)
    {
        (this._writer, this._time) = (writer, time);
        _timer = time.CreateTimer(static state => _ = ((ClockRecords)state!).SealAsync(), this, every, every);
    }

    public void Dispose() => _timer.Dispose();

    private async Task SealAsync()
    {
        if (!_writer.TryReserve(1, essential: true, out var seat))
        {
            return;
        }

        using (seat)
        {
            try
            {
                await _writer.AppendAsync(seat, [ClockRecord.Of(_time)]);
            }
            catch (LedgerUnavailable)
            {
                // The writer heals by itself and says so in the log; the next hour has the next record.
            }
        }
    }
}
