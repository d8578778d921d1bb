using Ledger.Tests.Support;
using Ledger.Tiles;
using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>
/// T4, TH-24: a volume that fills up, at many points, on a tmpfs and on an ext4 image of its own. Needs root to mount them.
/// </summary>
public sealed class FullDiskTests : IDisposable
{
    private const int Step = 20_480;
    private readonly TempFolder _folder = new();
    private readonly LogKey _keys = LogKey.Create();
    private readonly string _disk;
    private Volume? _volume;

    public FullDiskTests()
    {
        _disk = Path.Combine(_folder.Path, "disk");
        Directory.CreateDirectory(_disk);
    }

    private string Filler => Path.Combine(_disk, "filler");

    public void Dispose()
    {
        _keys.Dispose();
        _volume?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Below_the_stop_line_exchanges_are_refused_essential_records_go_through_and_space_brings_it_back()
    {
        _volume = Volume.Tmpfs(_disk, 16);
        var options = Options("log");
        options.SegmentBytes = 1 << 20;
        options.StopFreeBytes = 4 << 20;
        await using var ledger = LedgerWriter.Open(options, _keys, TimeProvider.System);
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
        Verify("log", last.Size);
    }

    /// <summary>In full 200 points on each, every 5 KiB; bounded 50 on tmpfs and 4 on ext4.</summary>
    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public async Task On_a_full_disk_nothing_acknowledged_is_lost_and_the_ledger_heals_when_there_is_room(string kind)
    {
        if (kind == "ext4" && !Volume.CanLoop && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip("needs root and a loop device");
        }

        // Without a loop device in CI the tmpfs points stand alone, once more.
        _volume = kind == "tmpfs" || !Volume.CanLoop ? Volume.Tmpfs(_disk, 8) : Volume.Image(_disk, kind, 12);
        var points = Extent.Of("T4", kind == "tmpfs" ? 50 : 4, 200);
        var (acknowledged, each) = (0, 50 * Step / points);
        for (var point = 0; point < points; point++)
        {
            acknowledged += await FillAt(point * each, $"log{point}");
            Extent.Progress("T4", $"disk full on {kind}", point + 1, points);
        }

        Extent.Passed("T4", $"disk full on {kind}, healed when there is room", points, acknowledged);
    }

    private async Task<int> FillAt(int leave, string log)
    {
        var acknowledged = new List<(Receipt Receipt, SealedRecord Record)>();
        await using (var ledger = LedgerWriter.Open(Options(log), _keys, TimeProvider.System))
        {
            Fill(leave);
            await SealUntilRefused(ledger, acknowledged);
            File.Delete(Filler);
            acknowledged.Add(await SealAgain(ledger));
            await ledger.WhenPublished(acknowledged[^1].Receipt.Size);
        }

        var reader = Verify(log, acknowledged[^1].Receipt.Size);
        foreach (var (receipt, record) in acknowledged)
        {
            Assert.Equal(record.Text.ToArray(), reader.Entry(receipt.Index).Text.ToArray());
        }

        Directory.Delete(Path.Combine(_disk, log), recursive: true);
        return acknowledged.Count;
    }

    private static async Task SealUntilRefused(LedgerWriter ledger, List<(Receipt Receipt, SealedRecord Record)> acknowledged)
    {
        var refused = 0;
        for (var i = 0; refused < 3 && i < 20_000; i += 20)
        {
            SealedRecord[] records = [.. Enumerable.Range(i, 20).Select(static n => Some.Record(n, 700))];
            if (!ledger.TryReserve(records.Length, out var seat))
            {
                refused++;
                await Task.Delay(5);
                continue;
            }

            try
            {
                acknowledged.AddRange((await ledger.AppendAsync(seat, records)).Zip(records));
            }
            catch (LedgerUnavailable)
            {
                refused++;
            }
        }

        Assert.Equal(3, refused);
    }

    /// <summary>The state is of the last look: a publication may have failed meanwhile, and the first record then meets that.</summary>
    private static async Task<(Receipt Receipt, SealedRecord Record)> SealAgain(LedgerWriter ledger)
    {
        var record = Some.Record(-1);
        while (true)
        {
            try
            {
                return ((await Some.Seal(ledger, record))[0], record);
            }
            catch (LedgerUnavailable)
            {
                Assert.Null(ledger.Damage);
            }
        }
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(10);
        }
    }

    private LedgerOptions Options(string log)
    {
        var options = Some.Options(Path.Combine(_disk, log));
        options.SegmentBytes = 1 << 17;
        options.PublishEvery = TimeSpan.FromMilliseconds(50);
        options.HealAtMost = TimeSpan.FromMilliseconds(50);
        return options;
    }

    private void Fill(long leave)
    {
        using var file = File.OpenHandle(Filler, FileMode.Create, FileAccess.Write);
        var block = new byte[4096];
        var free = new DriveInfo(_disk).AvailableFreeSpace - leave;
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

    private LogReader Verify(string log, long atLeast)
    {
        var reader = LogReader.Open(Path.Combine(_disk, log), _keys.Verifier(Some.Origin));
        reader.Verify();
        Assert.True(reader.Checkpoint.Size >= atLeast);
        return reader;
    }
}
