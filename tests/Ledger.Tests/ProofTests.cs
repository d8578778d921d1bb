using FsCheck;
using FsCheck.Fluent;
using Ledger.Notes;
using Ledger.Tests.Support;
using Xunit;

namespace Ledger.Tests;

/// <summary>Proofs over random trees: every right one holds, every changed one does not.</summary>
public sealed class ProofTests
{
    private static readonly TreeHash[] Leaves = [.. Enumerable.Range(0, 300).Select(static i => Some.Record(i).Leaf)];
    private static readonly SubtreeReader Nodes = MerkleTree.Over(Leaves);

    private static Gen<(int Size, int Part)> Sizes => from size in Gen.Choose(1, 300) from part in Gen.Choose(0, size) select (size, part);

    [Fact]
    public void A_record_is_proved_in_every_tree_that_holds_it() =>
        Prop.ForAll(Sizes.Where(static s => s.Part < s.Size).ToArbitrary(), static s =>
            {
                var root = MerkleTree.Root(s.Size, Nodes);
                var path = InclusionProof.Build(s.Part, s.Size, Nodes);
                return root == MerkleTree.Root(Leaves.AsSpan(0, s.Size))
                    && InclusionProof.Verify(Leaves[s.Part], s.Part, s.Size, path, root)
                    && !InclusionProof.Verify(Leaves[(s.Part + 1) % 300], s.Part, s.Size, path, root)
                    && (
                        s.Size == 1
                        || !InclusionProof.Verify(Leaves[s.Part], s.Part ^ 1, s.Size, path, root)
                        || s.Part + 1 == s.Size && s.Size % 2 == 1
                    )
                    && !InclusionProof.Verify(Leaves[s.Part], s.Part, s.Size, [.. path, root], root)
                    && (path.Count == 0 || !InclusionProof.Verify(Leaves[s.Part], s.Part, s.Size, [.. path.Skip(1)], root));
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_smaller_tree_is_a_beginning_of_every_larger_one() =>
        Prop.ForAll(Sizes.ToArbitrary(), static s =>
            {
                var (old, root) = (MerkleTree.Root(s.Part, Nodes), MerkleTree.Root(s.Size, Nodes));
                var proof = ConsistencyProof.Build(s.Part, s.Size, Nodes);
                var other = Leaves[0];
                return ConsistencyProof.Verify(s.Part, old, s.Size, root, proof)
                    && !ConsistencyProof.Verify(s.Part, other, s.Size, root, proof) | (s.Part == 1)
                    && (s.Part == 0 || !ConsistencyProof.Verify(s.Part, old, s.Size, LeafHash.EmptyRoot, proof))
                    && (proof.Count == 0 || !ConsistencyProof.Verify(s.Part, old, s.Size, root, [.. proof.SkipLast(1)]))
                    && !ConsistencyProof.Verify(s.Part, old, s.Size, root, [.. proof, root]);
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_edge_of_any_tree_can_be_taken_up_from_its_subtrees() =>
        Prop.ForAll(Sizes.ToArbitrary(), static s =>
            {
                var edge = RightEdge.At(s.Part, Nodes);
                for (var i = s.Part; i < s.Size; i++)
                {
                    edge.Push(Leaves[i]);
                }

                return edge.Root() == MerkleTree.Root(s.Size, Nodes);
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Parsers_of_outside_text_never_throw_and_write_back_what_they_accept() =>
        Prop.ForAll<string?, int>(
                static (noise, at) =>
                {
                    foreach (var good in new[] { The.Header, The.Proof, The.Vkey })
                    {
                        var place = (int)((uint)at % (uint)good.Length);
                        var text = good[..place] + noise + good[(place + 1)..];
                        _ = ReceiptHeader.TryParse(text, out _);
                        _ = SignedNote.TryParse(text, out _);
                        _ = Checkpoint.TryParse(text, out _);
                        if (
                            (
                                TlogProof.TryParse(text, out var proof)
                                && proof.ToString() != text
                                && !text.Contains("extra", StringComparison.Ordinal)
                            ) || (VerifierKey.TryParse(text, out var key) && key.ToString() != text)
                        )
                        {
                            return false;
                        }
                    }

                    return true;
                }
            )
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("log=\"a\"")]
    [InlineData("")]
    [InlineData("log=\"a\", id=\"b\", index=-1, size=3")]
    [InlineData(",")]
    [InlineData("a=1,")]
    [InlineData("a=:AA:")]
    public void A_receipt_that_lacks_anything_is_refused(string value) => Assert.False(ReceiptHeader.TryParse(value, out _));

    [Fact]
    public void Members_of_a_receipt_may_come_in_any_order_with_unknown_ones_between()
    {
        var parts = The.Header.Split(", ");
        var value = string.Join(",  ", parts.Reverse().Append("new=?1;p=\"x\"").Append("t=tok/en").Append("flag"));
        Assert.True(ReceiptHeader.TryParse(value, out var header));
        Assert.True(header.Verify(The.Key()));
        Assert.Equal(1, header.Count);
    }
}
