using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>
/// T3, TH-24: the n-th call of a kind fails. Nothing unsure is confirmed, the segment under a failed sync is never synced again, and the
/// process serves again without a restart. In full every n up to 60 for each error.
/// </summary>
public sealed class InjectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2.5);

    [Theory]
    [InlineData("fdatasync", "EIO", "40")]
    [InlineData("pwrite64", "ENOSPC", "60")]
    [InlineData("pwrite64", "EIO", "45")]
    [InlineData("rename", "EIO", "30..31")] // two in a row: one alone may be the anchor's, which is only tried again
    [InlineData("syncfs", "EIO", "2")]
    public async Task After_an_error_nothing_unsure_is_confirmed_and_the_ledger_serves_again_without_a_restart(
        string call,
        string error,
        string n
    )
    {
        Strace.Require();
        using var folder = new CrashFolder();
        var receipts = await FailAt(folder, call, $"error={error}", n, TimeSpan.FromSeconds(20));
        Assert.True(folder.HealedAndServed);
        Assert.True(folder.Clients.ServedAfterFailure);
        Extent.Passed("T3", $"{error} at {call} {n}, healed while running", 1, receipts);
    }

    [Theory]
    [InlineData("pwrite64", "error=EIO", "1 3 8")]
    [InlineData("pwrite64", "error=ENOSPC", "2 5")]
    [InlineData("pwrite64", "retval=0", "1 4 20")] // a short write: the rest must be written
    [InlineData("fdatasync", "error=EIO", "1 3 8")]
    [InlineData("fdatasync", "error=ENOSPC", "6")]
    [InlineData("rename", "error=ENOSPC", "4")]
    [InlineData("fsync", "error=EIO", "2 7")]
    [InlineData("unlink", "error=EIO", "3")]
    public async Task After_an_error_at_any_call_what_clients_hold_is_in_the_log(string call, string error, string points)
    {
        Strace.Require();
        var all = Extent.Of("T3", 0, 60);
        int[] numbers = all > 0 ? [.. Enumerable.Range(1, all)] : [.. points.Split(' ').Select(int.Parse)];
        var (done, receipts) = (0, 0);
        foreach (var chunk in numbers.Chunk(2))
        {
            receipts += (
                await Task.WhenAll(
                    chunk.Select(async n =>
                    {
                        using var folder = new CrashFolder();
                        return await FailAt(folder, call, error, n.ToString(System.Globalization.CultureInfo.InvariantCulture), Patience);
                    })
                )
            ).Sum();
            Extent.Progress("T3", $"{error} at {call}", done += chunk.Length, numbers.Length);
        }

        Extent.Passed("T3", $"{error} at the n-th {call}", done, receipts);
    }

    /// <summary>hardening page §4.1: fails when the sync goes through .NET, which swallows the error.</summary>
    [Fact]
    public async Task When_every_sync_fails_nothing_at_all_is_confirmed()
    {
        Strace.Require();
        using var folder = new CrashFolder();
        using var process = folder.Start(2, Strace.Inject("fdatasync", "error=EIO"));
        await process.WaitForExitAsync();
        Assert.NotEqual(0, process.ExitCode);
        Assert.Equal(0, folder.Receipts);
    }

    private static async Task<int> FailAt(CrashFolder folder, string call, string error, string n, TimeSpan patience)
    {
        var log = Path.Combine(folder.Path, "calls");
        using var process = folder.Start(60, Strace.InjectAndLogSyncs(call, $"{error}:when={n}", log));
        await folder.UntilServedAfterFailure(process, patience);
        await folder.Stop(process);
        try
        {
            // An error while the log opens refuses the start: then nothing was confirmed, and the next start finds everything in order.
            Assert.True(process.ExitCode == 0 || folder.Receipts == 0, await process.StandardError.ReadToEndAsync());
            NoSegmentIsSyncedAgain(await File.ReadAllLinesAsync(log));
            return await folder.MustHoldEverythingAcknowledged();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{error} at {call} {n}: {e.Message}", e);
        }
    }

    /// <summary>
    /// After a failed sync Linux may hold the pages for clean: the same file must never be asked again, only its replacement.
    /// </summary>
    private static void NoSegmentIsSyncedAgain(string[] calls)
    {
        var poisoned = "";
        foreach (
            var line in calls.Where(static line =>
                line.Contains("fdatasync(", StringComparison.Ordinal) && line.Contains("/journal/", StringComparison.Ordinal)
            )
        )
        {
            var path = line.Split('<', '>')[1];
            Assert.True(path != poisoned, $"{path} was synced again after a failed sync");
            if (line.Contains("(INJECTED)", StringComparison.Ordinal) && !path.EndsWith(".tmp", StringComparison.Ordinal))
            {
                poisoned = path;
            }
            else if (path == poisoned + ".tmp")
            {
                poisoned = "";
            }
        }
    }
}
