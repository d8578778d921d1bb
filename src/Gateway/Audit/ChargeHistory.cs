using Agreements.Loading;
using Gateway.Quotas;
using Ledger;
using Ledger.Tiles;

namespace Gateway.Audit;

/// <summary>
/// Counts the answers of this month, and the refusals that cost a miss, again from their records, before the first request is taken. What
/// was answered is what was sealed, so the counters are exact after any death of the process. <i>A record whose answer never left is
/// counted: the safe side.</i>
/// </summary>
internal sealed class ChargeHistory(
    ILedger ledger,
    LocalQuotas quotas,
    RegistryWatcher law,
    GatewayOptions options,
    TimeProvider time,
    ILogger<ChargeHistory> log
) : IHostedService
{
    // The day of a charge is that of its exchange id; its record may follow as late as an exchange may take.
    internal static readonly TimeSpan Slack = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    /// <exception cref="LedgerUnavailable">The records are not published in time, and nobody can say what is left of the
    /// quotas.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var (records, charges) = (0L, 0L);
        if (await PublishedLog.OpenAsync(ledger, options.Ledger, cancellationToken) is { } reader)
        {
            var since = QuotaPeriod.MonthStarts(time.GetUtcNow());
            var first = LogTime.FirstSince(reader, since - Slack);
            records = reader.Checkpoint.Size - first;
            foreach (var entry in reader.Entries(first))
                charges += Restore(entry.Text.Span, since);
        }

        log.LogInformation(
            "Quotas counted again: {Charges} charges in {Records} records, {Milliseconds} ms",
            charges,
            records,
            (long)time.GetElapsedTime(began).TotalMilliseconds
        );
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private int Restore(ReadOnlySpan<byte> record, DateTimeOffset since)
    {
        if (ChargedRecord.Read(record) is not { } charged)
            return 0;
        var at = Ulid.TimeOf(charged.Id);
        if (at < since)
            return 0;
        if (law.Current.FindGrant(charged.Agreement, charged.Consumer, charged.Purpose, charged.Operation) is not { } match)
        {
            // A grant that no agreement has any more has no quota either; the agreement as a whole may have one.
            quotas.RestoreWhole(new QuotaGrant(charged.Agreement, ""), QuotaPeriod.At(at), charged.Charge);
            return 1;
        }

        var person = match.Grant.Quotas.CountsPersons ? charged.Person : null;
        var ask = new QuotaAsk(QuotaPeriod.At(at), person, charged.Client, charged.Office, charged.Agent);
        for (var call = 0; call < charged.Calls; call++)
            quotas.Restore(new QuotaGrant(match.Agreement.Id, match.Grant.Id), ask, charged.Charge);
        return charged.Calls;
    }
}
