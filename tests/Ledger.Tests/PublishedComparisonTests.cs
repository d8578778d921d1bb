using Ledger.Tests.Support;
using Ledger.Tiles;
using Xunit;

namespace Ledger.Tests;

/// <summary>
/// What is published above the watermark and not known to be on disk, compared with the journal on opening (ledger page §7, §9): bundles
/// that stand in one segment and in two, with commits among their records.
/// </summary>
public sealed class PublishedComparisonTests : IDisposable
{
    private const int Records = 3000;
    private const int Bundles = Records / TilePath.Width;
    private readonly TempFolder _folder = new();
    private readonly LogKey _keys = LogKey.Create();
    private int _copies;

    private string Log => Path.Combine(_folder.Path, "log");

    public void Dispose()
    {
        _keys.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_right_files_are_taken_whichever_segments_their_records_stand_in()
    {
        await Crash();
        Assert.True(Directory.GetFiles(Path.Combine(Log, "journal")).Length > 4);
        await Opens(Copy());
    }

    [Fact]
    public async Task A_wrong_byte_in_any_full_bundle_or_tile_refuses_the_start_and_names_it()
    {
        await Crash();
        foreach (var file in Enumerable.Range(0, Bundles).SelectMany(static i => new[] { TilePath.OfEntries(i), TilePath.Of(0, i) }))
        {
            var copy = Copy();
            Change(Path.Combine(copy, file), static bytes => bytes[bytes.Length * 2 / 3] ^= 1);
            Assert.Equal(file, Assert.Throws<LedgerDamaged>(() => Open(copy)).Place);
        }
    }

    [Fact]
    public async Task A_bundle_that_holds_more_than_its_records_or_the_length_of_another_refuses_the_start()
    {
        await Crash();
        var longer = Copy();
        await File.AppendAllBytesAsync(
            Writable(Path.Combine(longer, TilePath.OfEntries(2))),
            "\0\u0001x"u8.ToArray(),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(TilePath.OfEntries(2), Assert.Throws<LedgerDamaged>(() => Open(longer)).Place);
        var other = Copy();
        Change(Path.Combine(other, TilePath.OfEntries(3)), static bytes => bytes[1]++);
        Assert.Equal(TilePath.OfEntries(3), Assert.Throws<LedgerDamaged>(() => Open(other)).Place);
    }

    [Fact]
    public async Task The_lowest_wrong_file_is_named_and_damage_of_the_journal_before_it()
    {
        await Crash();
        var copy = Copy();
        Change(Path.Combine(copy, TilePath.OfEntries(9)), static bytes => bytes[40] ^= 1);
        Change(Path.Combine(copy, TilePath.OfEntries(1)), static bytes => bytes[40] ^= 1);
        Assert.Equal(TilePath.OfEntries(1), Assert.Throws<LedgerDamaged>(() => Open(copy)).Place);
        Change(Path.Combine(copy, "journal", "000003"), static bytes => bytes[20_000] ^= 1);
        Assert.StartsWith("journal/000003 at ", Assert.Throws<LedgerDamaged>(() => Open(copy)).Place, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_power_loss_left_of_a_bundle_is_written_again()
    {
        await Crash();
        var copy = Copy();
        for (var i = 0; i < Bundles; i++)
        {
            var file = Path.Combine(copy, TilePath.OfEntries(i));
            var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            if (i % 3 == 0)
            {
                bytes = bytes[..(bytes.Length * i / Bundles)];
            }
            else
            {
                bytes.AsSpan(512 * i, 512).Clear();
            }

            await File.WriteAllBytesAsync(Writable(file), bytes, TestContext.Current.CancellationToken);
        }

        File.Delete(Path.Combine(copy, TilePath.Of(0, 5)));
        await Opens(copy);
    }

    /// <summary>
    /// A log in small segments, of groups of all sizes, as it lies there when the power goes: published, and nothing of that durably.
    /// </summary>
    private async Task Crash()
    {
        var running = Path.Combine(_folder.Path, "running");
        await using var ledger = Open(running);
        for (int done = 0, group = 1; done < Records; done += group, group = 1 + group * 7 % 90)
        {
            await Some.Seal(ledger, [.. Enumerable.Range(done, group).Select(static n => Some.Record(n, n * 37 % 100))]);
        }

        await ledger.WhenPublished(Records);
        CopyTo(running, Log);
    }

    private async Task Opens(string log)
    {
        await using (var ledger = Open(log))
        {
            await ledger.WhenPublished(ledger.Size);
        }

        var reader = LogReader.Open(log, _keys.Verifier(Some.Origin));
        reader.Verify();
        Assert.Equal(Some.Record(1999, 1999 * 37 % 100).Text.ToArray(), reader.Entry(2000).Text.ToArray());
    }

    private LedgerWriter Open(string log)
    {
        var options = Some.Options(log);
        (options.SegmentBytes, options.DurableEvery, options.DurableBytes) = (1 << 16, TimeSpan.FromDays(1), long.MaxValue);
        return LedgerWriter.Open(options, _keys, TimeProvider.System);
    }

    private string Copy()
    {
        var copy = Path.Combine(_folder.Path, $"copy-{++_copies}");
        CopyFiles(Log, copy, static _ => true);
        return copy;
    }

    /// <summary>
    /// Journal and checkpoint first: the publisher goes on for a moment, and a crash may leave more files than the checkpoint covers.
    /// </summary>
    private static void CopyTo(string from, string to)
    {
        CopyFiles(from, to, static file =>
            !file.Contains("/tile/", StringComparison.Ordinal)
            && !file.EndsWith(".tmp", StringComparison.Ordinal)
            && Path.GetFileName(file) is not ("lock" or "clean")
        );
        CopyFiles(from, to, static file =>
            file.Contains("/tile/", StringComparison.Ordinal)
            && !file.EndsWith(".tmp", StringComparison.Ordinal)
            && !file.Contains(".p/", StringComparison.Ordinal)
        );
    }

    private static void CopyFiles(string from, string to, Func<string, bool> which)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(which))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static void Change(string file, Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(file);
        change(bytes);
        File.WriteAllBytes(Writable(file), bytes);
    }

    private static string Writable(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }
}
