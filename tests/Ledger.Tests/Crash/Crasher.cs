using System.Globalization;
using System.Text;
using Ledger.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace Ledger.Tests.Crash;

/// <summary>
/// The process that gets killed: this very program, started with LEDGER_CRASHER in its environment. Callers seal records and write every
/// receipt to a file of their own, the client ledger; whatever is in those files must be in the log for ever. The folder holds <c>key</c>,
/// <c>disk/log</c> (a mounted volume in some tests), <c>anchor</c> and the client ledgers; a file <c>stop</c> ends the process in order.
/// </summary>
internal static class Crasher
{
    public const string Variable = "LEDGER_CRASHER";
    public const string SecondsVariable = "LEDGER_CRASHER_SECONDS";
    public const int Callers = 64;

    public static LedgerOptions Options(string folder)
    {
        var options = Some.Options(Path.Combine(folder, "disk", "log"));
        options.AnchorFile = Path.Combine(folder, "anchor");
        options.SegmentBytes = 1 << 17;
        options.PublishEvery = TimeSpan.FromMilliseconds(15);
        options.DurableEvery = TimeSpan.FromMilliseconds(60);
        options.HealAtMost = TimeSpan.FromMilliseconds(150);
        return options;
    }

    public static string Text(string run, int caller, int number) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"v":1,"run":"{{run}}","c":{{caller}},"n":{{number}},"pad":"{{new string('x', number % 700)}}"}"""
        );

    public static async Task<int> Run(string folder)
    {
        using var ending = new CancellationTokenSource(
            TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable(SecondsVariable) ?? "3600", CultureInfo.InvariantCulture))
        );
        using var keys = LogKey.Load(Path.Combine(folder, "key"));
        await using var ledger = LedgerWriter.Open(Options(folder), keys, TimeProvider.System);
        var run = Path.GetRandomFileName()[..8];
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => Call(folder, ledger, run, caller, ending.Token))));
        return 0;
    }

    private static async Task Call(string folder, LedgerWriter ledger, string run, int caller, CancellationToken ending)
    {
        using var receipts = File.OpenHandle(
            Path.Combine(folder, $"client.{run}.{caller}"),
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.Read
        );
        var stop = Path.Combine(folder, "stop");
        long written = 0;
        for (var number = 0; !ending.IsCancellationRequested && !File.Exists(stop); number++)
        {
            if (!ledger.TryReserve(1, out var seat))
            {
                await Task.Delay(5, CancellationToken.None);
                continue;
            }

            try
            {
                var receipt = (await ledger.AppendAsync(seat, [SealedRecord.Of(Encoding.ASCII.GetBytes(Text(run, caller, number)))]))[0];
                written += await Write(receipts, written, $"{number} ", ReceiptHeader.Format(receipt, The.ExchangeId, The.Salt));
            }
            catch (LedgerUnavailable)
            {
                written += await Write(receipts, written, $"{number} ", ClientLedger.Unavailable);
                await Task.Delay(5, CancellationToken.None);
            }
        }
    }

    /// <summary>
    /// One call, no buffer: a kill leaves a whole line or none. Two parts make it pwritev: the calls that strace counts are then the
    /// ledger's alone. Not synced: this file is on no volume that fails.
    /// </summary>
    private static async Task<int> Write(SafeFileHandle file, long at, string number, string line)
    {
        ReadOnlyMemory<byte>[] parts = [Encoding.ASCII.GetBytes(number), Encoding.ASCII.GetBytes(line + "\n")];
        while (true)
        {
            try
            {
                await RandomAccess.WriteAsync(file, parts, at);
                return parts[0].Length + parts[1].Length;
            }
            catch (IOException)
            {
                await Task.Delay(1);
            }
        }
    }
}
