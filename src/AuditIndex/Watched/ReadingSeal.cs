using Ledger;
using Ledger.Subjects;

namespace AuditIndex.Watched;

/// <summary>Seals a reading, and only then gives the answer back. Fails closed: no seal, no answer.</summary>
internal sealed class ReadingSeal(ILedger ledger, DetachedTexts texts, TimeProvider time)
{
    /// <summary>
    /// Takes a seat, prepares the answer, stores the reason, seals the reading, waits until it is durable, gives the answer.
    /// Crash before the seal: nothing was shown. Crash after it: a reading is recorded that nobody saw, the safe side.
    /// </summary>
    /// <exception cref="LedgerUnavailable">The reading cannot be sealed now; nothing is shown.</exception>
    public async Task<View<T>> Show<T>(Reader reader, IReadOnlyDictionary<string, long> at, Func<Task<(T Answer, Reading Reading)>> prepare)
    {
        if (!ledger.TryReserve(1, out var seat))
        {
            throw new LedgerUnavailable("the ledger does not take records now, so it cannot be read either");
        }

        using (seat)
        {
            var (answer, reading) = await prepare();
            var det = texts.Save(reader.Reason);
            var record = OfficerRecord.Write(reading.Id ?? Ulid.New(time), reader, reading, at, det, time.GetUtcNow());
            return new View<T>(answer, (await ledger.AppendAsync(seat, [record]))[0], at);
        }
    }
}
