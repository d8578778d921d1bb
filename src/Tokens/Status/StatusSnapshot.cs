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

/// <summary>The status list at one instant: immutable, asked on every call, cached tokens included.</summary>
public sealed class StatusSnapshot
{
    private readonly FrozenSet<string> _revoked;
    private readonly FrozenSet<string> _deniedKeys;
    private readonly FrozenSet<(StoppedKind, string)> _stopped;

    internal StatusSnapshot(IEnumerable<string> revoked, IEnumerable<string> deniedKeys, IEnumerable<(StoppedKind, string)> stopped)
    {
        _revoked = revoked.ToFrozenSet(StringComparer.Ordinal);
        _deniedKeys = deniedKeys.ToFrozenSet(StringComparer.Ordinal);
        _stopped = stopped.ToFrozenSet();
    }

    /// <summary>Was the token with this <c>jti</c> revoked?</summary>
    public bool IsRevoked(string jti) => _revoked.Contains(jti);
    /// <summary>Is the signing key compromised, and with it every token that it signed?</summary>
    public bool IsKeyDenied(string kid) => _deniedKeys.Contains(kid);
    /// <summary>Is this institution, client, agreement or issuer suspended?</summary>
    public bool IsSuspended(StoppedKind kind, string id) => _stopped.Contains((kind, id));
}
