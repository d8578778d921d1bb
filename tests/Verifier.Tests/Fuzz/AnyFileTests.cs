using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Fuzz;
using Ledger.Evidence;
using Ledger.Retention;
using Ledger.Tiles;
using Xunit;

namespace Verifier.Tests.Fuzz;

/// <summary>Whatever file the verifier is given, it ends in one sentence: OK or FAIL, never in an exception.</summary>
public sealed class AnyFileTests : IAsyncLifetime
{
    // A run of the command costs a hundred times what a parser costs.
    private static readonly int Count = Math.Max(60, Mutations.Count / 100);
    private SealedLog _log = null!;

    public async ValueTask InitializeAsync() => _log = await SealedLog.Of(10);

    public ValueTask DisposeAsync()
    {
        _log.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Receipts() => Tried(_log.Header, file => ["receipt", file, "--log", _log.Directory, "--vkey", _log.Vkey]);

    [Fact]
    public void Records() => Tried(_log.Record, file => ["receipt", _log.Write("header", _log.Header), "--entry", file, "--vkey", _log.Vkey]);

    [Fact]
    public void A_record_whose_id_is_no_text_is_of_no_exchange() => Assert.Null(RecordFacts.Read("""{"v":1,"id":"\ud800"}"""u8.ToArray()));

    [Fact]
    public void Proofs() =>
        Tried(Reader().Proof(11).ToString(), file => ["proof", file, "--entry", _log.Write("entry", _log.Record), "--vkey", _log.Vkey]);

    [Fact]
    public void Policies() =>
        Tried($"log {_log.Vkey} https://log.example/\nquorum none\n", file =>
            ["receipt", _log.Write("header", _log.Header), "--policy", file]
        );

    [Fact]
    public void Older_checkpoints() => Tried(Reader().Note, file => ["log", _log.Directory, "--vkey", _log.Vkey, "--old", file]);

    [Fact]
    public void Destruction_certificates()
    {
        var statement = DestructionCertificate.State(Reader().Checkpoint, ["A@1"], new DateOnly(2026, 1, 1), DateTimeOffset.UnixEpoch, "o");
        var certificate = new DestructionCertificate(
            statement,
            Reader().Note,
            """{"ev":"erase","dig":"x"}""",
            Reader().Proof(1).ToString()
        );
        Tried(certificate.ToString(), file => ["certificate", file, "--vkey", _log.Vkey]);
    }

    [Fact]
    public void Evidence_packs() => Tried(Pack(), file => ["pack", file, "--vkey", _log.Vkey]);

    [Theory]
    [InlineData("summary.json")]
    [InlineData("policy.txt")]
    [InlineData("SHA256SUMS")]
    [InlineData("entries/2026-n1-11.json")]
    [InlineData("proofs/2026-n1-11.tlog-proof")]
    public void Files_of_an_evidence_pack_whose_digests_were_made_anew(string name)
    {
        var files = Unpacked(Pack());
        var path = Path.Combine(_log.Folder, "pack.zip");
        foreach (var input in Mutations.Of([files[name]], Count, name.Length))
        {
            File.WriteAllBytes(path, Packed(files, name, input));
            Ends("pack", path);
        }
    }

    [Fact]
    public void A_pack_that_unfolds_into_more_than_it_may_hold_is_refused_before_it_fills_the_memory()
    {
        var path = Path.Combine(_log.Folder, "bomb.zip");
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            for (var i = 0; i < 12; i++)
            {
                using var entry = archive.CreateEntry($"entries/{i}", CompressionLevel.SmallestSize).Open();
                entry.Write(new byte[32 << 20]);
            }
        }

        Assert.Contains("too large", Ends("pack", path, "--lang", "en"), StringComparison.Ordinal);
    }

    private LogReader Reader() => LogReader.Open(_log.Directory, _log.Key);

    private byte[] Pack()
    {
        using var pack = new MemoryStream();
        EvidencePack.Write(
            pack,
            new EvidenceRequest { Logs = [new EvidenceOf(Reader(), [11])], Policy = $"log {_log.Vkey}\nquorum none\n" }
        );
        return pack.ToArray();
    }

    private static SortedDictionary<string, byte[]> Unpacked(byte[] pack)
    {
        using var archive = new ZipArchive(new MemoryStream(pack));
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var entry in archive.Entries)
        {
            using var bytes = new MemoryStream();
            using var stream = entry.Open();
            stream.CopyTo(bytes);
            files[entry.FullName] = bytes.ToArray();
        }

        return files;
    }

    private static byte[] Packed(SortedDictionary<string, byte[]> files, string name, byte[] instead)
    {
        var all = new SortedDictionary<string, byte[]>(files, StringComparer.Ordinal) { [name] = instead };
        if (name != "SHA256SUMS")
        {
            all["SHA256SUMS"] = Encoding.UTF8.GetBytes(
                string.Concat(
                    all.Where(static file => file.Key != "SHA256SUMS")
                        .Select(static file => $"{Convert.ToHexStringLower(SHA256.HashData(file.Value))}  {file.Key}\n")
                )
            );
        }

        using var pack = new MemoryStream();
        using (var archive = new ZipArchive(pack, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (file, bytes) in all)
            {
                using var entry = archive.CreateEntry(file, CompressionLevel.NoCompression).Open();
                entry.Write(bytes);
            }
        }

        return pack.ToArray();
    }

    private void Tried(string seed, Func<string, string[]> words) => Tried(Encoding.UTF8.GetBytes(seed), words);

    private void Tried(byte[] seed, Func<string, string[]> words)
    {
        var file = Path.Combine(_log.Folder, "changed");
        foreach (var input in Mutations.Of([seed], Count, seed.Length).Prepend(seed))
        {
            File.WriteAllBytes(file, input);
            Ends(words(file));
        }
    }

    /// <summary>The sentence that a run ends in.</summary>
    private static string Ends(params string[] words)
    {
        using var output = new StringWriter();
        var code = CommandLine.Run(words, output);
        Assert.StartsWith(code == 0 ? "OK: " : "FAIL: ", output.ToString(), StringComparison.Ordinal);
        return output.ToString();
    }
}
