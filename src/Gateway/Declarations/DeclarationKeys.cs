using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Gateway.Authorization;
using Gateway.Authorization.Dossiers;
using Gateway.Problems;

namespace Gateway.Declarations;

/// <summary>
/// Idempotency keys of declarations (exchanges page, section 1.12). A key is reserved in the register's store before any work, so that of
/// the same call at two nodes one works and the other is told to wait; it belongs to the system that sent it, and to nobody else of its
/// institution.
/// </summary>
/// <remarks>
/// <i>A crash after the reservation: it ends by itself within 15 seconds, then the caller's repetition does the work. A process that works
/// for longer than that without a turn of the register has lost the key, and its next turn does nothing.</i>
/// </remarks>
internal sealed class DeclarationKeys(DossierRegister register, KeyedDigest digest, TimeProvider time, ILogger<DeclarationKeys> log)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    private readonly string _process = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private readonly ConcurrentDictionary<string, byte[]> _underWay = new(StringComparer.Ordinal);

    /// <summary>A call under its key.</summary>
    public DeclarationCall CallOf(Entitlement entitlement, Audit.ExchangeFacts facts, Guid key, ReadOnlySpan<byte> body)
    {
        var scope = digest.Of(
            "declaration key",
            entitlement.Caller.Client.Id,
            entitlement.Agreement.Id,
            entitlement.Caller.Purpose,
            entitlement.Operation.Id,
            key.ToString("D", CultureInfo.InvariantCulture)
        );
        // The key is in the digest of the body: equal bodies under two keys do not look equal.
        return new DeclarationCall(entitlement, facts, scope, digest.Of("declaration body " + Convert.ToHexString(scope), body));
    }

    /// <summary>
    /// Does the work of a call once for its key, whichever nodes it reaches; gives what it was answered with before, if it was.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="work">The work. It must go on holding the key in each of its turns.</param>
    /// <param name="repeat">Answers again.</param>
    /// <param name="cancellation">The caller went away.</param>
    /// <exception cref="DossiersUnavailable">The store does not answer.</exception>
    public async ValueTask<Verdict<DeclarationReply>> OnceAsync(
        DeclarationCall call,
        Func<ValueTask<Verdict<DeclarationReply>>> work,
        Func<KeyedCall, ValueTask<Verdict<DeclarationReply>>> repeat,
        CancellationToken cancellation
    )
    {
        var mark = Convert.ToHexString(call.Scope);
        if (!_underWay.TryAdd(mark, call.Asked))
            return Busy(call, _underWay.GetValueOrDefault(mark) ?? call.Asked);
        try
        {
            var reserved = await ReserveAsync(call, cancellation);
            if (!reserved.Allows(out var earlier, out var busy))
                return busy;
            if (earlier.Body is not null)
                return await repeat(earlier);
            Verdict<DeclarationReply>? done = null;
            try
            {
                return (done = await work()).Value;
            }
            finally
            {
                if (done is not { Refusal: null })
                    await ReleaseAsync(call);
            }
        }
        finally
        {
            _underWay.TryRemove(mark, out _);
        }
    }

    /// <summary>The key is another call's by now, or was used for something else.</summary>
    public static Refusal Busy(DeclarationCall call, byte[] asked) =>
        CryptographicOperations.FixedTimeEquals(call.Asked, asked)
            ? new Refusal(Problem.IdempotencyInProgress) { RetryAfterSeconds = 1 }
            : new Refusal(Problem.IdempotencyConflict);

    // One turn over all nodes: nobody else looks between the look and the reservation.
    private async ValueTask<Verdict<KeyedCall>> ReserveAsync(DeclarationCall call, CancellationToken cancellation)
    {
        using var turn = await register.BeginAsync(cancellation);
        var now = time.GetUtcNow();
        if (turn.FindCall(call.Scope) is { } earlier)
        {
            var answered = earlier.Body is not null && earlier.At > now - Kept;
            if ((answered && !CryptographicOperations.FixedTimeEquals(call.Asked, earlier.Asked)) || earlier.IsHeldByAnother(_process))
                return Busy(call, earlier.Asked);
            if (answered)
                return earlier;
        }

        turn.Reserve(call.Scope, call.Asked, now, call.Facts.Id, _process);
        turn.Commit();
        return new KeyedCall(call.Asked, now, call.Facts.Id, _process, TimeSpan.Zero, Body: null);
    }

    private async ValueTask ReleaseAsync(DeclarationCall call)
    {
        try
        {
            using var turn = await register.BeginAsync(CancellationToken.None);
            turn.Release(call.Scope, call.Facts.Id);
            turn.Commit();
        }
        catch (DossiersUnavailable fault)
        {
            // This process takes it over at once, others when its time is over.
            log.LogWarning("An idempotency key stays reserved for some seconds: {Fault}", fault.GetType().Name);
        }
    }
}
