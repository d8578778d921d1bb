using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Ledger;
using Tokens.Operations;
using Tokens.Transport;

namespace Authority;

/// <summary>
/// Seals refusals before they are told. Identical ones (client and code; of strangers, those that are told alike) beyond five a second are
/// counted into one record per second, so that nobody can fill the disk with refusals (ledger page, section 3.3); refused TLS handshakes
/// are counted the same way by reason.
/// </summary>
public sealed class Refusals : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private static readonly Meter Meter = new("Authority");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "authority.refused",
        "{request}",
        "requests refused, by endpoint error and reason"
    );
    private readonly ConcurrentDictionary<(string Client, string Code), RefusalCount> _counts = new();
    private readonly ILedger? _ledger;
    private readonly Explanations _explanations;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly string? _problemPages;
    private readonly BackgroundWork _background;
    private readonly ITimer _timer;

    /// <summary>Starts counting.</summary>
    /// <param name="ledger">Where records go; null seals nothing.</param>
    /// <param name="explanations">What clients may have explained afterwards.</param>
    /// <param name="log">Diagnostics: exact reasons, no identifiers.</param>
    /// <param name="problemPages">Base address of the pages that explain codes; null when there are none.</param>
    /// <param name="background">Is told how each second ended.</param>
    /// <param name="time">Clock.</param>
    public Refusals(
        ILedger? ledger,
        Explanations explanations,
        ILogger log,
        string? problemPages,
        BackgroundWork background,
        TimeProvider time
    )
    {
        (_ledger, _explanations, _log, _problemPages, _background, _time) = (ledger, explanations, log, problemPages, background, time);
        _timer = time.CreateTimer(_ => _ = _background.RunAsync("refusal-counts", SealCounted), state: null, Window, Window);
    }

    /// <summary>Takes the seat of one request; null when the ledger has none.</summary>
    public LedgerSeat? TakeSeat() => LedgerSeat.Take(_ledger);

    /// <summary>Turns an exception into the refusal that is sealed and told; the exception itself goes to the diagnostic log.</summary>
    public TokenRefusal Fault(Exception exception)
    {
        _log.LogError(exception, "request failed");
        return new("server_error", 500, "internal-fault", "internal-fault FLT-01: the request failed") { Rule = "FLT-01" };
    }

    /// <summary>
    /// Seals a refusal, or counts it, and only then tells it, with the id of its record. A refusal that cannot be sealed becomes 503. A
    /// fault after the grant was sealed finds the seat used and takes another; when the ledger has none, it is counted like a flood's.
    /// </summary>
    public async ValueTask SealAndAnswer(HttpContext context, LedgerSeat seat, TokenRefusal refusal, AuthenticatedClient? client)
    {
        Refused.Add(1, new("error", refusal.Error), new("reason", refusal.Code));
        _log.LogInformation("refused {Error}: {Reason}", refusal.Error, refusal.Code);
        using var second = seat.IsUsed ? TakeSeat() : null;
        var free = seat.IsUsed ? second : seat;
        var now = _time.GetUtcNow();
        var count = _counts.GetOrAdd(
            client is null ? ("", $"{refusal.Status} {refusal.Error} {refusal.Description}") : (client.Id, refusal.Code),
            static _ => new()
        );
        var (id, isAlone) = count.Add(refusal, client, mayBeAlone: free is not null, _time);
        if (isAlone && !await free!.Seal(TokenRecord.Refused(id, now, refusal, client)))
        {
            await OAuthAnswer.Write(context, ClientEndpoint.LedgerUnavailable);
            return;
        }
        if (client is not null)
            _explanations.Keep(client.Id, id, refusal, now);
        else
            _explanations.KeepNamed(refusal.Named, SourceAddress.Of(context.Connection.RemoteIpAddress), id, refusal, now);
        if (context.Response.HasStarted)
            context.Abort();
        else
            await OAuthAnswer.Write(context, refusal, _problemPages, id);
    }

    /// <summary>Counts a refusal that has no answer, for example a refused handshake.</summary>
    public void CountOnly(string code) =>
        _counts.GetOrAdd(("", code), static _ => new()).CountOnly(new TokenRefusal("", 0, code, ""), _time);

    /// <summary>Counts a refusal that could not wait for its record, and returns its words.</summary>
    internal ServerAnswer Follow(TokenRefusal refusal)
    {
        Refused.Add(1, new("error", refusal.Error), new("reason", refusal.Code));
        _counts.GetOrAdd(("", $"{refusal.Status} {refusal.Error} {refusal.Description}"), static _ => new()).CountOnly(refusal, _time);
        return OAuthAnswer.Of(refusal, _problemPages);
    }

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();

    /// <summary>Seals what was only counted in the last second. What cannot be sealed now stays counted for the next.</summary>
    private async Task SealCounted()
    {
        foreach (var (key, count) in _counts)
        {
            if (count.Take() is not { } taken)
            {
                _counts.TryRemove(key, out _);
                continue;
            }
            if (taken.Number == 0)
                continue;
            var isSealed = false;
            try
            {
                using var seat = TakeSeat();
                var record = TokenRecord.Refused(taken.Id, _time.GetUtcNow(), taken.Refusal, taken.Client, taken.Number, taken.Until);
                isSealed = seat is not null && await seat.Seal(record);
            }
            finally
            {
                if (!isSealed)
                    count.GiveBack(taken.Id, taken.Number);
            }
        }
    }
}
