using System.Buffers;
using System.Globalization;
using System.Text.Json;

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
                await writer.AppendAsync(seat, [Record()]);
            }
            catch (LedgerUnavailable)
            {
                // The writer heals by itself and says so in the log; the next hour has the next record.
            }
        }
    }

    private SealedRecord Record()
    {
        var buffer = new ArrayBufferWriter<byte>(192);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("v", 1);
            json.WriteString("ev", "clock");
            json.WriteString("id", Ulid.New(time));
            json.WriteString("ts", time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            if (SystemClock.TryRead(out var source, out var milliseconds))
            {
                json.WriteString("src", source);
                json.WriteNumber("est", milliseconds);
            }

            json.WriteEndObject();
        }

        return SealedRecord.Of(buffer.WrittenMemory);
    }
}
