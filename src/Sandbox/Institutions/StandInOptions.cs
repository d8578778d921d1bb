using Microsoft.IdentityModel.Tokens;
using Sandbox.Pki;

namespace Sandbox.Institutions;

/// <summary>How a stand-in listens and whom it believes.</summary>
public sealed record StandInOptions
{
    /// <summary>Institution id, for example <c>menps</c>.</summary>
    public required string Institution { get; init; }

    /// <summary>Port on loopback; 0 picks a free one.</summary>
    public int Port { get; init; }

    /// <summary>Listen on every address, for containers. The control page stays on loopback.</summary>
    public bool AnyAddress { get; init; }

    /// <summary>
    /// Scheme, host and port under which the gateway knows this institution: the <c>aud</c> of its assertions is this or a base path below
    /// it. Null for https://localhost:port.
    /// </summary>
    public string? BaseAddress { get; init; }

    /// <summary>Server certificate.</summary>
    public required CertificateFiles Certificate { get; init; }

    /// <summary>PEM file of the CA that names the gateway.</summary>
    public required string GatewayAuthority { get; init; }

    /// <summary>Public key of the gateway's assertions; null only where <see cref="RequireAssertion"/> is false.</summary>
    public JsonWebKey? AssertionKey { get; init; }

    /// <summary>Refuse calls without a valid <c>Exchange-Assertion</c>. Off only to measure a bare proxy, which cannot make one.</summary>
    public bool RequireAssertion { get; init; } = true;

    /// <summary>How many calls <c>/control/received</c> remembers; 0 remembers none.</summary>
    public int Remember { get; init; } = 256;
}
