using System.Collections.Immutable;
using Agreements;
using Gateway.Authentication;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;

namespace Gateway.Diagnosis;

/// <summary>What can be found about a certificate. Codes are never translated; their texts stand in one file per language.</summary>
public static class Finding
{
    /// <summary>Nothing is wrong with it.</summary>
    public const string Sound = "certificate-sound";

    /// <summary>No rule of a registration fits it.</summary>
    public const string NotRegistered = "not-registered";

    /// <summary>The client that it belongs to is suspended.</summary>
    public const string ClientSuspended = "client-suspended";

    /// <summary>It, or an authority above it, was revoked or stopped.</summary>
    public const string Revoked = "revoked";

    /// <summary>Nobody can tell whether it was revoked, and so it is refused.</summary>
    public const string RevocationUnknown = "revocation-unknown";

    /// <summary>Every code that has texts.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        Sound,
        NotRegistered,
        ClientSuspended,
        Revoked,
        RevocationUnknown,
        .. Enum.GetValues<TlsRejection>().Where(static one => one != TlsRejection.HandshakeFailed).Select(Of),
    ];

    /// <summary>The code of what a data listener would have hung up for.</summary>
    public static string Of(TlsRejection rejection) =>
        rejection switch
        {
            TlsRejection.NoCertificate => "no-certificate",
            TlsRejection.UntrustedChain => "untrusted-chain",
            TlsRejection.Expired => "expired",
            TlsRejection.NotYetValid => "not-yet-valid",
            TlsRejection.WrongUsage => "wrong-usage",
            TlsRejection.WeakKey => "weak-key",
            TlsRejection.ChainTooLong => "chain-too-long",
            TlsRejection.NotAnAuthority => "not-an-authority",
            _ => "untrusted-chain",
        };

    /// <summary>Everything found about a connection's certificate, what hides the rest first.</summary>
    /// <param name="rejection">What a data listener would have hung up for; null when nothing.</param>
    /// <param name="certificate">The certificate; null when none came.</param>
    /// <param name="stop">What revocation lists and operators say about it.</param>
    /// <param name="holder">Registered client that it belongs to.</param>
    /// <param name="registry">Law.</param>
    /// <param name="status">What was stopped at once.</param>
    /// <param name="now">Now.</param>
    public static ImmutableArray<string> About(
        TlsRejection? rejection,
        PresentedCertificate? certificate,
        CertificateStop stop,
        Client? holder,
        Registry registry,
        StatusSnapshot status,
        DateTimeOffset now
    )
    {
        if (certificate is null)
            return [Of(TlsRejection.NoCertificate)];
        var found = ImmutableArray.CreateBuilder<string>();
        if (rejection is { } reason)
            found.Add(Of(reason));
        // A connection outlives its certificate; and dates hide behind a chain that is not trusted.
        if (now > certificate.NotAfter && rejection != TlsRejection.Expired)
            found.Add(Of(TlsRejection.Expired));
        if (now < certificate.NotBefore && rejection != TlsRejection.NotYetValid)
            found.Add(Of(TlsRejection.NotYetValid));
        if (stop != CertificateStop.None)
            found.Add(stop == CertificateStop.Revoked ? Revoked : RevocationUnknown);
        // Rules by name hold only under a trusted authority: without one, nobody can say whether it would be registered.
        if (holder is null && rejection is null)
            found.Add(NotRegistered);
        if (holder is not null && Stops.IsStopped(holder, registry, status, CivilTime.DateOf(now)))
            found.Add(ClientSuspended);
        return found.Count == 0 ? [Sound] : found.ToImmutable();
    }
}
