using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Ledger;

namespace Authority;

/// <summary>
/// Seals refusals before they are told. Identical ones (client, code) beyond five a second are counted into one record per second, so that
/// nobody can fill the disk with refusals (ledger page, section 3.3); refused TLS handshakes are counted the same way by reason.
/// </summary>
public sealed class Refusals : IDisposable
{
    private const int SealedEach = 5;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private static readonly Meter Meter = new("Authority");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("authority.refused", "{request}", "requests refused, by endpoint error and reason");
    private readonly ConcurrentDictionary<(string Client, string Code), Count> _counts = new();
    private readonly ILedger? _ledger;
    private readonly TimeProvider _time;
    private readonly string? _problemPages;
    private readonly ITimer _timer;

    /// <summary>Starts counting.</summary>
    /// <param name="ledger">Where records go; null seals nothing.</param>
    /// <param name="log">Diagnostics: exact reasons, no identifiers.</param>
    /// <param name="problemPages">Base address of the pages that explain codes; null when there are none.</param>
    /// <param name="time">Clock.</param>
    public Refusals(ILedger? ledger, ILogger log, string? problemPages, TimeProvider time)
    {
        (_ledger, Log, _problemPages, _time) = (ledger, log, problemPages, time);
        _timer = time.CreateTimer(_ => _ = SealCounted(), state: null, Window, Window);
    }

    internal ILogger Log { get; }

    /// <summary>Takes the seat of one request; null when the ledger has none.</summary>
    public LedgerSeat? TakeSeat() => LedgerSeat.Take(_ledger);

    /// <summary>Seals a refusal, or counts it, and only then tells it. A refusal that cannot be sealed becomes 503.</summary>
    public async ValueTask SealAndAnswer(HttpContext context, LedgerSeat seat, TokenRefusal refusal, AuthenticatedClient? client)
    {
        Refused.Add(1, new("error", refusal.Error), new("reason", refusal.Code));
        Log.LogInformation("refused {Error}: {Reason}", refusal.Error, refusal.Code);
        var count = _counts.GetOrAdd((client?.Id ?? "", refusal.Code), static _ => new());
        var alone = count.Add(refusal, client, _time.GetUtcNow());
        if (alone && !await seat.Seal(TokenRecord.Refused(Ulid.New(_time), _time.GetUtcNow(), refusal, client))) refusal = Issuance.LedgerUnavailable;
        await OAuthAnswer.Write(context, refusal, _problemPages);
    }

    /// <summary>Counts a refusal that has no answer, for example a refused handshake.</summary>
    public void CountOnly(string code) =>
        _counts.GetOrAdd(("", code), static _ => new()).CountOnly(new TokenRefusal("", 0, code, ""), _time.GetUtcNow());

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
            if (taken.Number == 0) continue;
            using var seat = TakeSeat();
            var record = TokenRecord.Refused(Ulid.New(_time), _time.GetUtcNow(), taken.Refusal, taken.Client, taken.Number, taken.Until);
            if (seat is null || !await seat.Seal(record)) count.GiveBack(taken.Number);
        }
    }

    private sealed class Count
    {
        private readonly Lock _gate = new();
        private TokenRefusal? _refusal;
        private AuthenticatedClient? _client;
        private DateTimeOffset _until;
        private int _sealed;
        private int _counted;
        private bool _idle;

        /// <summary>True when this one gets a record of its own.</summary>
        internal bool Add(TokenRefusal refusal, AuthenticatedClient? client, DateTimeOffset now)
        {
            lock (_gate)
            {
                (_refusal, _client, _until, _idle) = (refusal, client, now, false);
                if (_sealed < SealedEach) return ++_sealed > 0;
                _counted += 1;
                return false;
            }
        }

        internal void CountOnly(TokenRefusal refusal, DateTimeOffset now)
        {
            lock (_gate) (_refusal, _until, _idle, _counted) = (refusal, now, false, _counted + 1);
        }

        /// <summary>Ends the second; null when nothing has happened in two of them.</summary>
        internal (int Number, TokenRefusal Refusal, AuthenticatedClient? Client, DateTimeOffset Until)? Take()
        {
            lock (_gate)
            {
                if (_idle && _counted == 0) return null;
                var taken = _counted;
                (_sealed, _counted, _idle) = (0, 0, true);
                return (taken, _refusal!, _client, _until);
            }
        }

        internal void GiveBack(int number)
        {
            lock (_gate) (_counted, _idle) = (_counted + number, false);
        }
    }
}
