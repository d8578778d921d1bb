using Ledger.Interop.Tests.Logs;
using Ledger.Interop.Tests.Tools;
using Verifier;
using Xunit;

namespace Ledger.Interop.Tests;

/// <summary>Go's <c>golang.org/x/mod/sumdb</c> and our own verifier look at the same logs (ledger page §18, §21 T7 and T12).</summary>
public sealed class GoTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    public async Task Go_accepts_a_log_of_size(int size)
    {
        using var log = await PublishedLog.Of(size);
        await Accepted(log, size);
    }

    [Fact]
    public async Task Go_accepts_a_log_of_seventy_thousand_records_and_every_older_checkpoint()
    {
        using var log = await PublishedLog.Of(70_000, 1, 255, 256, 257, 4096, 65_535, 65_536, 65_537);
        await Accepted(log, 70_000);
    }

    [Theory]
    [InlineData(600)]
    [InlineData(256)]
    public async Task Every_single_change_is_refused_by_Go_and_by_the_verifier(int size)
    {
        using var log = await PublishedLog.Of(size);
        var count = 0;
        foreach (var tampering in Tampering.All(log))
        {
            var copy = log.Copy();
            tampering.Apply(copy);
            var go = await GoProgram.Check(log.Vkey, copy);
            Assert.False(go.Accepts, $"Go accepts: {tampering.Name}");
            Assert.StartsWith("FAIL", go.Text, StringComparison.Ordinal);
            Assert.False(Ours(log, copy).Holds, $"the verifier accepts: {tampering.Name}");
            Directory.Delete(copy, recursive: true);
            count++;
        }

        output.WriteLine($"{count} changes to a log of {size} records: all refused by Go and by the verifier");
    }

    [Fact]
    public async Task A_change_to_any_file_of_the_large_log_is_refused_by_Go()
    {
        using var log = await PublishedLog.Of(70_000);
        var files = log.Files();
        var random = new Random(17);
        foreach (
            var file in files
                .Where(static file =>
                    !file.Contains("/0/", StringComparison.Ordinal) && !file.Contains("entries", StringComparison.Ordinal)
                )
                .Concat(random.GetItems([.. files], 12))
        )
        {
            var path = Path.Combine(log.Folder, file);
            var bytes = await File.ReadAllBytesAsync(path);
            var at = random.Next(bytes.Length);
            bytes[at] ^= 4;
            await File.WriteAllBytesAsync(path, bytes);
            Assert.False((await GoProgram.Check(log.Vkey, log.Folder)).Accepts, $"Go accepts: byte {at} of {file}");
            Assert.False(Ours(log, log.Folder).Holds, $"the verifier accepts: byte {at} of {file}");
            bytes[at] ^= 4;
            await File.WriteAllBytesAsync(path, bytes);
        }

        Assert.True((await GoProgram.Check(log.Vkey, log.Folder)).Accepts);
    }

    [Fact]
    public async Task A_checkpoint_of_another_history_under_the_same_key_is_refused_by_Go()
    {
        using var log = await PublishedLog.Of(300);
        foreach (var size in new[] { 200, 300, 301 })
        {
            var foreign = log.Write("foreign", await log.OtherHistory(size));
            var said = await GoProgram.Check(log.Vkey, log.Folder, foreign);
            output.WriteLine(said.Text);
            Assert.False(said.Accepts, $"Go accepts a fork of {size} records");
        }
    }

    private async Task Accepted(PublishedLog log, int size)
    {
        var go = await GoProgram.Check(log.Vkey, log.Folder, [.. log.Old]);
        output.WriteLine(go.Text);
        Assert.True(go.Accepts, go.Text);
        Assert.StartsWith($"OK x/mod/sumdb: {size} entries", go.Text, StringComparison.Ordinal);
        var ours = Ours(log, log.Folder);
        Assert.True(ours.Holds, ours.Sentence);
    }

    private static CheckResult Ours(PublishedLog log, string folder) =>
        new LogCheck(Notes.TrustPolicy.Of(log.Key)) { Old = [.. log.Old.Select(File.ReadAllText)] }.Run(folder);
}
