using Ledger.Tests.Support;
using Ledger.Tiles;
using Verifier;
using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>
/// T7, TH-20, TH-21: every change to what was written is found, by the opening of the log or by the verifier, and its place named.
/// </summary>
public sealed class TamperTests : IDisposable
{
    private readonly TempFolder _folder = new(memory: true);
    private readonly LogKey _keys = LogKey.Create();

    private string Log => Path.Combine(_folder.Path, "log");

    public void Dispose()
    {
        _keys.Dispose();
        _folder.Dispose();
    }

    /// <summary>Bounded: every bit position in turn, in each 97th byte.</summary>
    [Fact]
    public void A_flipped_bit_in_the_last_64_KiB_of_the_journal_refuses_the_start_and_the_place_is_named()
    {
        using var journal = new SomeJournal(1 << 17);
        while (journal.Groups.Count == 0 || journal.Groups[^1].End < 1 << 16)
        {
            journal.Add(2 + journal.Groups.Count % 9, journal.Groups.Count * 37 % 700);
        }

        var (end, step, flipped) = (journal.Groups[^1].End, Extent.Of("T7", 8 * 97 + 1, 1), 0);
        for (var bit = (long)(end - (1 << 16)) * 8; bit < end * 8L; bit += step)
        {
            var data = journal.Data[0].ToArray();
            data[bit / 8] ^= (byte)(1 << (int)(bit % 8));
            var damage = Record.Exception(() => journal.Replay(data)) as LedgerDamaged;
            Assert.True(damage is not null, $"bit {bit} went unnoticed");
            Assert.StartsWith("journal/000000 at ", damage.Place, StringComparison.Ordinal);
            if (++flipped % 10_000 == 0)
            {
                Extent.Progress("T7", "bits of the journal", flipped, (1 << 19) / step);
            }
        }

        Extent.Passed("T7", "a bit of the journal's last 64 KiB: start refused", flipped, journal.Groups[^1].Size);
    }

    /// <summary>Bounded 300, in full 10,000.</summary>
    [Fact]
    public async Task A_flipped_bit_in_any_tile_bundle_or_checkpoint_is_found_by_the_verifier()
    {
        await Seal();
        var (random, flips) = (new Random(7), Extent.Of("T7B", 300, 10_000));
        string[] files = [.. Published()];
        for (var flip = 1; flip <= flips; flip++)
        {
            var file = files[random.Next(files.Length)];
            var bytes = await File.ReadAllBytesAsync(file);
            var bit = random.Next(SignedBytes(file, bytes) * 8);
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            await Changed(file, bytes, $"bit {bit} of {file}");
            if (flip % 100 == 0)
            {
                Extent.Progress("T7", "bits of published files", flip, flips);
            }
        }

        Extent.Passed("T7", "a random bit of a tile, bundle or checkpoint: found", flips, Reader().Checkpoint.Size);
    }

    [Fact]
    public async Task A_file_that_is_dropped_swapped_or_cut_short_is_found_by_the_verifier()
    {
        await Seal();
        string[] files = [.. Published()];
        var faults = 0;
        foreach (var file in files)
        {
            var bytes = await File.ReadAllBytesAsync(file);
            await Changed(file, null, $"without {file}");
            await Changed(file, bytes[..^1], $"{file} cut by a byte");
            await Changed(file, bytes[..(bytes.Length / 2)], $"{file} cut to half");
            await Changed(file, [], $"{file} emptied");
            faults += 4;
            var other = await File.ReadAllBytesAsync(files[(Array.IndexOf(files, file) + 1) % files.Length]);
            if (!other.AsSpan().SequenceEqual(bytes))
            {
                await Changed(file, other, $"{file} with the bytes of its neighbour");
                faults++;
            }
        }

        Extent.Passed("T7", "a published file dropped, swapped, cut: found", faults, Reader().Checkpoint.Size);
    }

    private async Task Seal()
    {
        var options = Some.Options(Log);
        await using var ledger = LedgerWriter.Open(options, _keys, TimeProvider.System);
        for (var i = 0; i < 700; i += 100)
        {
            await Some.Seal(ledger, [.. Enumerable.Range(i, 100).Select(static n => Some.Record(n, n % 90))]);
        }

        await ledger.WhenPublished(701);
    }

    /// <summary>Every file that the newest checkpoint rests on: partial files of older sizes belong to nobody any more.</summary>
    private IEnumerable<string> Published()
    {
        var size = Reader().Checkpoint.Size;
        return Directory
            .GetFiles(Path.Combine(Log, "tile"), "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetDirectoryName(file)!.EndsWith(".p", StringComparison.Ordinal) || Newest(file, size))
            .Append(Path.Combine(Log, "checkpoint"));
    }

    /// <summary>The second signature line of a checkpoint is for verifiers with the other key; this one has the first.</summary>
    private static int SignedBytes(string file, byte[] bytes) =>
        file.EndsWith("checkpoint", StringComparison.Ordinal) ? bytes.AsSpan().LastIndexOf("\n— "u8) : bytes.Length;

    private bool Newest(string file, long size)
    {
        var level = Path.GetRelativePath(Path.Combine(Log, "tile"), file).Split('/')[0];
        var width = level switch
        {
            "entries" or "0" => size % 256,
            "1" => size / 256 % 256,
            _ => 0,
        };
        return Path.GetFileName(file) == width.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task Changed(string file, byte[]? bytes, string what)
    {
        var good = await File.ReadAllBytesAsync(file);
        File.Delete(file);
        if (bytes is not null)
        {
            await File.WriteAllBytesAsync(file, bytes);
        }

        using var output = new StringWriter();
        var code = CommandLine.Run(["log", Log, "--vkey", _keys.Verifier(Some.Origin).ToString()], output);
        Assert.True(code == 1 && output.ToString().Contains("FAIL: ", StringComparison.Ordinal), $"{what}: {output}");
        File.Delete(file);
        await File.WriteAllBytesAsync(file, good);
    }

    private LogReader Reader() => LogReader.Open(Log, _keys.Verifier(Some.Origin));
}
