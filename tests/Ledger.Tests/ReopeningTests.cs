using Ledger.Tests.Support;
using Ledger.Tiles;
using Xunit;

namespace Ledger.Tests;

/// <summary>The whole writer on real folders: restart, crash, backup, publication (ledger page §5, §9, §10).</summary>
public sealed class ReopeningTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly LogKey _keys = LogKey.Create();

    private string Log => Path.Combine(_folder.Path, "log");

    private string Segment => Path.Combine(Log, "journal", "000000");

    public void Dispose()
    {
        _keys.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task After_a_clean_stop_nothing_is_recovered()
    {
        await Run(10);
        Assert.Equal("12\n", await File.ReadAllTextAsync(Path.Combine(Log, "clean")));
        await Run(1);
        Assert.Equal(["start", "stop", "start", "stop"], Kinds().Where(static kind => kind is not ""));
    }

    [Fact]
    public async Task After_a_torn_write_the_log_says_what_was_cut_and_goes_on()
    {
        await Run(10);
        var end = EndOfData();
        await using (var stream = File.OpenWrite(Segment))
        {
            stream.Seek(end, SeekOrigin.Begin);
            stream.Write([0xae, 0, 0, 0, 1, 0, 0]);
        }

        await Run(1);
        Assert.Equal(["start", "stop", "recover", "start", "stop"], Kinds().Where(static kind => kind is not ""));
        var recover = Reader().Entry(12).Text;
        Assert.Contains("\"cut\":5,\"tail\":1,\"size\":12}", System.Text.Encoding.ASCII.GetString(recover.Span), StringComparison.Ordinal);
        Reader().Verify();
    }

    [Fact]
    public async Task A_flipped_bit_in_a_stopped_log_refuses_the_start_and_changes_nothing()
    {
        await Run(10);
        var data = await File.ReadAllBytesAsync(Segment);
        data[1000] ^= 4;
        await File.WriteAllBytesAsync(Segment, data);
        var damage = Assert.Throws<LedgerDamaged>(() => Open());
        Assert.StartsWith("journal/000000 at ", damage.Place, StringComparison.Ordinal);
        Assert.Equal(data, await File.ReadAllBytesAsync(Segment));
        data[1000] ^= 4;
        await File.WriteAllBytesAsync(Segment, data);
        await Run(1);
    }

    [Fact]
    public async Task An_older_copy_of_the_log_is_refused_because_the_anchor_knows_more()
    {
        await Run(10);
        Copy(Log, Path.Combine(_folder.Path, "backup"));
        await Run(10);
        Directory.Delete(Log, recursive: true);
        Copy(Path.Combine(_folder.Path, "backup"), Log);
        Assert.Equal("anchor", Assert.Throws<LedgerDamaged>(() => Open()).Place);
    }

    [Fact]
    public async Task A_log_whose_end_was_cut_off_is_refused_because_it_was_published()
    {
        await Run(10);
        var data = await File.ReadAllBytesAsync(Segment);
        data.AsSpan(EndOfData() - 300).Clear();
        await File.WriteAllBytesAsync(Segment, data);
        Assert.Contains("lost what it confirmed", Assert.Throws<LedgerDamaged>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_went_another_way_is_refused()
    {
        await Run(10);
        var note = await File.ReadAllTextAsync(Path.Combine(Log, "checkpoint"));
        Directory.Delete(Log, recursive: true);
        File.Delete(Anchor);
        await Run(12);
        await File.WriteAllTextAsync(Anchor, note);
        Assert.Contains("not a beginning", Assert.Throws<LedgerDamaged>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_segment_is_refused()
    {
        for (var i = 0; i < 3; i++)
        {
            await Run(2000, 300);
        }

        File.Delete(Path.Combine(Log, "journal", "000001"));
        Assert.Contains("a segment is missing", Assert.Throws<LedgerDamaged>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tile_that_changed_is_never_replaced()
    {
        await Run(300);
        var tile = Path.Combine(Log, TilePath.OfEntries(0));
        var bytes = await File.ReadAllBytesAsync(tile);
        bytes[5] ^= 1;
        File.Delete(tile);
        await File.WriteAllBytesAsync(tile, bytes);
        Assert.Equal(TilePath.OfEntries(0), Assert.Throws<LedgerDamaged>(() => Open()).Place);
    }

    [Fact(Timeout = 120_000)]
    public async Task Journal_segments_go_once_all_of_them_is_published_durably_and_the_log_opens_from_tiles()
    {
        var options = Options();
        options.DurableEvery = TimeSpan.FromMilliseconds(20);
        options.PublishEvery = TimeSpan.FromMilliseconds(10);
        await using (var ledger = LedgerWriter.Open(options, _keys, TimeProvider.System))
        {
            for (var i = 0; i < 100; i++)
            {
                await Some.Seal(ledger, [.. Enumerable.Range(0, 40).Select(n => Some.Record(n, 500))]);
            }

            await ledger.WhenPublished(4001);
            while (File.Exists(Segment))
            {
                Assert.Null(ledger.Damage);
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }

        await Run(700, 10);
        Reader().Verify();
        Assert.Equal(4001 + 1 + 702, Reader().Checkpoint.Size);
        for (long size = 1; size < 4700; size += 97)
        {
            var proof = Reader().ConsistencyPath(size);
            Assert.True(ConsistencyProof.Verify(size, Reader().RootAt(size), Reader().Checkpoint.Size, Reader().Checkpoint.Root, proof));
        }
    }

    [Fact]
    public async Task Unpublished_records_are_published_after_a_crash()
    {
        var copy = Path.Combine(_folder.Path, "crashed");
        await using (var ledger = Open())
        {
            await Some.Seal(ledger, [.. Enumerable.Range(0, 900).Select(static n => Some.Record(n))]);
            Directory.CreateDirectory(Path.Combine(copy, "journal"));
            File.Copy(Segment, Path.Combine(copy, "journal", "000000"));
        }

        var options = Options();
        options.Directory = copy;
        options.AnchorFile = null;
        await using var again = LedgerWriter.Open(options, _keys, TimeProvider.System);
        Assert.Equal(903, (await again.WhenPublished(903)).Size);
        var reader = LogReader.Open(copy, _keys.Verifier(Some.Origin));
        reader.Verify();
        Assert.Equal(Some.Record(899).Text.ToArray(), reader.Entry(900).Text.ToArray());
    }

    [Fact]
    public async Task Unpublished_records_are_published_after_a_crash_that_tore_the_first_group_of_the_next_segment()
    {
        var copy = Path.Combine(_folder.Path, "crashed");
        await using (var ledger = Open())
        {
            await Some.Seal(ledger, [.. Enumerable.Range(0, 900).Select(static n => Some.Record(n))]);
            Directory.CreateDirectory(Path.Combine(copy, "journal"));
            File.Copy(Segment, Path.Combine(copy, "journal", "000000"));
            var torn = new byte[new FileInfo(Segment).Length];
            (await File.ReadAllBytesAsync(Segment, TestContext.Current.CancellationToken)).AsSpan(0, 20).CopyTo(torn);
            await File.WriteAllBytesAsync(Path.Combine(copy, "journal", "000001"), torn, TestContext.Current.CancellationToken);
        }

        var options = Options();
        options.Directory = copy;
        options.AnchorFile = null;
        await using var again = LedgerWriter.Open(options, _keys, TimeProvider.System);
        Assert.Equal(903, (await again.WhenPublished(903)).Size);
        LogReader.Open(copy, _keys.Verifier(Some.Origin)).Verify();
    }

    private string Anchor => Path.Combine(_folder.Path, "anchor", "2026-n1");

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private LedgerOptions Options()
    {
        var options = Some.Options(Log);
        options.AnchorFile = Anchor;
        return options;
    }

    private LedgerWriter Open() => LedgerWriter.Open(Options(), _keys, TimeProvider.System);

    private async Task Run(int records, int padding = 0)
    {
        await using var ledger = Open();
        await Some.Seal(ledger, [.. Enumerable.Range(0, records).Select(n => Some.Record(n, padding))]);
        await ledger.WhenPublished(records);
    }

    private int EndOfData() => File.ReadAllBytes(Segment).AsSpan().LastIndexOfAnyExcept((byte)0) / 8 * 8 + 8;

    private LogReader Reader() => LogReader.Open(Log, _keys.Verifier(Some.Origin));

    private IEnumerable<string> Kinds() =>
        Reader()
            .Entries()
            .Select(static entry =>
            {
                using var json = System.Text.Json.JsonDocument.Parse(entry.Text);
                return json.RootElement.TryGetProperty("ev", out var kind) ? kind.GetString()! : "";
            });
}
