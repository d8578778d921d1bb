using System.Text.Json;
using Ledger.Notes;
using Ledger.Tests.Support;
using Xunit;

namespace Ledger.Tests;

/// <summary>The files under <c>contracts/ledger/vectors</c>: complete, and judged by this implementation as they say.</summary>
public sealed class VectorFileTests
{
    private static string Folder { get; } = Path.Combine(Root(), "contracts", "ledger", "vectors");

    [Fact]
    public void The_files_are_what_the_published_formats_give()
    {
        var files = VectorFiles.All();
        if (Environment.GetEnvironmentVariable("LEDGER_WRITE_VECTORS") == "1")
        {
            foreach (var (name, bytes) in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, name))!);
                File.WriteAllBytes(Path.Combine(Folder, name), bytes);
            }
        }

        Assert.Equal(
            files.Keys,
            Directory
                .GetFiles(Folder, "*", SearchOption.AllDirectories)
                .Select(static f => Path.GetRelativePath(Folder, f))
                .Order(StringComparer.Ordinal)
        );
        Assert.All(files, static file => Assert.Equal(file.Value, File.ReadAllBytes(Path.Combine(Folder, file.Key))));
    }

    [Fact]
    public void Every_proof_is_valid_or_not_as_its_file_says()
    {
        foreach (var c in Read("proofs/inclusion.json").EnumerateArray())
        {
            Assert.Equal(
                Valid(c),
                InclusionProof.Verify(
                    Hash(c, "leaf"),
                    c.GetProperty("index").GetInt64(),
                    c.GetProperty("size").GetInt64(),
                    Path(c),
                    Hash(c, "root")
                )
            );
        }

        foreach (var c in Read("proofs/consistency.json").EnumerateArray())
        {
            Assert.Equal(
                Valid(c),
                ConsistencyProof.Verify(
                    c.GetProperty("old").GetInt64(),
                    Hash(c, "oldRoot"),
                    c.GetProperty("size").GetInt64(),
                    Hash(c, "root"),
                    Path(c)
                )
            );
        }

        static TreeHash[] Path(JsonElement c) =>
            [.. c.GetProperty("path").EnumerateArray().Select(static line => Parse(line.GetString()!))];
    }

    [Fact]
    public void Every_note_and_receipt_is_valid_or_not_as_its_file_says()
    {
        foreach (var c in Read("notes/cases.json").EnumerateArray())
        {
            Assert.Equal(Valid(c), Checkpoint.TryOpen(c.GetProperty("note").GetString()!, The.Key(), out _));
        }

        foreach (var c in Read("receipts.json").EnumerateArray())
        {
            Assert.Equal(
                Valid(c),
                ReceiptHeader.TryParse(c.GetProperty("header").GetString()!, out var header) && header.Verify(The.Key())
            );
        }
    }

    [Fact]
    public void Every_journal_is_recovered_or_refused_as_its_file_says()
    {
        foreach (var c in Read("journal/expected.json").EnumerateObject())
        {
            using var journal = new SomeJournal();
            var data = new byte[SomeJournal.SegmentBytes];
            File.ReadAllBytes(System.IO.Path.Combine(Folder, "journal", c.Name)).CopyTo(data, 0);
            if (c.Value.GetProperty("refused").GetBoolean())
            {
                Assert.Throws<LedgerDamaged>(() => journal.Replay(data));
            }
            else
            {
                Assert.Equal(c.Value.GetProperty("recovered").GetInt64(), journal.Replay(data).Edge.Size);
            }
        }
    }

    [Fact]
    public void The_policy_accepts_the_cosigned_checkpoint_and_not_one_without_the_witness()
    {
        var policy = TrustPolicy.Parse(File.ReadAllText(System.IO.Path.Combine(Folder, "policy/quorum.policy")));
        var note = File.ReadAllText(System.IO.Path.Combine(Folder, "notes/checkpoint-3"));
        Assert.True(policy.TryOpen(note, out _, out _));
        Assert.False(policy.TryOpen(note[..note.IndexOf("— witness", StringComparison.Ordinal)], out _, out var reason));
        Assert.Contains("quorum", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("quorum none")]
    [InlineData("log rubbish\nquorum none")]
    [InlineData("log {log}")]
    [InlineData("log {log}\nquorum nobody")]
    [InlineData("log {log}\nwitness none {witness}\nquorum none")]
    [InlineData("log {log}\nwitness w {log}\nquorum none")]
    [InlineData("log {log}\nwitness w {witness}\ngroup g 2 w\nquorum g")]
    [InlineData("log {log}\ngroup g 1 w\nwitness w {witness}\nquorum g")]
    [InlineData("log {log}\nquorum none\nquorum none")]
    public void A_policy_with_a_mistake_is_refused_whole(string text) =>
        Assert.Throws<FormatException>(() =>
            TrustPolicy.Parse(
                text.Replace("{log}", The.Vkey, StringComparison.Ordinal).Replace("{witness}", The.WitnessVkey, StringComparison.Ordinal)
            )
        );

    private static JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(Folder, file))).RootElement;

    private static bool Valid(JsonElement c) => c.GetProperty("valid").GetBoolean();

    private static TreeHash Hash(JsonElement c, string name) => Parse(c.GetProperty(name).GetString()!);

    private static TreeHash Parse(string text) => TreeHash.TryFromBase64(text, out var hash) ? hash : throw new FormatException(text);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder, "Gateway.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
