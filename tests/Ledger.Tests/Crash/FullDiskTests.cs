using System.Diagnostics;
using Ledger.Tests.Support;
using Ledger.Tiles;
using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>T4, TH-24: a volume that fills up, at several points, on a tmpfs of its own. Needs root to mount it.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly LogKey keys = LogKey.Create();
    private bool mounted;

    private string Filler => Path.Combine(folder.Path, "filler");

    public void Dispose()
    {
        keys.Dispose();
        if (mounted)
        {
            Run("umount", folder.Path);
        }

        folder.Dispose();
    }

    [Fact]
    public async Task Below_the_stop_line_exchanges_are_refused_essential_records_go_through_and_space_brings_it_back()
    {
        Mount(16);
        var options = Options();
        options.StopFreeBytes = 4 << 20;
        await using var ledger = LedgerWriter.Open(options, keys, TimeProvider.System);
        await Some.Seal(ledger, Some.Record(1));
        Fill(leave: 3 << 20);
        await Until(() => ledger.State == LedgerState.LowSpace);
        Assert.False(ledger.TryReserve(1, out _));
        Assert.True(ledger.TryReserve(1, essential: true, out var seat));
        using (seat)
        {
            await ledger.AppendAsync(seat, [Some.Record(2)]);
        }

        File.Delete(Filler);
        await Until(() => ledger.State == LedgerState.Open);
        var last = (await Some.Seal(ledger, Some.Record(3)))[0];
        Assert.True((await ledger.WhenPublished(last.Size)).Size >= last.Size);
        Verify(last.Size);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(70_000)]
    [InlineData(300_000)]
    [InlineData(1_200_000)]
    public async Task On_a_full_disk_nothing_acknowledged_is_lost_and_the_ledger_heals_when_there_is_room(int leave)
    {
        Mount(12);
        var options = Options();
        options.HealAtMost = TimeSpan.FromMilliseconds(200);
        var acknowledged = new List<(Receipt Receipt, SealedRecord Record)>();
        await using (var ledger = LedgerWriter.Open(options, keys, TimeProvider.System))
        {
            Fill(leave);
            var refused = 0;
            for (var i = 0; refused < 3 && i < 20_000; i++)
            {
                var record = Some.Record(i, 700);
                if (!ledger.TryReserve(1, out var seat))
                {
                    refused++;
                    await Task.Delay(5);
                    continue;
                }

                try
                {
                    acknowledged.Add(((await ledger.AppendAsync(seat, [record]))[0], record));
                }
                catch (LedgerUnavailable)
                {
                    refused++;
                }
            }

            Assert.Equal(3, refused);
            File.Delete(Filler);
            await Until(() => ledger.State == LedgerState.Open);
            var again = Some.Record(-1);
            acknowledged.Add(((await Some.Seal(ledger, again))[0], again));
            await ledger.WhenPublished(acknowledged[^1].Receipt.Size);
        }

        var log = Verify(acknowledged[^1].Receipt.Size);
        foreach (var (receipt, record) in acknowledged)
        {
            Assert.Equal(record.Text.ToArray(), log.Entry(receipt.Index).Text.ToArray());
        }
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(10);
        }
    }

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { UseShellExecute = false })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private void Mount(int megabytes)
    {
        if (!Environment.IsPrivilegedProcess && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip("mounting a tmpfs needs root");
        }

        Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder.Path);
        mounted = true;
    }

    private LedgerOptions Options()
    {
        var options = Some.Options(Path.Combine(folder.Path, "log"));
        options.PublishEvery = TimeSpan.FromMilliseconds(50);
        return options;
    }

    private void Fill(long leave)
    {
        using var file = File.OpenHandle(Filler, FileMode.Create, FileAccess.Write);
        var block = new byte[4096];
        var free = new DriveInfo(folder.Path).AvailableFreeSpace - leave;
        try
        {
            for (long at = 0; at < free; at += block.Length)
            {
                RandomAccess.Write(file, block, at);
            }
        }
        catch (IOException)
        {
            // Full to the last page.
        }
    }

    private LogReader Verify(long atLeast)
    {
        var log = LogReader.Open(Path.Combine(folder.Path, "log"), keys.Verifier(Some.Origin));
        log.Verify();
        Assert.True(log.Checkpoint.Size >= atLeast);
        return log;
    }
}
