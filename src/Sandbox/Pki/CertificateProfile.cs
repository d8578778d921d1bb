using System.Collections.Immutable;
using System.Net;

namespace Sandbox.Pki;

/// <summary>What a certificate is for: decides its extended key usage.</summary>
public enum CertificateUse
{
    /// <summary>TLS server.</summary>
    Server,

    /// <summary>TLS client.</summary>
    Client,

    /// <summary>No extended key usage at all: refused everywhere, made to show that it is.</summary>
    Unstated,
}

/// <summary>What a certificate says.</summary>
public sealed record CertificateProfile
{
    /// <summary>Common name, for people; nothing is ever decided by it.</summary>
    public required string Name { get; init; }

    /// <summary>Use.</summary>
    public required CertificateUse Use { get; init; }

    /// <summary>DNS names; addresses are recognised and become IP entries.</summary>
    public ImmutableArray<string> Hosts { get; init; } = [];

    /// <summary>URI among the alternative names, for example <c>urn:anss:client:anss-eligibility</c>; null for none.</summary>
    public string? Uri { get; init; }

    /// <summary>How long it is valid, counted from an hour before it is made. The longest allowed for partners is 13 months.</summary>
    public TimeSpan Life { get; init; } = TimeSpan.FromDays(365);

    /// <summary>Moves the whole life, for certificates that are expired or not yet valid.</summary>
    public TimeSpan Shift { get; init; }

    /// <summary>The names of this machine, as every server certificate of the town carries them.</summary>
    public static ImmutableArray<string> Loopback { get; } =
    ["localhost", IPAddress.Loopback.ToString(), IPAddress.IPv6Loopback.ToString()];
}
