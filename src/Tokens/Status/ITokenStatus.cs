namespace Tokens.Status;

/// <summary>
/// The status list: what was stopped at once, without a reviewed change of a file (authority page, section 11). Independent of the
/// authority's process. Readers hold an immutable snapshot: an implementation MUST confirm it with the store at least every second, MUST
/// keep the last one when the store is away and let its age show, and MUST answer a change only when it is durable. Thread-safe.
/// </summary>
public interface ITokenStatus : IDisposable
{
    /// <summary>
    /// The list now: one volatile read, to be asked on every call, cached tokens included. Relied on only while <see cref="IsFresh"/>.
    /// </summary>
    StatusSnapshot Current { get; }

    /// <summary>Time since the list was last known to be the newest; <see cref="TimeSpan.MaxValue"/> when it never was.</summary>
    TimeSpan Age { get; }

    /// <summary>
    /// The list may be relied on: its age is below <see cref="StaleAfter"/>. When false, calls get 503 (fail closed); readiness follows.
    /// </summary>
    bool IsFresh => Age < StaleAfter;

    /// <summary>A snapshot that could not be confirmed for so long counts for nothing.</summary>
    static TimeSpan StaleAfter { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Stops one token; kept until it would have expired.</summary>
    /// <exception cref="StatusUnavailable">Not known to be durable: say so to whoever asked.</exception>
    ValueTask Revoke(string jti, DateTimeOffset expires);

    /// <summary>Stops every token that a key has signed, until the last of them would have expired.</summary>
    /// <exception cref="StatusUnavailable">Not known to be durable.</exception>
    ValueTask DenyKey(string kid, DateTimeOffset until);

    /// <summary>
    /// Suspends an institution, client, agreement or issuer at once. A suspension that stands already keeps its time and reason.
    /// </summary>
    /// <param name="kind">Kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="reason">A code; no text about persons.</param>
    /// <exception cref="StatusUnavailable">Not known to be durable.</exception>
    ValueTask Suspend(StoppedKind kind, string id, string reason);

    /// <summary>Lifts a suspension; nothing happens when there is none. That two persons agreed is the caller's business.</summary>
    /// <exception cref="StatusUnavailable">Not known to be durable.</exception>
    ValueTask Lift(StoppedKind kind, string id);

    /// <summary>
    /// Takes what a party of an agreement said about it, if it said nothing newer: a statement can be handed in once, and an older one
    /// never undoes a newer. The same statement again changes nothing. Operators' suspensions and those of other parties stay as they are.
    /// That the statement is the party's is the caller's business.
    /// </summary>
    /// <returns>False when the party has said something newer, or something else at the same second.</returns>
    /// <exception cref="StatusUnavailable">Not known to be durable.</exception>
    ValueTask<bool> Say(PartyAct act);
}
