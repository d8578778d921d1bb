using Ledger.Tests.Support;
using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>T8, TH-22: the log never signs two histories. A witness's own refusal is tested beside the witness.</summary>
public sealed class ForkTests
{
    [Fact]
    public async Task While_a_process_owns_the_log_a_second_writer_is_refused_and_after_its_death_it_is_not()
    {
        using var folder = new CrashFolder();
        using var process = folder.Start(60);
        await folder.UntilReceipts(50, process);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            Assert.Throws<LedgerUnavailable>(() => LedgerWriter.Open(Crasher.Options(folder.Path), folder.Keys, TimeProvider.System));
        }

        process.Kill();
        await process.WaitForExitAsync();
        Extent.Passed("T8", "second writer refused while the first lives", 5, await folder.MustHoldEverythingAcknowledged());
    }

    [Fact]
    public async Task A_restored_backup_is_refused_by_the_anchor_and_without_one_by_what_a_witness_holds()
    {
        using var folder = new CrashFolder();
        var options = Crasher.Options(folder.Path);
        await Seal(options, folder.Keys, 300);
        Copy(options.Directory, options.Directory + ".backup");
        await Seal(options, folder.Keys, 300);
        var witnessed = await File.ReadAllTextAsync(Path.Combine(options.Directory, "checkpoint"));
        Directory.Delete(options.Directory, recursive: true);
        Copy(options.Directory + ".backup", options.Directory);
        Assert.Equal("anchor", Refused(options, folder.Keys).Place);

        options.AnchorFile = null;
        options.MustExtend = [witnessed];
        Assert.Equal("a witness's checkpoint", Refused(options, folder.Keys).Place);

        // With neither, nothing on this machine can tell: the log goes on and signs another history, which the checkpoint that left the
        // building contradicts for ever. That is why a witness must answer at the start in production.
        options.MustExtend = [];
        await Seal(options, folder.Keys, 400);
        options.MustExtend = [witnessed];
        Assert.Contains("not a beginning", Refused(options, folder.Keys).Message, StringComparison.Ordinal);
        Extent.Passed("T8", "restored backup refused: anchor, witness, forked", 3, 0);
    }

    private static LedgerDamaged Refused(LedgerOptions options, LogKey keys) =>
        Assert.Throws<LedgerDamaged>(() => LedgerWriter.Open(options, keys, TimeProvider.System));

    private static async Task Seal(LedgerOptions options, LogKey keys, int records)
    {
        await using var ledger = LedgerWriter.Open(options, keys, TimeProvider.System);
        for (var i = 0; i < records; i++)
        {
            await Some.Seal(ledger, Some.Record(i));
        }

        await ledger.WhenPublished(records);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
