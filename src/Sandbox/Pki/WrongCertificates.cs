using System.Security.Cryptography.X509Certificates;

namespace Sandbox.Pki;

/// <summary>
/// Certificates that must be refused, made in memory for tests: each is wrong in exactly one way. The caller disposes them.
/// </summary>
/// <param name="pki">The town's authorities.</param>
/// <param name="clock">Time.</param>
public sealed class WrongCertificates(DevelopmentPki pki, TimeProvider clock)
{
    /// <summary>Right in all but its dates: certificates start an hour back, and this one lasted a minute.</summary>
    public X509Certificate2 Expired(string clientId) =>
        pki[DevelopmentPki.Partners].Issue(Profile(clientId) with { Life = TimeSpan.FromMinutes(1) });

    /// <summary>Right in all but its dates: it starts tomorrow.</summary>
    public X509Certificate2 NotYetValid(string clientId) =>
        pki[DevelopmentPki.Partners].Issue(Profile(clientId) with { Shift = TimeSpan.FromDays(1) });

    /// <summary>Issued by an authority of the same name that nobody trusts.</summary>
    public X509Certificate2 OfAnotherAuthority(string clientId)
    {
        using var stranger = DevelopmentAuthority.Create($"Sandbox {DevelopmentPki.Partners}", clock);
        return stranger.Issue(Profile(clientId));
    }

    /// <summary>States no extended key usage. Such a leaf passes the chain (measured), so the listener must look itself.</summary>
    public X509Certificate2 WithoutUsage(string clientId) =>
        pki[DevelopmentPki.Partners].Issue(Profile(clientId) with { Use = CertificateUse.Unstated });

    /// <summary>A server certificate used as a client's.</summary>
    public X509Certificate2 ForServers(string clientId) =>
        pki[DevelopmentPki.Partners].Issue(Profile(clientId) with { Use = CertificateUse.Server });

    /// <summary>Sound, of the right authority, and of a client that no institution registered.</summary>
    public X509Certificate2 Unregistered() => pki[DevelopmentPki.Partners].Issue(Profile("nobody-unregistered"));

    private static CertificateProfile Profile(string clientId) =>
        new()
        {
            Name = clientId,
            Use = CertificateUse.Client,
            Uri = "urn:anss:client:" + clientId,
        };
}
