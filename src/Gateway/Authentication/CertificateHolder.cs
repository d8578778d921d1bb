using System.Runtime.CompilerServices;
using Agreements;
using Tokens.ClientProof;
using Tokens.Transport;

namespace Gateway.Authentication;

/// <summary>Whose certificate a connection shows, by the rules of the registrations (authority page, section 3).</summary>
internal static class CertificateHolder
{
    private static readonly ConditionalWeakTable<PresentedCertificate, Judgement> Judged = [];
    private static readonly ConditionalWeakTable<Client, CertificatePattern[]> Patterns = [];

    /// <summary>
    /// Does some rule of the client fit the certificate? Judged once per connection and registration: a new registry brings new client
    /// objects, a new connection a new certificate.
    /// </summary>
    public static bool Is(Client client, PresentedCertificate certificate)
    {
        if (Judged.TryGetValue(certificate, out var known) && ReferenceEquals(known.Client, client))
            return known.Fits;
        var fits = CertificateMatch.Any(certificate, PatternsOf(client));
        Judged.AddOrUpdate(certificate, new Judgement(client, fits));
        return fits;
    }

    /// <summary>The registered client whose rules fit the certificate; null when it is nobody's.</summary>
    public static Client? Of(PresentedCertificate certificate, Registry registry)
    {
        foreach (var client in registry.Clients.Values)
            if (CertificateMatch.Any(certificate, PatternsOf(client)))
                return client;
        return null;
    }

    /// <summary>
    /// The registered client whose rules fit the certificate, when they are one client's alone; null when it is nobody's, or could be
    /// several clients'.
    /// </summary>
    public static Client? Only(PresentedCertificate certificate, Registry registry)
    {
        Client? only = null;
        foreach (var client in registry.Clients.Values)
        {
            if (!CertificateMatch.Any(certificate, PatternsOf(client)))
                continue;
            if (only is not null)
                return null;
            only = client;
        }

        return only;
    }

    // A new law brings new clients.
    private static CertificatePattern[] PatternsOf(Client client) => Patterns.GetValue(client, static one => [
                .. one.Certificates.Select(static rule =>
                    rule switch
                    {
                        { SpkiSha256: { } spki } => new CertificatePattern(CertificatePatternKind.SpkiSha256, spki, Authority: null),
                        { X5tS256: { } thumbprint } => new CertificatePattern(CertificatePatternKind.X5tS256, thumbprint, Authority: null),
                        { SanUri: { } uri } => new CertificatePattern(CertificatePatternKind.SanUri, uri, rule.Authority),
                        { SanDns: { } dns } => new CertificatePattern(CertificatePatternKind.SanDns, dns, rule.Authority),
                        { SanIp: { } ip } => new CertificatePattern(CertificatePatternKind.SanIp, ip, rule.Authority),
                        { SanEmail: { } email } => new CertificatePattern(CertificatePatternKind.SanEmail, email, rule.Authority),
                        _ => new CertificatePattern(CertificatePatternKind.SubjectDn, rule.SubjectDn ?? "", rule.Authority),
                    }
                ),
            ]);

    private sealed record Judgement(Client Client, bool Fits);
}
