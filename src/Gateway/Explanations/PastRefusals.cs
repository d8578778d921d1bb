using Agreements;
using Gateway.Authentication;
using Gateway.Problems;
using Gateway.Proofs;
using Ledger;
using Ledger.Tiles;

namespace Gateway.Explanations;

/// <summary>
/// Finds refusals of the last thirty days in this node's published log, where they stand whatever becomes of the process. One of another
/// client, an answer, and nothing at all are answered alike.
/// </summary>
internal sealed class PastRefusals(GatewayOptions options, ILedger ledger, TimeProvider time) : IDisposable
{
    /// <summary>How long a refusal is explained.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3),
        Pause = TimeSpan.FromMilliseconds(25);

    // A search reads bundles of the log: two at once, and the request path goes on.
    private readonly SemaphoreSlim _turns = new(2);

    /// <summary>The refusal of an exchange.</summary>
    public async Task<Verdict<PastRefusal>> FindAsync(string exchangeId, Caller caller, Registry registry, CancellationToken cancellation)
    {
        if (Ulid.TimeOf(exchangeId) < time.GetUtcNow() - Kept)
            return Unknown();
        // First everything that is durable now, so that how long it takes tells nothing about what is found.
        if (!await IsPublishedAsync(ledger.Size, cancellation))
            return new Refusal(Problem.Overloaded) { RetryAfterSeconds = 2, Reason = "durable, not published yet" };
        if (ledger.Published is not { } published)
            return Unknown();
        await _turns.WaitAsync(cancellation);
        try
        {
            var log = LogReader.At(options.Ledger, published.Note);
            return
                ExchangeSearch.Find(log, exchangeId) is { } index
                && PastRefusal.Read(log.Entry(index).Text, caller, registry) is { } refusal
                ? refusal
                : Unknown();
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private async Task<bool> IsPublishedAsync(long size, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (size > 0 && (ledger.Published?.Size ?? 0) < size)
        {
            if (time.GetElapsedTime(began) > Patience)
                return false;
            await Task.Delay(Pause, time, cancellation);
        }

        return true;
    }

    private static Refusal Unknown() => new(Problem.ResourceUnknown);
}
