using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>T1, TH-23: SIGKILL at random moments under the load of 64 callers, on one log that lives through all of them.</summary>
public sealed class KillTests
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed_at_random_moments()
    {
        var rounds = Extent.Of("T1", 15, 200);
        using var folder = new CrashFolder();
        var random = new Random(1);
        for (var round = 1; round <= rounds; round++)
        {
            using var process = folder.Start(60);
            await folder.UntilReceipts(random.Next(1, 400), process);
            await Task.Delay(random.Next(30));
            process.Kill();
            await process.WaitForExitAsync();
            Assert.Equal(137, process.ExitCode);
            await folder.MustHoldEverythingAcknowledged();
            Extent.Progress("T1", "SIGKILL", round, rounds);
        }

        Assert.True(folder.Receipts > rounds);
        Extent.Passed("T1", "SIGKILL at random under 64 callers", rounds, folder.Receipts);
    }

    [Fact]
    public async Task A_process_that_ends_by_itself_leaves_exactly_what_was_acknowledged()
    {
        using var folder = new CrashFolder();
        using var process = folder.Start(60);
        await folder.UntilReceipts(100, process);
        await folder.Stop(process);
        Assert.Equal(0, process.ExitCode);
        Assert.True(await folder.MustHoldEverythingAcknowledged() > 0);
        Assert.Equal(0, folder.Clients.Refused);
    }
}
