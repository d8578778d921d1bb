using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ledger.Tests.Support;
using Ledger.Tiles;
using Verifier;
using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>A log, its keys and the client ledgers; starts the crasher and judges what it left.</summary>
internal sealed class CrashFolder : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly LogKey _keys;
    private readonly List<string> _checkpoints = [];
    private HashSet<string> _earlier = [];

    public CrashFolder()
    {
        using (var created = LogKey.Create())
        {
            created.Save(System.IO.Path.Combine(_folder.Path, "key"));
        }

        _keys = LogKey.Load(System.IO.Path.Combine(_folder.Path, "key"));
        Directory.CreateDirectory(Disk);
    }

    public string Path => _folder.Path;

    /// <summary>Where the volume under the log may be mounted.</summary>
    public string Disk => System.IO.Path.Combine(_folder.Path, "disk");

    public LogKey Keys => _keys;

    /// <summary>What clients wrote down so far.</summary>
    public ClientLedger Clients => ClientLedger.Read(_folder.Path);

    /// <summary>Receipts in all client ledgers.</summary>
    public int Receipts => Clients.Acknowledged;

    /// <summary>Whether the process, without a restart, recovered its log and sealed clients' records after that.</summary>
    public bool HealedAndServed =>
        LogReader
            .Open(Crasher.Options(_folder.Path).Directory, _keys.Verifier(Some.Origin))
            .Entries()
            .Select(static entry => Encoding.ASCII.GetString(entry.Text.Span))
            .SkipWhile(static text => !text.Contains("\"ev\":\"recover\"", StringComparison.Ordinal))
            .Any(static text => text.Contains("\"run\":", StringComparison.Ordinal));

    /// <summary>Starts the crasher, behind a command such as strace if given.</summary>
    public Process Start(double seconds, params string[] before)
    {
        _earlier = [.. ClientLedger.Files(_folder.Path)];
        string[] command = [.. before, System.IO.Path.Combine(AppContext.BaseDirectory, "Ledger.Tests")];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Crasher.Variable] = _folder.Path;
        start.Environment[Crasher.SecondsVariable] = seconds.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }

    /// <summary>Ends the crasher in order.</summary>
    public async Task Stop(Process process)
    {
        var file = System.IO.Path.Combine(_folder.Path, "stop");
        await File.WriteAllTextAsync(file, "");
        await process.WaitForExitAsync();
        File.Delete(file);
    }

    /// <summary>
    /// Waits until the clients of the run started last have got so many receipts; ledgers of the runs before are not read again.
    /// </summary>
    public async Task UntilReceipts(int receipts, Process process)
    {
        while (
            !process.HasExited
            && ClientLedger.Read(ClientLedger.Files(_folder.Path).Where(file => !_earlier.Contains(file))).Acknowledged < receipts
        )
        {
            await Task.Delay(20);
        }
    }

    /// <summary>
    /// Waits until a caller that was refused has been served again, or <paramref name="most"/>: not every error reaches a caller.
    /// </summary>
    public async Task UntilServedAfterFailure(Process process, TimeSpan most)
    {
        var watch = Stopwatch.StartNew();
        while (!process.HasExited && watch.Elapsed < most && !Clients.ServedAfterFailure)
        {
            await Task.Delay(50);
        }
    }

    /// <summary>
    /// Opens the log as a restart would and compares it with the client ledgers; the verifier program accepts the log; every checkpoint
    /// that was ever seen is a beginning of it.
    /// </summary>
    /// <returns>Receipts compared.</returns>
    public async Task<int> MustHoldEverythingAcknowledged()
    {
        var options = Crasher.Options(_folder.Path);
        if (Notes(options) is { } before)
        {
            _checkpoints.Add(before);
        }

        await using (var ledger = LedgerWriter.Open(options, _keys, TimeProvider.System))
        {
            var last = (await Some.Seal(ledger, Some.Record(0)))[0];
            _checkpoints.Add((await ledger.WhenPublished(last.Size)).Note);
        }

        var key = _keys.Verifier(Some.Origin);
        Verify(options, key.ToString());
        var log = LogReader.Open(options.Directory, key);
        string[] entries = [.. log.Entries().Select(static entry => Encoding.ASCII.GetString(entry.Text.Span))];
        var clients = Clients;
        clients.MustAgreeWith(entries, log.RootAt, key);
        return clients.Acknowledged;
    }

    public void Dispose()
    {
        _keys.Dispose();
        _folder.Dispose();
    }

    private static string? Notes(LedgerOptions options)
    {
        var file = System.IO.Path.Combine(options.Directory, "checkpoint");
        return File.Exists(file) ? File.ReadAllText(file) : null;
    }

    /// <summary>The program that others run, with the oldest, the newest and some of the checkpoints between them.</summary>
    private void Verify(LedgerOptions options, string vkey)
    {
        var arguments = new List<string> { "log", options.Directory, "--vkey", vkey };
        for (var i = 0; i < _checkpoints.Count; i += Math.Max(1, _checkpoints.Count / 5))
        {
            var file = System.IO.Path.Combine(_folder.Path, $"old.{i}");
            File.WriteAllText(file, _checkpoints[i]);
            arguments.AddRange(["--old", file]);
        }

        using var output = new StringWriter();
        var code = CommandLine.Run([.. arguments], output);
        Assert.True(code == 0, output.ToString());
    }
}
