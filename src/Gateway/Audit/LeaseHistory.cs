using System.Data.Common;
using Gateway.Quotas;
using Gateway.Quotas.Postgres;
using Ledger;
using Ledger.Tiles;

namespace Gateway.Audit;

/// <summary>
/// Settles, before the first request is taken, the shares that an earlier life of this node left under way in the shared quotas: charged if
/// the node's log holds the answer's record, given back if not. <i>A crash in here: the rest is settled by the next start.</i>
/// </summary>
internal sealed class LeaseHistory(
    ILedger ledger,
    PostgresQuotas quotas,
    GatewayOptions options,
    TimeProvider time,
    ILogger<LeaseHistory> log
) : IHostedService
{
    private const int Tries = 30;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    /// <exception cref="DbException">The shared quotas do not answer for half a minute.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var left = await LeftAsync(cancellationToken);
        if (left.Count == 0)
            return;
        var charges = await ChargesOf(left, cancellationToken);
        foreach (var lease in left)
            quotas.Settle(lease.Grant, lease.Ask, lease.Exchange, charges.GetValueOrDefault(lease.Exchange));
        log.LogInformation("Quotas: of {Left} calls under way when this node died, {Charged} had been answered", left.Count, charges.Count);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<IReadOnlyList<OpenLease>> LeftAsync(CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return quotas.Left();
            }
            catch (DbException) when (attempt < Tries)
            {
                await Task.Delay(Pause, time, cancellation);
            }
        }
    }

    private async Task<Dictionary<string, Charge>> ChargesOf(IReadOnlyList<OpenLease> left, CancellationToken cancellation)
    {
        var charges = new Dictionary<string, Charge>(StringComparer.Ordinal);
        if (await PublishedLog.OpenAsync(ledger, options.Ledger, cancellation) is not { } reader)
            return charges;
        var open = left.Select(static lease => lease.Exchange).ToHashSet(StringComparer.Ordinal);
        foreach (
            var entry in reader.Entries(
                LogTime.FirstSince(reader, left.Min(static lease => Ulid.TimeOf(lease.Exchange)) - ChargeHistory.Slack)
            )
        )
            if (ChargedRecord.Read(entry.Text.Span) is { } charged && open.Contains(charged.Id))
                charges[charged.Id] = charged.Charge;
        return charges;
    }
}
