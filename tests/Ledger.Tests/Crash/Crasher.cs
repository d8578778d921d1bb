using System.Globalization;
using System.Text;
using Ledger.Tests.Support;

namespace Ledger.Tests.Crash;

/// <summary>
/// The process that gets killed: this very program, started with LEDGER_CRASHER in its environment. Callers seal records and write every
/// receipt to a file of their own, the client ledger; whatever is in those files must be in the log for ever.
/// </summary>
internal static class Crasher
{
    public const string Variable = "LEDGER_CRASHER";
    public const string SecondsVariable = "LEDGER_CRASHER_SECONDS";
    public const int Callers = 16;

    public static LedgerOptions Options(string folder)
    {
        var options = Some.Options(Path.Combine(folder, "log"));
        options.AnchorFile = Path.Combine(folder, "anchor");
        options.SegmentBytes = 1 << 17;
        options.PublishEvery = TimeSpan.FromMilliseconds(30);
        options.DurableEvery = TimeSpan.FromMilliseconds(200);
        options.HealAtMost = TimeSpan.FromMilliseconds(200);
        return options;
    }

    public static string Text(string run, int caller, int number) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"v":1,"run":"{{run}}","c":{{caller}},"n":{{number}},"pad":"{{new string('x', number % 700)}}"}""");

    public static async Task<int> Run(string folder)
    {
        var seconds = double.Parse(Environment.GetEnvironmentVariable(SecondsVariable) ?? "3600", CultureInfo.InvariantCulture);
        var end = TimeProvider.System.GetTimestamp() + (long)(seconds * TimeProvider.System.TimestampFrequency);
        using var keys = LogKey.Load(Path.Combine(folder, "key"));
        await using var ledger = LedgerWriter.Open(Options(folder), keys, TimeProvider.System);
        var run = Path.GetRandomFileName()[..8];
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => Call(folder, ledger, run, caller, end))));
        return 0;
    }

    private static async Task Call(string folder, LedgerWriter ledger, string run, int caller, long end)
    {
        await using var receipts = new FileStream(Path.Combine(folder, $"client.{run}.{caller}"), FileMode.CreateNew, FileAccess.Write, FileShare.Read, 0);
        for (var number = 0; TimeProvider.System.GetTimestamp() < end; number++)
        {
            if (!ledger.TryReserve(1, out var seat))
            {
                await Task.Delay(5);
                continue;
            }

            string line;
            try
            {
                var receipt = (await ledger.AppendAsync(seat, [SealedRecord.Of(Encoding.ASCII.GetBytes(Text(run, caller, number)))]))[0];
                line = $"{number} {ReceiptHeader.Format(receipt, The.ExchangeId, The.Salt)}\n";
            }
            catch (LedgerUnavailable)
            {
                line = "unavailable\n";
                await Task.Delay(5);
            }

            // One write call, no buffer: a kill leaves a whole line or none.
            await Write(receipts, Encoding.ASCII.GetBytes(line));
        }
    }

    /// <summary>Injected errors are for the ledger; when one hits the client's own file, it writes again.</summary>
    private static async Task Write(FileStream file, byte[] line)
    {
        for (var again = true; again;)
        {
            try
            {
                await file.WriteAsync(line);
                again = false;
            }
            catch (IOException)
            {
                await Task.Delay(1);
            }
        }
    }
}
