using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Agreements;
using Gateway.Problems;
using Tokens.Access;
using Tokens.ClientProof;
using Tokens.Status;
using Tokens.Transport;

namespace Gateway.Authentication;

/// <summary>
/// Step 1: from connection and headers to a <see cref="Caller"/> (authority page, section 13). Cheap before dear; the cache of
/// validated tokens skips signature work and nothing else, for connections and tokens outlive registrations.
/// </summary>
internal sealed class Authenticator(AccessTokenValidator tokens, IssuerKeys keys, ITokenStatus status, GatewayOptions options, TimeProvider time)
{
    private static readonly ConditionalWeakTable<PresentedCertificate, Judgement> Judged = [];
    private readonly string _metadata = $"Bearer resource_metadata=\"{options.Resource}/.well-known/oauth-protected-resource\"";

    /// <summary>A key set of the issuer is at hand.</summary>
    public bool KnowsIssuerKeys => keys.IsHeld;

    /// <summary>Authenticates a request under <paramref name="registry"/> and the list of what was <paramref name="stopped"/>.</summary>
    public async ValueTask<Verdict<Caller>> AuthenticateAsync(HttpContext http, Registry registry, StatusSnapshot stopped)
    {
        if (!status.IsFresh) return new Refusal(Problem.Overloaded) { RetryAfterSeconds = 5, Reason = "the status list could not be read for a minute" };
        var certificate = PresentedCertificate.Of(http);
        if (certificate is null || !certificate.IsCurrent(time.GetUtcNow())) return CertificateNotAccepted("absent or out of its dates");
        var missing = TokenCredentials.Read(http.Request, out var credentials);
        if (missing != TokenDefect.None) return Refuse(missing);
        var result = await tokens.Validate(credentials, certificate);
        if (!result.IsAccepted) return Refuse(result.Defect);
        if (stopped.IsRevoked(result.Token.Jti) || stopped.IsKeyDenied(result.Token.Kid) || stopped.IsSuspended(StoppedKind.Issuer, result.Token.Issuer)) return Refuse(TokenDefect.Stopped);
        return Identify(result.Token, certificate, registry);
    }

    /// <summary>The registered client whose rules fit the certificate: whom a refusal is recorded for when no token says it.</summary>
    public static Client? ClientOf(PresentedCertificate? certificate, Registry registry)
    {
        if (certificate is null) return null;
        foreach (var client in registry.Clients.Values)
            if (CertificateMatch.Any(certificate, PatternsOf(client))) return client;
        return null;
    }

    private Verdict<Caller> Identify(AccessToken token, PresentedCertificate certificate, Registry registry)
    {
        if (token.Details is not { } details) return Refuse(TokenDefect.Details);
        if (!registry.Clients.TryGetValue(token.ClientId, out var client) || !registry.Institutions.TryGetValue(client.Institution, out var institution))
            return Refuse(TokenDefect.UnknownClient);
        if (token.Org is not null && token.Org != institution.Id) return Refuse(TokenDefect.Claims);
        if (!Fits(client, certificate)) return CertificateNotAccepted("not one of this client's");
        return new Caller(institution, client, OfficeOf(institution, client), details.Agreement, details.Purpose, details.Operations, token.Jti, token.Expires);
    }

    // Judged once per connection and registration: a new registry brings new client objects, a new connection a new certificate.
    private static bool Fits(Client client, PresentedCertificate certificate)
    {
        if (Judged.TryGetValue(certificate, out var known) && ReferenceEquals(known.Client, client)) return known.Fits;
        var fits = CertificateMatch.Any(certificate, PatternsOf(client));
        Judged.AddOrUpdate(certificate, new Judgement(client, fits));
        return fits;
    }

    private static ImmutableArray<CertificatePattern> PatternsOf(Client client) => [.. client.Certificates.Select(static rule => rule switch
    {
        { SpkiSha256: { } spki } => new CertificatePattern(CertificatePatternKind.SpkiSha256, spki, Authority: null),
        { X5tS256: { } thumbprint } => new CertificatePattern(CertificatePatternKind.X5tS256, thumbprint, Authority: null),
        { SanUri: { } uri } => new CertificatePattern(CertificatePatternKind.SanUri, uri, rule.Authority),
        { SanDns: { } dns } => new CertificatePattern(CertificatePatternKind.SanDns, dns, rule.Authority),
        { SanIp: { } ip } => new CertificatePattern(CertificatePatternKind.SanIp, ip, rule.Authority),
        { SanEmail: { } email } => new CertificatePattern(CertificatePatternKind.SanEmail, email, rule.Authority),
        _ => new CertificatePattern(CertificatePatternKind.SubjectDn, rule.SubjectDn ?? "", rule.Authority),
    })];

    private sealed record Judgement(Client Client, bool Fits);

    private static Office? OfficeOf(Institution institution, Client client)
    {
        if (client.Office is null) return null;
        foreach (var office in institution.Offices) if (office.Code == client.Office) return office;
        return null;
    }

    private Refusal CertificateNotAccepted(string reason) => new(Problem.CertificateNotAccepted) { Challenge = _metadata, Reason = reason };

    // Strangers get the general code; the exact defect goes to the log.
    private Refusal Refuse(TokenDefect defect) => defect switch
    {
        TokenDefect.Missing => new Refusal(Problem.TokenMissing) { Challenge = _metadata },
        TokenDefect.Ambiguous => new Refusal(Problem.RequestMalformed) { Challenge = "Bearer error=\"invalid_request\"", Reason = nameof(TokenDefect.Ambiguous) },
        TokenDefect.Expired => Invalid(Problem.TokenExpired, defect),
        TokenDefect.OtherCertificate or TokenDefect.Scheme => Invalid(Problem.ProofNotAccepted, defect),
        _ => Invalid(Problem.TokenNotAccepted, defect),
    };

    private static Refusal Invalid(Problem problem, TokenDefect defect) => new(problem) { Challenge = "Bearer error=\"invalid_token\"", Reason = $"token: {defect}" };
}
