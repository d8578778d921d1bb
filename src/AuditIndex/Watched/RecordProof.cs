using Ledger;
using Ledger.Notes;

namespace AuditIndex.Watched;

/// <summary>A record as the log gives it.</summary>
/// <param name="Position">Where.</param>
/// <param name="Text">Its exact bytes; empty when it cannot be read.</param>
/// <param name="Proof">The offline proof, null when there is none.</param>
/// <param name="Failure">Why it is not proved, null when it is.</param>
public sealed record ProvenRecord(RecordPosition Position, ReadOnlyMemory<byte> Text, TlogProof? Proof, string? Failure)
{
    /// <summary>Whether the bytes are the record at this position of the signed tree.</summary>
    public bool IsProved => Failure is null;
}

/// <summary>Reads records from the log and proves them: the index is never evidence.</summary>
internal static class RecordProof
{
    public static ProvenRecord Of(IReadOnlyList<LogSource> logs, RecordPosition position)
    {
        var source = logs.FirstOrDefault(log => log.Origin == position.Origin);
        if (source is null)
        {
            return new ProvenRecord(position, default, null, "the log is not known here");
        }

        try
        {
            var log = source.Open();
            if (position.Index < 0 || position.Index >= log.Checkpoint.Size)
            {
                return new ProvenRecord(position, default, null, "the position is not published");
            }

            var entry = log.Entry(position.Index);
            var proof = log.Proof(position.Index);
            return proof.Proves(LeafHash.Of(entry.Text.Span), log.Checkpoint)
                ? new ProvenRecord(position, entry.Text, proof, null)
                : new ProvenRecord(position, entry.Text, proof, "the record is not in the signed tree");
        }
        catch (Exception e) when (e is LedgerDamaged or IOException)
        {
            return new ProvenRecord(position, default, null, e is LedgerDamaged ? e.Message : "the log cannot be read");
        }
    }
}
