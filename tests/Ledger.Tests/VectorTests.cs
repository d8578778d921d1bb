using System.Security.Cryptography;
using System.Text;
using Ledger.Journal;
using Ledger.Notes;
using Ledger.Subjects;
using Ledger.Tests.Support;
using Ledger.Tiles;
using Xunit;

namespace Ledger.Tests;

/// <summary>Every vector of the ledger page §19, byte for byte.</summary>
public sealed class VectorTests
{
    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "68ce05a6ebb311b56f9c124b3d584ea0134d442974833d2ad85337addcbde621")]
    [InlineData(2, "76ae86b7bd471e769d0804d17ee3fee63e5cc410b4dd79f6ceef0da1e979f7fb")]
    [InlineData(3, "ed92d65be5e281088d40dadf22decc341bcbd4d1c20e9844af41b7cf042f477a")]
    [InlineData(255, "b2a6042240a1e9fdd54a494d64d349745399331628306e6621ddbdb8a770ca3f")]
    [InlineData(256, "dfb0ff580a465576947d1d52fa5aafff6196565505ce14080df1b7cc766e51ba")]
    [InlineData(257, "ac8d9dc2d5c3e4276585bad94be93ba69f6f80af621717ba110da29307b12cab")]
    [InlineData(1000, "8603a024d98a83747d35b704525b9158b1fa9185dd15ed5516333cdd6e13c1e1")]
    [InlineData(65536, "d23a78b40f0c236e75da33c3a5a4803e8d25926a2558eb363ff6709daa86ee00")]
    [InlineData(65537, "5b426e367633c76ab7b0279109d4b5dc48f99c182880e67e9106d771b2a72aee")]
    [InlineData(66000, "af55516e8c3d0df25900cb8241925a03f0c806a0d7ba64de4d13ed27dbae68fd")]
    public void The_root_of_the_first_records_is_the_published_one(int size, string root)
    {
        var edge = new RightEdge();
        for (var i = 0; i < size; i++)
        {
            edge.Push(Some.Record(i).Leaf);
        }

        Assert.Equal(root, edge.Root().ToString());
    }

    [Fact]
    public void The_leaves_of_the_worked_example_are_the_published_ones() =>
        Assert.Equal(string.Join(' ', The.Leaves), string.Join(' ', The.Sealed().Select(static record => record.Leaf)));

    [Fact]
    public void Ed25519_signs_as_RFC_8032_test_1()
    {
        using var key = new Ed25519Key(The.LogSeed);
        var signature = new byte[64];
        key.Sign([], signature);
        Assert.Equal("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", Convert.ToHexStringLower(key.PublicKey.Span));
        Assert.Equal(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            Convert.ToHexStringLower(signature)
        );
        Assert.True(Ed25519Key.Verify(key.PublicKey.Span, [], signature));
        Assert.False(Ed25519Key.Verify(key.PublicKey.Span, [0], signature));
    }

    [Fact]
    public void One_key_signs_for_many_threads_at_once()
    {
        using var key = new Ed25519Key(The.LogSeed);
        var right = 0;
        Parallel.For(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var (message, signature) = (BitConverter.GetBytes(i), new byte[64]);
            key.Sign(message, signature);
            if (Ed25519Key.Verify(key.PublicKey.Span, message, signature))
                Interlocked.Increment(ref right);
        });
        Assert.Equal(4000, right);
    }

    [Fact]
    public void The_verifier_keys_have_the_published_text()
    {
        using var keys = The.LogKey();
        Assert.Equal(The.Vkey, keys.Verifier(Some.Origin).ToString());
        Assert.Equal(The.P256Vkey, keys.P256Verifier(Some.Origin).ToString());
        Assert.Equal(The.WitnessVkey, VerifierKey.Parse(The.WitnessVkey).ToString());
    }

    [Fact]
    public void The_published_proof_reads_verifies_and_is_written_the_same()
    {
        Assert.True(TlogProof.TryParse(The.Proof, out var proof));
        Assert.Equal(The.Proof, proof.ToString());
        var policy = TrustPolicy.Parse($"log {The.Vkey}\nwitness w {The.WitnessVkey}\nquorum w\n");
        Assert.True(policy.TryOpen(proof.Note, out var checkpoint, out _));
        Assert.True(proof.Proves(The.Sealed()[1].Leaf, checkpoint));
        Assert.False(proof.Proves(The.Sealed()[0].Leaf, checkpoint));
        Assert.True(Checkpoint.TryOpen(proof.Note, VerifierKey.Parse(The.P256Vkey), out _));
    }

    [Fact]
    public void The_proof_of_record_1_is_built_from_the_three_leaves()
    {
        Assert.True(TlogProof.TryParse(The.Proof, out var proof));
        Assert.Equal(proof.Path, InclusionProof.Build(1, 3, MerkleTree.Over([.. The.Sealed().Select(static r => r.Leaf)])));
    }

    [Fact]
    public void The_witness_line_is_the_cosignature_of_the_witness_key()
    {
        Assert.True(TlogProof.TryParse(The.Proof, out var proof));
        Assert.True(SignedNote.TryParse(proof.Note, out var note));
        var line = note.Signatures[2].Bytes.ToArray();
        using var witness = new Ed25519Key(The.WitnessSeed);
        var signature = new byte[64];
        witness.Sign(
            Cosignature.Message(
                System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(line.AsSpan(4)),
                Encoding.UTF8.GetBytes(note.Text)
            ),
            signature
        );
        Assert.Equal(line[12..], signature);
    }

    [Fact]
    public void The_receipt_of_record_1_is_the_published_header()
    {
        using var keys = The.LogKey();
        var records = The.Sealed();
        var head = new CheckpointSigner(Some.Origin, keys).Sign(3, MerkleTree.Root([.. records.Select(static r => r.Leaf)]), out _);
        var receipt = new Receipt(head, 1, 1, records[1].Leaf);
        Assert.Equal(The.Header, ReceiptHeader.Format(receipt, The.ExchangeId, The.Salt));
        Assert.True(receipt.Verify(The.Key()));
        Assert.True(ReceiptHeader.TryParse(The.Header, out var read));
        Assert.True(read.Verify(The.Key()));
        Assert.Equal((The.ExchangeId, 1L, 1, 3L), (read.ExchangeId, read.Index, read.Count, read.Size));
        Assert.Equal(The.Salt, read.Salt.ToArray());
    }

    [Fact]
    public void Pseudonyms_and_digests_are_the_published_ones()
    {
        Assert.Equal("kdwQHzomAr1lrBaGdNsi-Q", Pseudonym.Compute(The.SubjectKey, "edu", "0EHG7CY33N48KJNS6574C03H7S"));
        Assert.Equal("rqYWkW_rXPcO6jQuXStDnA", Pseudonym.Compute(The.SubjectKey, "cref", "ma.anss:ELJ-2026-00417"));
        Assert.Equal("TlJY-hGFwQzT84bGYUDXgJ8iqiQcn65RHtkgWnBOvLk", SaltedDigest.Compute(The.Salt, Encoding.UTF8.GetBytes(The.Request)));
        Assert.Equal("rbpN2Y7DWVX03V1irOp0B73sKHRHrxZ8gLKz8NO-TWI", SaltedDigest.Compute(The.Salt, Encoding.UTF8.GetBytes(The.Answer)));
    }

    [Fact]
    public void The_journal_of_the_group_has_the_published_bytes()
    {
        var journal = The.Journal();
        Assert.Equal(
            "47574c454447523101000000000000000000000000000000441122953f39a98316ac2bcce2214209ad41d2977eac574c8c2ac7f789ede2ac00000000bb0efb1f",
            Hex(journal, 0, 64)
        );
        Assert.Equal("ae000000010000000000000000000000", Hex(journal, 64, 16));
        Assert.Equal("4e1738a1", Hex(journal, 64 + 16 + 0xae, 4));
        Assert.Equal("9e030000010000000100000000000000", Hex(journal, 264, 16));
        Assert.Equal("9338451d", Hex(journal, 264 + 16 + 0x39e, 4));
        Assert.Equal("a5010000010000000200000000000000", Hex(journal, 1216, 16));
        Assert.Equal("058fee5e", Hex(journal, 1216 + 16 + 0x1a5, 4));
        Assert.Equal("c7000000020000000300000000000000", Hex(journal, 1664, 16));
        Assert.Equal("40e28d29", Hex(journal, 1664 + 16 + 199, 4));
        Assert.Equal(1888, journal.Length);
        Assert.Equal(
            "0d25727f5b15780e11ea06ba66e5dace3d165b892c42866b7bff29d0ed94d386",
            Convert.ToHexStringLower(SHA256.HashData(journal))
        );
    }

    [Fact]
    public void The_bundle_of_the_three_records_has_the_published_bytes()
    {
        var bundle = new EntryBundle(0);
        foreach (var record in The.Sealed())
        {
            bundle.Add(record.Text.Span, record.Leaf);
        }

        Assert.Equal(1527, bundle.Bytes.Length);
        Assert.Equal(
            "3034adedf41ecb5c2fd9a143324be0826811b0adf8e7b95b74833a467c8c8225",
            Convert.ToHexStringLower(SHA256.HashData(bundle.Bytes))
        );
        Assert.Equal("tile/entries/000.p/3", TilePath.OfEntries(0, 3));
        Assert.Equal("tile/0/x001/x234/067", TilePath.Of(0, 1234067));
    }

    [Fact]
    public void The_checksum_has_the_published_check_value() => Assert.Equal(0xE3069283u, Frame.Crc32C("123456789"u8));

    private static string Hex(byte[] bytes, int offset, int count) => Convert.ToHexStringLower(bytes, offset, count);
}
