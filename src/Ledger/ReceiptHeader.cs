using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Ledger.Notes;

namespace Ledger;

/// <summary>
/// The <c>Audit-Receipt</c> header (ledger page §11.1), an RFC 9651 dictionary: what a partner keeps and can check without us.
/// </summary>
/// <param name="Origin">Origin line of the log.</param>
/// <param name="ExchangeId">Exchange id.</param>
/// <param name="Index">Position of the record, of the first one for a batch.</param>
/// <param name="Count">Records of this answer.</param>
/// <param name="Size">Tree size of the checkpoint.</param>
/// <param name="Leaf">Leaf hash of the record.</param>
/// <param name="Root">Root at that size.</param>
/// <param name="Signature">Key id and Ed25519 signature, 68 bytes.</param>
/// <param name="Salt">16 bytes, for the digests of the bodies.</param>
public sealed record ReceiptHeader(
    string Origin,
    string ExchangeId,
    long Index,
    int Count,
    long Size,
    TreeHash Leaf,
    TreeHash Root,
    ReadOnlyMemory<byte> Signature,
    ReadOnlyMemory<byte> Salt
)
{
    /// <summary>Field name.</summary>
    public const string Name = "Audit-Receipt";

    /// <summary>Bytes of a salt.</summary>
    public const int SaltBytes = 16;

    /// <summary>The field value, one line, about 340 characters.</summary>
    public static string Format(Receipt receipt, string exchangeId, ReadOnlySpan<byte> salt)
    {
        if (salt.Length != SaltBytes)
        {
            throw new ArgumentException("A salt has 16 bytes.", nameof(salt));
        }

        var count = receipt.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", count={receipt.Count}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"log=\"{receipt.Origin}\", id=\"{exchangeId}\", index={receipt.Index}{count}, size={receipt.Size}, leaf=:{receipt.Leaf.ToBase64()}:, "
                + $"root=:{receipt.Root.ToBase64()}:, sig=:{Convert.ToBase64String(receipt.Signature.Span)}:, salt=:{Convert.ToBase64String(salt)}:"
        );
    }

    /// <summary>Reads a field value. Unknown members are ignored, order is free; anything missing or malformed is false.</summary>
    public static bool TryParse(string value, [NotNullWhen(true)] out ReceiptHeader? header)
    {
        header = null;
        if (
            !StructuredFields.TryDictionary(value, out var members)
            || members.GetValueOrDefault("log") is not string { Length: > 0 } log
            || members.GetValueOrDefault("id") is not string { Length: > 0 } id
            || members.GetValueOrDefault("index") is not long index
            || index < 0
            || members.GetValueOrDefault("size") is not long size
            || size <= index
            || members.GetValueOrDefault("leaf") is not byte[] { Length: TreeHash.Length } leaf
            || members.GetValueOrDefault("root") is not byte[] { Length: TreeHash.Length } root
            || members.GetValueOrDefault("sig") is not byte[] { Length: 4 + Ed25519Key.SignatureBytes } sig
            || members.GetValueOrDefault("salt") is not byte[] { Length: SaltBytes } salt
            || members.GetValueOrDefault("count", 1L) is not long count
            || count < 1
            || count > size - index
            || count > int.MaxValue
        )
        {
            return false;
        }

        header = new ReceiptHeader(log, id, index, (int)count, size, new TreeHash(leaf), new TreeHash(root), sig, salt);
        return true;
    }

    /// <summary>
    /// Whether the signature over the rebuilt checkpoint is the log's: the log can no longer deny a tree that holds this record.
    /// </summary>
    public bool Verify(VerifierKey key) => new SignedHead(Origin, Size, Root, Signature).Verify(key);
}
