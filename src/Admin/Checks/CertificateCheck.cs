using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Agreements;
using Authority;
using Tokens.ClientProof;
using Tokens.Revocation;
using Tokens.Transport;

namespace Admin.Checks;

/// <summary>
/// Judges a client certificate offline: first as the handshake does (chain, dates, usage, key), then against the client's rules. TLS 1.3
/// tells a refused client nothing but that the connection is gone; this says why.
/// </summary>
internal static class CertificateCheck
{
    /// <summary>Everything that is wrong; empty when the handshake and the registration would take the certificate.</summary>
    /// <param name="leaf">The certificate.</param>
    /// <param name="intermediates">Certificates that the client sends with it.</param>
    /// <param name="authorities">Roots by the name of their set.</param>
    /// <param name="client">Registration.</param>
    /// <param name="stops">What revocation lists and operators say.</param>
    /// <param name="now">When it is presented.</param>
    internal static ImmutableArray<Finding> Run(
        X509Certificate2 leaf,
        X509Certificate2Collection intermediates,
        IReadOnlyDictionary<string, X509Certificate2Collection> authorities,
        Client client,
        Func<PresentedCertificate, CertificateStop> stops,
        DateTimeOffset now
    )
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var trust = new ClientTrust
        {
            Authorities = authorities,
            SelfSigned = [.. client.Certificates.Select(static rule => rule.X5tS256).OfType<string>()],
        };
        var judged = CertificateFile.Judge(leaf, intermediates, trust, now);
        if (judged.Rejection is { } rejection)
            findings.Add(new Finding("tls-" + Words.Kebab(rejection.ToString()), Facts(leaf)));
        if (stops(judged.Certificate) is var stop && stop != CertificateStop.None)
            findings.Add(
                new Finding(stop == CertificateStop.Revoked ? "certificate-revoked" : "certificate-status-unknown", Numbers(leaf))
            );
        var registered = new RegisteredClient(client);
        if (!CertificateMatch.Any(judged.Certificate, registered.Patterns))
            findings.AddRange(
                registered.Patterns.Length == 0
                    ? [new Finding("certificate-not-registered", ("client", client.Id))]
                    : registered.Patterns.Select(pattern => Mismatch(judged.Certificate, pattern))
            );
        if (!client.Active)
            findings.Add(new Finding("client-suspended", ("client", client.Id)));
        return findings.ToImmutable();
    }

    private static Finding Mismatch(PresentedCertificate certificate, CertificatePattern pattern)
    {
        Fact registered = ("registered", $"{Words.Kebab(pattern.Kind.ToString())} {pattern.Value}");
        if (pattern.Kind == CertificatePatternKind.SpkiSha256)
            return new Finding("certificate-key", registered, ("spkiSha256", certificate.SpkiSha256));
        if (pattern.Kind == CertificatePatternKind.X5tS256)
            return new Finding("certificate-thumbprint", registered, ("x5tS256", certificate.X5tS256));
        // The same comparison under the registered authority tells whether the name or the chain is at fault.
        var named = CertificateMatch.Matches(PresentedCertificate.From(certificate.Certificate, pattern.Authority!), pattern);
        return named
            ? new Finding(
                "certificate-authority",
                registered,
                ("authority", pattern.Authority!),
                ("issuer", certificate.Certificate.IssuerName.Name)
            )
            : new Finding("certificate-name", [registered, .. Names(certificate.Certificate)]);
    }

    private static ImmutableArray<Fact> Numbers(X509Certificate2 leaf) =>
        [("issuer", leaf.IssuerName.Name), ("serial", leaf.SerialNumber), ("x5tS256", PresentedCertificate.From(leaf).X5tS256)];

    private static IEnumerable<Fact> Names(X509Certificate2 certificate) =>
        [
            ("subject", certificate.SubjectName.Name),
            .. certificate
                .Extensions.Where(static extension => extension.Oid?.Value == "2.5.29.17")
                .Select(static extension => (Fact)("names", extension.Format(multiLine: false))),
        ];

    private static ImmutableArray<Fact> Facts(X509Certificate2 leaf) =>
        [
            ("subject", leaf.SubjectName.Name),
            ("issuer", leaf.IssuerName.Name),
            ("from", At(leaf.NotBefore)),
            ("until", At(leaf.NotAfter)),
            (
                "usage",
                string.Join(
                    ' ',
                    leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>()
                        .SelectMany(static usages => usages.EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>())
                        .Select(static usage => usage.Value)
                )
                    is { Length: > 0 } usages
                    ? usages
                    : "-"
            ),
        ];

    private static DateTimeOffset? At(DateTime at) => new DateTimeOffset(at.ToUniversalTime(), TimeSpan.Zero);
}
