using System.Text.Json;
using AuditIndex.Filling;
using AuditIndex.Questions;
using Ledger;
using Ledger.Subjects;

namespace AuditIndex.Retention;

/// <summary>Erases words that somebody wrote (ledger page §4.4): the text goes for ever, its record and every proof stay.</summary>
/// <param name="log">The log that holds the record.</param>
/// <param name="texts">The detached texts.</param>
/// <param name="ledger">Where the erasure is sealed.</param>
/// <param name="time">Clock.</param>
public sealed class TextErasure(LogSource log, DetachedTexts texts, ILedger ledger, TimeProvider time)
{
    /// <summary>Seals <c>erase</c>, then deletes. Crash between: the record stands and the text too; repeat.</summary>
    /// <param name="index">Position of the record that the text belongs to.</param>
    /// <param name="holds">Legal holds; one on the record's day, and on its agreement if the hold names one, forbids it.</param>
    /// <param name="by">Who decided; operator ids, no names.</param>
    /// <param name="why">A code.</param>
    /// <returns>Receipt of the erasure.</returns>
    /// <exception cref="RetentionRefused">A hold stands, the record has no text, or it was erased before.</exception>
    /// <exception cref="LedgerUnavailable">It cannot be sealed now; the text stays.</exception>
    /// <exception cref="LedgerDamaged">The record does not agree with the log, or the text with its digest.</exception>
    public async Task<Receipt> Run(long index, IReadOnlyList<LegalHold> holds, string by, string why)
    {
        var entry = log.Open().Entry(index);
        if (TextOf(entry.Text) is not { } det)
        {
            throw new RetentionRefused("the record has no text");
        }

        if (texts.Read(det) is null)
        {
            throw new RetentionRefused("the text was erased before");
        }

        var record = new RecordReader().Read(index, entry.Text.Span);
        var (day, today) = (DateOnly.FromDayNumber(record.Local.Day), DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        string[] agreements = record[Dimension.Agreement] is { } agreement ? [agreement.Split('@')[0]] : [];
        if (holds.FirstOrDefault(hold => hold.Covers(day, day, agreements, today)) is { } standing)
        {
            throw new RetentionRefused($"the legal hold {standing.Id} stands");
        }

        if (!ledger.TryReserve(1, out var seat))
        {
            throw new LedgerUnavailable("the erasure cannot be sealed now");
        }

        using (seat)
        {
            var receipt = (await ledger.AppendAsync(seat, [Record(det, by, why)]))[0];
            texts.Erase(det);
            return receipt;
        }
    }

    private static string? TextOf(ReadOnlyMemory<byte> record)
    {
        using var json = JsonDocument.Parse(record);
        return json.RootElement.TryGetProperty("det", out var det) ? det.GetString() : null;
    }

    private SealedRecord Record(string det, string by, string why) => RecordText.Write("erase", time, json =>
        {
            json.WriteString("what", "text");
            json.WriteString("why", why);
            json.WriteString("by", by);
            json.WriteString("det", det);
        });
}
