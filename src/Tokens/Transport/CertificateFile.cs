using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Tokens.Transport;

/// <summary>A client certificate as a handshake would judge it, for tools that have it in a file: same chain policy, same rules.</summary>
/// <param name="Certificate">The certificate with the names of the authority sets in its chain.</param>
/// <param name="Rejection">Why a handshake would refuse it; null when it would not.</param>
public sealed record CertificateFile(PresentedCertificate Certificate, TlsRejection? Rejection)
{
    /// <summary>Builds the chain and judges it.</summary>
    /// <param name="leaf">The certificate.</param>
    /// <param name="intermediates">Certificates that the client sends with it.</param>
    /// <param name="trust">Whom the listener takes.</param>
    /// <param name="now">When.</param>
    public static CertificateFile Judge(
        X509Certificate2 leaf,
        X509Certificate2Collection intermediates,
        ClientTrust trust,
        DateTimeOffset now
    )
    {
        using var chain = new X509Chain
        {
            ChainPolicy = TlsSnapshot.ChainPolicy(trust.Authorities.Values, CertificateRules.ClientAuthentication),
        };
        chain.ChainPolicy.ExtraStore.AddRange(intermediates);
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        var isBuilt = chain.Build(leaf);
        var rejection = CertificateRules.Judge(
            leaf,
            chain,
            isBuilt ? System.Net.Security.SslPolicyErrors.None : System.Net.Security.SslPolicyErrors.RemoteCertificateChainErrors,
            trust,
            now
        );
        var above = chain
            .ChainElements.Skip(1)
            .Select(static element => PresentedCertificate.ThumbprintOf(element.Certificate))
            .ToImmutableArray();
        var names = trust
            .Authorities.Where(set =>
                set.Value.Any(root => above.Contains(PresentedCertificate.ThumbprintOf(root), StringComparer.Ordinal))
            )
            .Select(static set => set.Key);
        return new(isBuilt ? PresentedCertificate.From(leaf, [.. names], chain) : PresentedCertificate.From(leaf), rejection);
    }
}
