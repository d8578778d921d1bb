using Ledger.Notes;

namespace Ledger;

/// <summary>
/// Size, root and signature of one durable group: immutable, published in one reference write after the sync (ledger page §7, step 8).
/// </summary>
internal sealed record SignedHead(string Origin, long Size, TreeHash Root, ReadOnlyMemory<byte> Signature)
{
    public bool Verify(VerifierKey key) => key.Name == Origin && key.VerifyLine(Checkpoint.Body(Origin, Size, Root), Signature.Span);
}
