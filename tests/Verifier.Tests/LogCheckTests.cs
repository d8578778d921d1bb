using Ledger.Notes;
using Ledger.Tiles;
using Xunit;

namespace Verifier.Tests;

/// <summary>TH-20 to TH-22, T7: nothing published can be changed unnoticed.</summary>
public sealed class LogCheckTests : IAsyncLifetime
{
    private SealedLog _log = null!;

    private string Folder => Path.Combine(_log.Folder, "log");

    public async ValueTask InitializeAsync() => _log = await SealedLog.Of(520);

    public ValueTask DisposeAsync()
    {
        _log.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void A_whole_log_holds_and_its_records_can_be_written_out()
    {
        using var lines = new MemoryStream();
        var result = new LogCheck(TrustPolicy.Of(_log.Key, _log.P256Key)) { Lines = lines }.Run(Folder);
        Assert.True(result.Holds, result.Sentence);
        Assert.Contains("records, all unchanged: 523", result.Sentence, StringComparison.Ordinal);
        var text = System.Text.Encoding.ASCII.GetString(lines.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(523, text.Length);
        Assert.Equal(_log.Record, text[521]);
    }

    [Fact]
    public void A_random_flipped_bit_anywhere_in_the_published_files_is_found()
    {
        var policy = TrustPolicy.Of(_log.Key, _log.P256Key);
        var random = new Random(20261015);
        var files = Directory
            .GetFiles(Folder, "*", SearchOption.AllDirectories)
            .Where(static file =>
                file.Contains("/tile/", StringComparison.Ordinal) || file.EndsWith("/checkpoint", StringComparison.Ordinal)
            )
            .Where(IsCurrent)
            .ToArray();
        Assert.True(files.Length >= 8);
        for (var i = 0; i < 400; i++)
        {
            var file = files[random.Next(files.Length)];
            var bytes = File.ReadAllBytes(file);
            var bit = random.Next(bytes.Length * 8);
            Tampered(
                file,
                bytes,
                [.. bytes[..(bit / 8)], (byte)(bytes[bit / 8] ^ 1 << bit % 8), .. bytes[(bit / 8 + 1)..]],
                policy,
                $"bit {bit}"
            );
        }
    }

    [Fact]
    public void A_file_that_is_cut_emptied_swapped_or_gone_is_found()
    {
        var policy = TrustPolicy.Of(_log.Key);
        foreach (var file in Directory.GetFiles(Path.Combine(Folder, "tile"), "*", SearchOption.AllDirectories).Where(IsCurrent))
        {
            var bytes = File.ReadAllBytes(file);
            Tampered(file, bytes, bytes[..^1], policy, "cut");
            Tampered(file, bytes, [], policy, "emptied");
            Tampered(file, bytes, [.. bytes, 0], policy, "longer");
            Tampered(file, bytes, null, policy, "gone");
        }

        var (first, second) = (Path.Combine(Folder, TilePath.OfEntries(0)), Path.Combine(Folder, TilePath.OfEntries(1)));
        Tampered(first, File.ReadAllBytes(first), File.ReadAllBytes(second), policy, "swapped");
    }

    [Fact]
    public void The_place_of_a_changed_record_is_named()
    {
        var file = Path.Combine(Folder, TilePath.OfEntries(1));
        var bytes = File.ReadAllBytes(file);
        var text = System.Text.Encoding.ASCII.GetString(bytes);
        var at = text.IndexOf("\"i\":299", StringComparison.Ordinal);
        bytes[at + 4] = (byte)'3';
        Overwrite(file, bytes);
        Assert.StartsWith("record 300 ", new LogCheck(TrustPolicy.Of(_log.Key)).Run(Folder).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Older_checkpoints_are_beginnings_and_those_of_another_history_are_not()
    {
        var old = await File.ReadAllTextAsync(Path.Combine(Folder, "checkpoint"));
        await using (var writer = _log.Reopen())
        {
            await SealedLog.Seal(writer, ["""{"v":1}"""]);
        }

        Assert.True(
            new LogCheck(TrustPolicy.Of(_log.Key)) { Old = [old] }
                .Run(Folder)
                .Holds
        );
        var newest = await File.ReadAllTextAsync(Path.Combine(Folder, "checkpoint"));
        Overwrite(Path.Combine(Folder, "checkpoint"), System.Text.Encoding.UTF8.GetBytes(old));
        Assert.False(
            new LogCheck(TrustPolicy.Of(_log.Key)) { Old = [newest] }
                .Run(Folder)
                .Holds
        );
    }

    [Fact]
    public void A_log_signed_by_another_key_is_refused()
    {
        using var other = Ledger.LogKey.Create();
        Assert.Contains(
            "not signed",
            new LogCheck(TrustPolicy.Of(other.Verifier(SealedLog.Origin))).Run(Folder).Sentence,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_proof_of_each_record_holds_and_one_of_another_record_does_not()
    {
        var reader = LogReader.Open(Folder, _log.Key);
        var check = new ProofCheck(TrustPolicy.Of(_log.Key));
        foreach (var entry in reader.Entries())
        {
            var proof = reader.Proof(entry.Index).ToString();
            Assert.True(check.Run(proof, entry.Text).Holds);
            Assert.False(check.Run(proof, reader.Entry((entry.Index + 1) % 523).Text).Holds);
        }
    }

    /// <summary>Partial files that a newer full or wider one has replaced are not part of the log any more.</summary>
    private static bool IsCurrent(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        return !folder.EndsWith(".p", StringComparison.Ordinal)
            || Directory.GetFiles(folder).Max(static f => int.Parse(Path.GetFileName(f), System.Globalization.CultureInfo.InvariantCulture))
                == int.Parse(Path.GetFileName(file), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Overwrite(string file, byte[] bytes)
    {
        File.Delete(file);
        File.WriteAllBytes(file, bytes);
    }

    private void Tampered(string file, byte[] original, byte[]? bytes, TrustPolicy policy, string what)
    {
        if (bytes is null)
        {
            File.Delete(file);
        }
        else
        {
            Overwrite(file, bytes);
        }

        Assert.False(new LogCheck(policy).Run(Folder).Holds, $"{file}: {what}");
        Overwrite(file, original);
    }
}
