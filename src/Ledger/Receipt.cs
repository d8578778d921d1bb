using Ledger.Notes;

namespace Ledger;

/// <summary>
/// What sealing gives: proof that a record is durable, with the signed tree head that covers it. Made only by
/// <see cref="ILedger.AppendAsync"/>, so a method that asks for one cannot be called before the record is safe (ledger page §7).
/// </summary>
public sealed class Receipt
{
    private readonly SignedHead _head;

    internal Receipt(SignedHead head, long index, int count, in TreeHash leaf) =>
        (this._head, Index, Count, Leaf) = (head, index, count, leaf);

    /// <summary>Origin line of the log.</summary>
    public string Origin => _head.Origin;

    /// <summary>Position of the record in the log.</summary>
    public long Index { get; }

    /// <summary>How many records were sealed together; consecutive positions.</summary>
    public int Count { get; }

    /// <summary>Tree size of the checkpoint that covers the record.</summary>
    public long Size => _head.Size;

    /// <summary>Leaf hash of the record.</summary>
    public TreeHash Leaf { get; }

    /// <summary>Root of the tree at <see cref="Size"/>.</summary>
    public TreeHash Root => _head.Root;

    /// <summary>68 bytes: key id and Ed25519 signature, as in the note's signature line.</summary>
    public ReadOnlyMemory<byte> Signature => _head.Signature;

    /// <summary>Whether the signature over the rebuilt checkpoint is the log's.</summary>
    public bool Verify(VerifierKey key) => _head.Verify(key);
}
