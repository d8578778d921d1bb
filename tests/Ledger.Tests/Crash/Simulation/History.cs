using System.Text;
using Ledger.Tests.Support;
using Ledger.Tiles;
using Xunit;

namespace Ledger.Tests.Crash.Simulation;

/// <summary>
/// Everything that the real ledger did to its files, and everything that its clients received meanwhile, in order: three runs under strace
/// on one log. The first dies in a sync; the second recovers and stops; the third meets a failing sync and heals. From it the state after a
/// power loss at any call can be made, as often as wanted, without running anything again and without an edge in the writer for it.
/// </summary>
internal sealed class History : IDisposable
{
    private readonly CrashFolder _folder = new();
    private readonly Notes.VerifierKey _key;
    private List<SystemCall> _calls = [];

    private History() => _key = _folder.Keys.Verifier(Some.Origin);

    /// <summary>Calls recorded.</summary>
    public int Length => _calls.Count;

    public static async Task<History> Record()
    {
        Strace.Require();
        var history = new History();
        await history.Run("fdatasync:signal=SIGKILL:when=60", null);
        await history.Run("fdatasync:retval=0:when=60000", 600);
        await history.Run("fdatasync:error=EIO:when=25", 1200);
        return history;
    }

    /// <summary>
    /// The power fails at a call that the seed chooses, and of what was not synced the seed chooses what arrived. The log is opened as a
    /// restart would and compared with what clients held at that moment.
    /// </summary>
    /// <returns>Receipts compared.</returns>
    public int CrashAndRecover(int seed)
    {
        var random = new Random(seed);
        var (disk, anchor, clients) = (new SimulatedDisk(_folder.Disk), new SimulatedDisk(_folder.Path), new ClientLedger());
        var end = random.Next(_calls.Count + 1);
        foreach (var call in _calls.Take(end))
        {
            Apply(call, disk, anchor, clients);
        }

        using var after = new TempFolder(memory: true);
        try
        {
            disk.PowerLoss(random, Path.Combine(after.Path, "disk"));
            anchor.PowerLoss(random, after.Path);
            Directory.CreateDirectory(Path.Combine(after.Path, "disk"));
            return Judge(after.Path, clients);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(
                $"seed {seed}, power loss before call {end} of {_calls.Count}: {e.Message}\n{Left(after.Path)}",
                e
            );
        }
    }

    public void Dispose() => _folder.Dispose();

    private static string Left(string path) =>
        string.Join(
            '\n',
            Directory
                .GetFiles(path, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(file =>
                    $"{Path.GetRelativePath(path, file)} {new FileInfo(file).Length}{(new FileInfo(file).Length < 30 ? ": " + File.ReadAllText(file).Trim() : "")}"
                )
        );

    private int Judge(string path, ClientLedger clients)
    {
        var options = Crasher.Options(path);
        using (var ledger = LedgerWriter.Open(options, _folder.Keys, TimeProvider.System))
        {
            Assert.Equal(LedgerState.Open, ledger.State);
        }

        var log = LogReader.Open(options.Directory, _key);
        log.Verify();
        clients.MustAgreeWith([.. log.Entries().Select(static entry => Encoding.ASCII.GetString(entry.Text.Span))], log.RootAt, _key);
        return clients.Acknowledged;
    }

    private void Apply(SystemCall call, SimulatedDisk disk, SimulatedDisk anchor, ClientLedger clients)
    {
        if (call.Path.StartsWith(_folder.Disk, StringComparison.Ordinal))
        {
            disk.Apply(call);
        }
        else if (Path.GetFileName(call.Path).StartsWith("client.", StringComparison.Ordinal))
        {
            if (call.Name == "pwritev")
            {
                var parts = Path.GetFileName(call.Path).Split('.');
                clients.Add(
                    parts[1],
                    int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture),
                    Encoding.ASCII.GetString(call.Data).TrimEnd('\n')
                );
            }
        }
        else if (call.Path.StartsWith(_folder.Path, StringComparison.Ordinal))
        {
            anchor.Apply(call);
        }
    }

    private async Task Run(string injection, int? receipts)
    {
        var trace = Path.Combine(_folder.Path, "trace");
        using var process = _folder.Start(
            60,
            "strace",
            "-f",
            "-qq",
            "-y",
            "-xx",
            "-s",
            "2000000",
            "-o",
            trace,
            "-e",
            "trace=" + SystemCall.Traced,
            "-e",
            "inject=" + injection
        );
        if (receipts is { } more)
        {
            await _folder.UntilReceipts(more, process);
            await _folder.Stop(process);
            Assert.Equal(0, process.ExitCode);
        }
        else
        {
            await process.WaitForExitAsync();
            Assert.Equal(137, process.ExitCode);
        }

        _calls =
        [
            .. _calls,
            .. SystemCall
                .Read(await File.ReadAllLinesAsync(trace))
                .Where(call => call.Path.StartsWith(_folder.Path, StringComparison.Ordinal) && (call.Name != "openat" || call.Creates)),
        ];
        File.Delete(trace);
    }
}
