using Ledger;
using Ledger.Evidence;
using Ledger.Subjects;

namespace AuditIndex.Watched;

/// <summary>Hands out records of the log, each export sealed before anything of it leaves.</summary>
public sealed class WatchedExport(ILedger ledger, DetachedTexts texts, TimeProvider time)
{
    private readonly ReadingSeal _seal = new(ledger, texts, time);

    /// <summary>
    /// Builds an evidence pack in memory, seals <c>officer.export</c> with the digest of its <c>SHA256SUMS</c>, and only then gives it
    /// back.
    /// </summary>
    /// <param name="reader">Who exports.</param>
    /// <param name="request">What.</param>
    /// <exception cref="LedgerUnavailable">The export cannot be sealed; there is no pack.</exception>
    /// <exception cref="LedgerDamaged">A record does not agree with the log.</exception>
    public Task<View<byte[]>> Pack(Reader reader, EvidenceRequest request)
    {
        var at = request.Logs.ToDictionary(
            static log => log.Reader.Checkpoint.Origin,
            static log => log.Reader.Checkpoint.Size,
            StringComparer.Ordinal
        );
        return _seal.Show(reader, at, () =>
        {
            using var pack = new MemoryStream();
            var sums = EvidencePack.Write(pack, request);
            var positions = request
                .Logs.SelectMany(static log =>
                    log.Indexes.Distinct().Order().Select(index => new RecordPosition(log.Reader.Checkpoint.Origin, index))
                )
                .ToList();
            return Task.FromResult((pack.ToArray(), new Reading("officer.export", Words(request, sums), positions.Count, positions)));
        });
    }

    // The digest first: a query that is longer than a record holds is cut at its end.
    private static string Words(EvidenceRequest request, string sums) =>
        "pack&sums=" + sums + (request.Query is { } query ? "&q=" + Uri.EscapeDataString(query) : "");
}
