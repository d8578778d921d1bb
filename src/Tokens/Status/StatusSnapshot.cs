using System.Collections.Frozen;

namespace Tokens.Status;

/// <summary>What can be stopped at once, without a reviewed change of a file.</summary>
public enum StoppedKind
{
    /// <summary>An institution with all its systems.</summary>
    Institution,
    /// <summary>One system.</summary>
    Client,
    /// <summary>An agreement.</summary>
    Agreement,
    /// <summary>A trusted issuer.</summary>
    Issuer,
}

/// <summary>One suspension that stands.</summary>
/// <param name="Kind">What is stopped.</param>
/// <param name="Id">Its id.</param>
/// <param name="Since">Since when.</param>
/// <param name="Reason">A code, as given by who suspended.</param>
public sealed record Suspension(StoppedKind Kind, string Id, DateTimeOffset Since, string Reason);

/// <summary>The status list at one instant: immutable, asked on every call, cached tokens included.</summary>
public sealed class StatusSnapshot
{
    private readonly FrozenSet<string> _revoked;
    private readonly FrozenSet<string> _deniedKeys;
    private readonly FrozenDictionary<(StoppedKind, string), Suspension> _stopped;

    internal StatusSnapshot(IEnumerable<string> revoked, IEnumerable<string> deniedKeys, IEnumerable<Suspension> stopped)
    {
        _revoked = revoked.ToFrozenSet(StringComparer.Ordinal);
        _deniedKeys = deniedKeys.ToFrozenSet(StringComparer.Ordinal);
        _stopped = stopped.ToFrozenDictionary(static one => (one.Kind, one.Id));
    }

    /// <summary>Nothing is stopped; also what a reader holds before it has ever reached the store, when it is not fresh.</summary>
    public static StatusSnapshot Empty { get; } = new([], [], []);
    /// <summary>Suspensions that stand, for whoever lists them.</summary>
    public IReadOnlyCollection<Suspension> Suspensions => _stopped.Values;

    /// <summary>Was the token with this <c>jti</c> revoked?</summary>
    public bool IsRevoked(string jti) => _revoked.Contains(jti);
    /// <summary>Is the signing key compromised, and with it every token that it signed?</summary>
    public bool IsKeyDenied(string kid) => _deniedKeys.Contains(kid);
    /// <summary>Is this institution, client, agreement or issuer suspended?</summary>
    public bool IsSuspended(StoppedKind kind, string id) => _stopped.ContainsKey((kind, id));
}
