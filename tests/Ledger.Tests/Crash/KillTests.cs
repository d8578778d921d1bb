using System.Globalization;
using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>T1, TH-23: SIGKILL at random moments under load, on one log that lives through all of them.</summary>
public sealed class KillTests
{
    private static int Rounds => int.Parse(Environment.GetEnvironmentVariable("LEDGER_CRASH_ROUNDS") ?? "15", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed_at_random_moments()
    {
        using var folder = new CrashFolder();
        var random = new Random(1);
        for (var round = 1; round <= Rounds; round++)
        {
            using var process = folder.Start(60);
            await folder.UntilReceipts(random.Next(1, 400), process);
            await Task.Delay(random.Next(30));
            process.Kill();
            await process.WaitForExitAsync();
            Assert.Equal(137, process.ExitCode);
            await folder.MustHoldEverythingAcknowledged(round);
        }

        Assert.True(folder.Receipts > Rounds);
    }

    [Fact]
    public async Task A_process_that_ends_by_itself_leaves_exactly_what_was_acknowledged()
    {
        using var folder = new CrashFolder();
        using var process = folder.Start(0.5);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        await folder.MustHoldEverythingAcknowledged(0);
        Assert.True(folder.Receipts > 0);
    }
}
