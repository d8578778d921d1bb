using System.Text;
using Fuzz;
using Ledger.Journal;
using Ledger.Local;
using Ledger.Notes;
using Ledger.Retention;
using Ledger.Subjects;
using Ledger.Tests.Support;
using Ledger.Tiles;
using Ledger.Witnesses;
using Xunit;

namespace Ledger.Tests.Fuzz;

/// <summary>Every parser of bytes from outside says yes or no and throws nothing but what its contract names.</summary>
public sealed class OutsideBytesTests
{
    private static readonly string Note = ProofOf(The.Proof).Note;
    private static readonly VerifierKey Log = VerifierKey.Parse(The.Vkey);

    [Fact]
    public void Notes_and_checkpoints_are_read_or_refused() =>
        Mutations.Survive([Note, "a\n\n", "\n\n\n", "n\n\n— w AAAAAAA=\n"], static text =>
        {
            if (SignedNote.TryParse(text, out var note))
            {
                _ = note.IsSignedBy(Log);
                _ = note.IsSignedBy(VerifierKey.Parse(The.P256Vkey));
                _ = Checkpoint.TryParse(note.Text, out _);
            }

            _ = Checkpoint.TryOpen(text, Log, out _);
        });

    [Fact]
    public void Proofs_are_read_or_refused() =>
        Mutations.Survive([The.Proof, The.Proof.Replace("index", "extra AAAA\nindex", StringComparison.Ordinal)], static text =>
        {
            if (
                TlogProof.TryParse(text, out var proof)
                && SignedNote.TryParse(proof.Note, out var note)
                && Checkpoint.TryParse(note.Text, out var checkpoint)
            )
            {
                _ = proof.Proves(LeafHash.EmptyRoot, checkpoint);
            }
        });

    [Fact]
    public void Keys_of_verifiers_are_read_or_refused() =>
        Mutations.Survive([The.Vkey, The.P256Vkey, The.WitnessVkey], static text => VerifierKey.TryParse(text, out _));

    [Fact]
    public void Policies_are_read_or_named_as_wrong() =>
        Mutations.Survive(
            [
                $"log {The.Vkey} https://log.example/\nwitness w1 {The.WitnessVkey} http://w.example\ngroup outside 1 w1\nquorum outside\n",
                $"# none\nlog {The.Vkey}\nquorum none\n",
            ],
            static text => TrustPolicy.Parse(text).TryOpen(Note, out _, out _),
            static fault => fault is FormatException
        );

    [Fact]
    public void Receipts_are_read_or_refused() =>
        Mutations.Survive([The.Header, "a=1, b;c=?0, d=\"x\\\"\", e=:AAAA:, f=tok/en"], static text =>
        {
            if (ReceiptHeader.TryParse(text, out var header))
                _ = header.Verify(Log);
        });

    [Fact]
    public void Requests_to_a_witness_are_read_or_refused() =>
        Mutations.Survive([new AddCheckpoint(1, [LeafHash.EmptyRoot], Note).ToString()], static text =>
        {
            if (AddCheckpoint.TryParse(text, out var request))
                _ = SignedNote.TryParse(request.Note, out _);
        });

    [Fact]
    public void Messages_on_the_local_socket_are_read_or_refused()
    {
        var request = LocalProtocol.Request([.. The.Sealed()])[4..];
        var answer = new byte[] { LocalProtocol.Sealed }
            .Concat(new byte[16])
            .Concat(new byte[32])
            .Concat(Encoding.UTF8.GetBytes(Note))
            .ToArray();
        Mutations.Survive([request], static bytes => LocalProtocol.TryRecords(bytes, out _));
        Mutations.Survive([answer, [LocalProtocol.Unavailable], []], static bytes => LocalProtocol.TryHead(bytes, Log, out _, out _));
    }

    [Fact]
    public void Frames_headers_and_commits_of_a_journal_are_read_or_refused() =>
        Mutations.Survive([The.Journal(), The.Journal()[64..]], static bytes =>
        {
            _ = Frame.TryRead(bytes, out _);
            _ = bytes.Length >= SegmentHeader.Bytes && SegmentHeader.TryReadSize(bytes, 0, Some.Origin, out _);
            _ = new CommitText(Some.Origin).Is(bytes, 3, LeafHash.EmptyRoot);
        });

    [Fact]
    public void Destruction_certificates_are_read_or_refused()
    {
        var policy = TrustPolicy.Of(Log);
        var statement = DestructionCertificate.State(
            new Checkpoint(Some.Origin, 3, LeafHash.EmptyRoot),
            ["A@1"],
            new DateOnly(2026, 1, 1),
            DateTimeOffset.UnixEpoch,
            "o"
        );
        var whole = new DestructionCertificate(statement, Note, """{"ev":"erase","dig":"x"}""", The.Proof).ToString();
        Mutations.Survive([whole], text =>
        {
            if (DestructionCertificate.TryParse(text, out var certificate))
                _ = certificate.Holds(policy, out _);
        });
    }

    [Fact]
    public void Ids_of_exchanges_and_names_of_texts_are_read_or_refused() =>
        Mutations.Survive([The.Journal()[..26], Encoding.ASCII.GetBytes("0EHG7CY33N48KJNS6574C03H7S")], static bytes =>
        {
            var text = Encoding.UTF8.GetString(bytes);
            if (Ulid.IsValid(text))
                _ = Ulid.TimeOf(text);
            _ = new DetachedTexts(Path.Combine(Path.GetTempPath(), "no-such-folder")).Read(text);
            _ = TreeHash.TryFromBase64(text, out _);
        });

    [Fact]
    public async Task A_published_log_of_any_bytes_is_verified_or_called_damaged()
    {
        using var folder = new TempFolder();
        var (keys, options) = (LogKey.Create(), Some.Options(folder.Path));
        await using (var writer = LedgerWriter.Open(options, keys, TimeProvider.System))
        {
            await Some.Seal(writer, [.. Enumerable.Range(0, 300).Select(static i => Some.Record(i))]);
        }

        string[] files =
        [
            .. Directory.EnumerateFiles(Path.Combine(folder.Path, "tile"), "*", SearchOption.AllDirectories),
            Path.Combine(folder.Path, "checkpoint"),
        ];
        var (source, key) = (new Spoiled(new TileFiles(folder.Path)), keys.Verifier(Some.Origin));
        foreach (var file in files)
        {
            var name = Path.GetRelativePath(folder.Path, file);
            foreach (
                var bytes in Mutations.Of(
                    [await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)],
                    Math.Max(20, Mutations.Count / 1000),
                    7
                )
            )
            {
                source.Put(name, bytes);
                try
                {
                    var log = LogReader.Open(source, TrustPolicy.Of(key));
                    log.Verify();
                    _ = log.Entry(0);
                    _ = log.Proof(log.Checkpoint.Size - 1);
                    _ = LogTime.FirstSince(log, DateTimeOffset.UnixEpoch);
                }
                catch (LedgerDamaged)
                {
                    // The one word for it.
                }
            }

            source.Put(name, null);
        }
    }

    private static TlogProof ProofOf(string text) =>
        TlogProof.TryParse(text, out var proof) ? proof : throw new InvalidOperationException("the vector is not a proof");

    /// <summary>A log of which one file has other bytes.</summary>
    private sealed class Spoiled(TileFiles files) : ILogSource
    {
        private string _name = "";
        private byte[]? _instead;

        public void Put(string file, byte[]? bytes) => (_name, _instead) = (file, bytes);

        public string? Note(string file) => file == _name && _instead is not null ? Encoding.UTF8.GetString(_instead) : files.Note(file);

        public int Read(string relative, int width, ref byte[] buffer, out int promised)
        {
            var length = files.Read(relative, width, ref buffer, out promised);
            if (_instead is null || (_name != relative && !_name.StartsWith(relative + ".p/", StringComparison.Ordinal)))
                return length;
            buffer = _instead;
            return _instead.Length;
        }
    }
}
