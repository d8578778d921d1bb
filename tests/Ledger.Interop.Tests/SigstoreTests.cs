using System.Globalization;
using Ledger.Interop.Tests.Logs;
using Ledger.Interop.Tests.Tools;
using Xunit;

namespace Ledger.Interop.Tests;

/// <summary>npm <c>@sigstore/verify</c> takes our offline proofs, under either key of the log (ledger page §18).</summary>
public sealed class SigstoreTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(255, 254)]
    [InlineData(256, 0)]
    [InlineData(257, 256)]
    [InlineData(70_000, 0)]
    [InlineData(70_000, 65_535)]
    [InlineData(70_000, 65_536)]
    [InlineData(70_000, 69_999)]
    public async Task Sigstore_accepts_the_proof_of_a_record(int size, int index)
    {
        using var log = await PublishedLog.Of(size);
        var (proof, entry) = Files(log, index);
        foreach (var key in new[] { log.Vkey, log.P256Key.ToString() })
        {
            var said = await Sigstore.Check(key, proof, entry);
            output.WriteLine(said.Text);
            Assert.True(said.Accepts, said.Text);
        }
    }

    [Fact]
    public async Task Sigstore_accepts_the_published_vector_that_a_witness_cosigned()
    {
        var vectors = Tool.InRepository("contracts", "ledger", "vectors");
        var said = await Sigstore.Check(
            "anss.example/audit/2026/n1+3cc6f8cd+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
            Path.Combine(vectors, "tlog-proof", "record-1.tlog-proof"),
            Path.Combine(vectors, "records", "1.json")
        );
        output.WriteLine(said.Text);
        Assert.True(said.Accepts, said.Text);
    }

    [Fact]
    public async Task Every_single_change_of_proof_or_record_is_refused_by_Sigstore()
    {
        using var log = await PublishedLog.Of(300);
        var (proof, entry) = Files(log, 131);
        var text = await File.ReadAllTextAsync(proof);
        var record = await File.ReadAllTextAsync(entry);
        // Under the Ed25519 key: everything up to the end of its line. What follows is of keys that this reader was not told to trust.
        var trusted = text.IndexOf('\n', text.IndexOf('—', StringComparison.Ordinal));
        var changes = Enumerable
            .Range(0, trusted)
            .Where(static at => at % 9 == 0)
            .Select(at => (Proof: Flip(text, at), Entry: record))
            .Concat(Enumerable.Range(0, record.Length).Where(static at => at % 5 == 0).Select(at => (Proof: text, Entry: Flip(record, at))))
            .Concat(Edits(text).Select(edited => (Proof: edited, Entry: record)));
        var count = 0;
        foreach (var change in changes)
        {
            var said = await Sigstore.Check(
                log.Vkey,
                log.Write("changed.tlog-proof", change.Proof),
                log.Write("changed.json", change.Entry)
            );
            Assert.False(said.Accepts, change.Proof + change.Entry);
            count++;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} changes: all refused by @sigstore/verify"));
        Assert.False(
            (await Sigstore.Check(log.P256Key.ToString(), log.Write("changed.tlog-proof", Flip(text, text.Length - 40)), entry)).Accepts
        );
    }

    private static IEnumerable<string> Edits(string text)
    {
        var lines = text.Split('\n');
        yield return text.Replace("index 131", "index 130", StringComparison.Ordinal);
        yield return text.Replace("\n300\n", "\n299\n", StringComparison.Ordinal);
        yield return string.Join('\n', lines.Where((_, i) => i != 3));
        yield return string.Join(
            '\n',
            lines.Select(
                (line, i) =>
                    i == 2 ? lines[3]
                    : i == 3 ? lines[2]
                    : line
            )
        );
        yield return string.Join('\n', lines.Where(static line => !line.StartsWith('—')));
    }

    private static string Flip(string text, int at) =>
        string.Concat(text.AsSpan(0, at), ((char)(text[at] ^ 1)).ToString(), text.AsSpan(at + 1));

    private static (string Proof, string Entry) Files(PublishedLog log, int index)
    {
        var reader = log.Read();
        return (
            log.Write("record.tlog-proof", reader.Proof(index).ToString()),
            log.Write("record.json", System.Text.Encoding.ASCII.GetString(reader.Entry(index).Text.Span))
        );
    }
}
