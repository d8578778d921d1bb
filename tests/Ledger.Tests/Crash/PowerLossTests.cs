using Ledger.Tests.Crash.Simulation;
using Ledger.Tests.Support;
using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>
/// T5, TH-23: the power of the log's disk fails under load: an ext4 and an xfs image on loop devices are shut down without their caches
/// being written, mounted again and recovered, several times over on one log. The anchor stands on another volume, which keeps its power.
/// </summary>
public sealed class PowerLossTests
{
    [Theory]
    [InlineData("ext4", 64)]
    [InlineData("xfs", 320)]
    public async Task Nothing_acknowledged_is_lost_when_the_power_fails(string kind, int megabytes)
    {
        var points = Extent.Of("T5", 5, 50);
        if (!Volume.CanLoop)
        {
            await WithoutDevice(kind, points);
            return;
        }

        using var folder = new CrashFolder();
        using var volume = Volume.Image(folder.Disk, kind, megabytes);
        var random = new Random(kind.Length);
        for (var point = 1; point <= points; point++)
        {
            using var process = folder.Start(60);
            await folder.UntilReceipts(random.Next(1, 2000), process);
            await Task.Delay(random.Next(30));
            volume.PowerOff();
            // The process lives on for a moment and must not confirm anything more: what it does is in the client ledgers.
            await Task.Delay(random.Next(50));
            process.Kill();
            await process.WaitForExitAsync();
            volume.PowerOn();
            await folder.MustHoldEverythingAcknowledged();
            Extent.Progress("T5", $"power loss on {kind}", point, points);
        }

        Assert.True(folder.Receipts > points);
        Extent.Passed("T5", $"power loss on {kind}", points, folder.Receipts);
    }

    private static async Task WithoutDevice(string kind, int points)
    {
        if (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip(
                "power loss on a real file system needs root, a loop device, e2fsprogs and xfsprogs; the simulated disk is tested in SimulationTests"
            );
        }

        var message = $"NO LOOP DEVICE ON THIS MACHINE: instead of {points} power losses on {kind}, {points * 20} on the simulated disk";
        TestContext.Current.SendDiagnosticMessage(message);
        await Console.Error.WriteLineAsync(message);
        using var history = await History.Record();
        var receipts = Enumerable.Range(100_000 + kind.Length * 10_000, points * 20).Sum(seed => history.CrashAndRecover(seed));
        Extent.Passed("T5", $"SIMULATED power loss instead of {kind}: no loop device", points * 20, receipts, message);
    }
}
