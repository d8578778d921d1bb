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

    /// <summary>A certificate, by its fingerprint or by issuer and serial number (<see cref="Revocation.CertificateId"/>).</summary>
    Certificate,
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
    private readonly FrozenDictionary<(string Agreement, string Party), PartyAct> _said;
    private readonly FrozenSet<string> _stoppedByParties;

    internal StatusSnapshot(
        IEnumerable<string> revoked,
        IEnumerable<string> deniedKeys,
        IEnumerable<Suspension> stopped,
        IReadOnlyCollection<PartyAct> said,
        DateTimeOffset now
    )
    {
        _revoked = revoked.ToFrozenSet(StringComparer.Ordinal);
        _deniedKeys = deniedKeys.ToFrozenSet(StringComparer.Ordinal);
        _stopped = stopped.ToFrozenDictionary(static one => (one.Kind, one.Id));
        StopsCertificates = _stopped.Keys.Any(static one => one.Item1 == StoppedKind.Certificate);
        _said = said.ToFrozenDictionary(static act => (act.Agreement, act.Party));
        var stops = said.Where(act => act.StopsAt(now)).ToList();
        _stoppedByParties = stops.Select(static act => act.Agreement).ToFrozenSet(StringComparer.Ordinal);
        ChangesAt = stops.Min(static act => act.Until);
    }

    /// <summary>Nothing is stopped; also what a reader holds before it has ever reached the store, when it is not fresh.</summary>
    public static StatusSnapshot Empty { get; } = new([], [], [], [], DateTimeOffset.MinValue);

    /// <summary>Suspensions that stand, for whoever lists them.</summary>
    public IReadOnlyCollection<Suspension> Suspensions => _stopped.Values;

    /// <summary>Was the token with this <c>jti</c> revoked?</summary>
    public bool IsRevoked(string jti) => _revoked.Contains(jti);

    /// <summary>Is the signing key compromised, and with it every token that it signed?</summary>
    public bool IsKeyDenied(string kid) => _deniedKeys.Contains(kid);

    /// <summary>Is this institution, client, agreement or issuer suspended, by an operator or a party?</summary>
    public bool IsSuspended(StoppedKind kind, string id) =>
        _stopped.ContainsKey((kind, id)) || (kind == StoppedKind.Agreement && _stoppedByParties.Contains(id));

    /// <summary>The last thing that a party said about an agreement, whether it stops anything or not; null when it never did.</summary>
    public PartyAct? SaidBy(string agreement, string party) => _said.GetValueOrDefault((agreement, party));

    /// <summary>What parties said about an agreement, each its last word.</summary>
    public IEnumerable<PartyAct> SaidAbout(string agreement) => _said.Values.Where(act => act.Agreement == agreement);

    /// <summary>Is it suspended by operators, whatever the parties say?</summary>
    public bool IsSuspendedByOperators(StoppedKind kind, string id) => _stopped.ContainsKey((kind, id));

    /// <summary>Is any certificate stopped?</summary>
    internal bool StopsCertificates { get; }

    /// <summary>When the first stop of a party ends by itself: then the list is to be read again. Null when none does.</summary>
    internal DateTimeOffset? ChangesAt { get; }
}
