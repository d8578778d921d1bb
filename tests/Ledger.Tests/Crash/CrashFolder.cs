using System.Diagnostics;
using System.Text;
using Ledger.Tests.Support;
using Ledger.Tiles;
using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>A log, its keys and the client ledgers; starts the crasher and judges what it left.</summary>
internal sealed class CrashFolder : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly LogKey keys;
    private readonly List<string> checkpoints = [];

    public CrashFolder()
    {
        using (var created = LogKey.Create())
        {
            created.Save(Path.Combine(folder.Path, "key"));
        }

        keys = LogKey.Load(Path.Combine(folder.Path, "key"));
    }

    /// <summary>Receipts in all client ledgers.</summary>
    public int Receipts => Lines().Count(static line => line.Text != "unavailable");

    /// <summary>Whether the process, without a restart, recovered its log and sealed clients' records after that.</summary>
    public bool HealedAndServed => LogReader.Open(Crasher.Options(folder.Path).Directory, keys.Verifier(Some.Origin)).Entries()
        .Select(static entry => Encoding.ASCII.GetString(entry.Text.Span))
        .SkipWhile(static text => !text.Contains("\"ev\":\"recover\"", StringComparison.Ordinal))
        .Any(static text => text.Contains("\"run\":", StringComparison.Ordinal));

    /// <summary>Starts the crasher, behind a command such as strace if given.</summary>
    public Process Start(double seconds, params string[] before)
    {
        string[] command = [.. before, Path.Combine(AppContext.BaseDirectory, "Ledger.Tests")];
        var start = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Crasher.Variable] = folder.Path;
        start.Environment[Crasher.SecondsVariable] = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }

    /// <summary>Waits until clients have got more receipts than before.</summary>
    public async Task UntilReceipts(int more, Process process)
    {
        var before = Receipts;
        while (Receipts < before + more && !process.HasExited)
        {
            await Task.Delay(20);
        }
    }

    /// <summary>
    /// Opens the log as a restart would and compares it with the client ledgers: acknowledged ⊆ recovered; every receipt proves; recovered −
    /// acknowledged ≤ what was in flight; old checkpoints are beginnings.
    /// </summary>
    public async Task MustHoldEverythingAcknowledged(int crashes)
    {
        var options = Crasher.Options(folder.Path);
        await using (var ledger = LedgerWriter.Open(options, keys, TimeProvider.System))
        {
            var last = (await Some.Seal(ledger, Some.Record(0)))[0];
            checkpoints.Add((await ledger.WhenPublished(last.Size)).Note);
        }

        var key = keys.Verifier(Some.Origin);
        var log = LogReader.Open(options.Directory, key);
        log.Verify();
        var entries = log.Entries().Select(static entry => Encoding.ASCII.GetString(entry.Text.Span)).ToArray();
        var acknowledged = 0;
        foreach (var (run, caller, text) in Lines().Where(static line => line.Text != "unavailable"))
        {
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            Assert.True(ReceiptHeader.TryParse(text[(space + 1)..], out var receipt));
            Assert.True(receipt.Verify(key));
            Assert.Equal(Crasher.Text(run, caller, int.Parse(text[..space], System.Globalization.CultureInfo.InvariantCulture)), entries[receipt.Index]);
            Assert.Equal(log.RootAt(receipt.Size), receipt.Root);
            acknowledged++;
        }

        var recovered = entries.Where(static text => text.Contains("\"run\":", StringComparison.Ordinal)).ToArray();
        Assert.Equal(recovered.Length, recovered.Distinct(StringComparer.Ordinal).Count());
        Assert.InRange(recovered.Length - acknowledged, 0, crashes * Crasher.Callers);
        foreach (var note in checkpoints)
        {
            Assert.True(Notes.Checkpoint.TryOpen(note, key, out var old));
            Assert.Equal(old.Root, log.RootAt(old.Size));
        }
    }

    public void Dispose()
    {
        keys.Dispose();
        folder.Dispose();
    }

    private IEnumerable<(string Run, int Caller, string Text)> Lines() =>
        from file in Directory.GetFiles(folder.Path, "client.*")
        let parts = Path.GetFileName(file).Split('.')
        from line in ReadShared(file).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        select (parts[1], int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture), line);

    private static string ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
