namespace Ledger;

/// <summary>The bytes of one record, ready to be appended, with the leaf hash computed by whoever decided what stands in it.</summary>
/// <remarks>
/// The writer hashes its own copy again and compares: a difference is memory corruption between decision and disk (ledger page §7, step 4).
/// </remarks>
public readonly struct SealedRecord
{
    /// <summary>Longest record in bytes (ledger page §3.1).</summary>
    public const int MaxBytes = 8192;

    private SealedRecord(ReadOnlyMemory<byte> text, TreeHash leaf) => (Text, Leaf) = (text, leaf);

    /// <summary>The record: one JSON object in UTF-8, exactly as it will be stored and hashed.</summary>
    public ReadOnlyMemory<byte> Text { get; }

    /// <summary>RFC 6962 leaf hash of <see cref="Text"/>.</summary>
    public TreeHash Leaf { get; }

    /// <summary>Takes a finished record and computes its leaf hash on the caller's thread. The memory must not change afterwards.</summary>
    /// <exception cref="ArgumentException">Empty or longer than <see cref="MaxBytes"/>.</exception>
    public static SealedRecord Of(ReadOnlyMemory<byte> utf8Json)
    {
        if (utf8Json.IsEmpty || utf8Json.Length > MaxBytes)
        {
            throw new ArgumentException($"A record has 1 to {MaxBytes} bytes, this one {utf8Json.Length}.", nameof(utf8Json));
        }

        return new SealedRecord(utf8Json, LeafHash.Of(utf8Json.Span));
    }
}
