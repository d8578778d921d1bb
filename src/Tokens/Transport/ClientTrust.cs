using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;

namespace Tokens.Transport;

/// <summary>Whom a listener takes as a client. Immutable: a change is a new value inside a new <see cref="TlsSnapshot"/>.</summary>
public sealed class ClientTrust
{
    /// <summary>Root certificates by the name of their set, as registrations name it (<c>authority: anss-partners</c>).</summary>
    public required IReadOnlyDictionary<string, X509Certificate2Collection> Authorities { get; init; }

    /// <summary>base64url SHA-256 of each registered self-signed certificate: these need no chain (RFC 8705 section 2.2).</summary>
    public FrozenSet<string> SelfSigned { get; init; } = [];

    /// <summary>Certificates in a chain at most, leaf and root included.</summary>
    public int MaxChainLength { get; init; } = 4;
}
