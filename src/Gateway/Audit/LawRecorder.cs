using Agreements;
using Agreements.Loading;
using Ledger;
using Tokens.Operations;

namespace Gateway.Audit;

/// <summary>
/// Seals what is law at start, and what changes in it. A large set is sealed in portions, between which exchanges go on; its <c>config</c>
/// comes last, and only with it the portions before count. <i>A crash between a swap and its record: the next start seals the whole set
/// again, so the log tells at every position which set was in force, at the latest since the last <c>start</c>.</i>
/// </summary>
internal sealed class LawRecorder(
    RegistryWatcher law,
    ILedger ledger,
    BackgroundWork background,
    TimeProvider time,
    ILogger<LawRecorder> log
) : BackgroundService
{
    private const int Portion = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly SemaphoreSlim _changed = new(1);
    private Registry? _sealed;

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _changed.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        law.Changed += (_, change) =>
        {
            if (change.Activated)
                _changed.Release();
        };
        while (!stoppingToken.IsCancellationRequested)
        {
            await _changed.WaitAsync(stoppingToken);
            var current = law.Current;
            // A law whose records cannot be made is tried again: the log must not miss what was in force.
            while (
                !ReferenceEquals(current, _sealed)
                && !await background.RunAsync("law-records", () => SealAsync(current, stoppingToken))
                && !stoppingToken.IsCancellationRequested
            )
                await Task.Delay(Pause * 25, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SealAsync(Registry current, CancellationToken stoppingToken)
    {
        foreach (var records in Changes(_sealed, current).Chunk(Portion))
            while (!await TrySealAsync(current, records))
                await Task.Delay(Pause, time, stoppingToken);
        _sealed = current;
    }

    private async Task<bool> TrySealAsync(Registry current, SealedRecord[] records)
    {
        if (!ledger.TryReserve(records.Length, out var seat))
            return false;
        using (seat)
        {
            try
            {
                await ledger.AppendAsync(seat, records);
                return true;
            }
            catch (LedgerUnavailable)
            {
                log.LogWarning("The records of policy {Policy} could not be sealed yet", current.Digest);
                return false;
            }
        }
    }

    private IEnumerable<SealedRecord> Changes(Registry? before, Registry now)
    {
        foreach (var agreement in now.Agreements.Values)
            if (before?.Agreements.GetValueOrDefault(agreement.Id)?.Digest != agreement.Digest)
                yield return LawRecord.Of(agreement, "activated", time);
        foreach (var agreement in before?.Agreements.Values ?? [])
            if (!now.Agreements.ContainsKey(agreement.Id))
                yield return LawRecord.Of(agreement, "ended", time);
        foreach (var suspension in now.Suspensions)
            if (before is null || !before.Suspensions.Contains(suspension))
                yield return LawRecord.Of(suspension, "suspended", time);
        foreach (var suspension in before?.Suspensions ?? [])
            if (!now.Suspensions.Contains(suspension))
                yield return LawRecord.Of(suspension, "lifted", time);
        yield return LawRecord.Config(now, before?.Digest, time);
    }
}
