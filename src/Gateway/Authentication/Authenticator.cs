using Agreements;
using Gateway.Problems;
using Tokens.Access;
using Tokens.Operations;
using Tokens.Replay;
using Tokens.Status;
using Tokens.Transport;

namespace Gateway.Authentication;

/// <summary>
/// Step 1: from connection and headers to a <see cref="Caller"/> (authority page, section 13). Cheap before dear; the cache of
/// validated tokens skips signature work and nothing else, for connections and tokens outlive registrations.
/// </summary>
internal sealed class Authenticator(
    IssuerDirectory issuers,
    ConnectionCertificates certificates,
    Challenges challenges,
    CertificateSightings sightings,
    ClockWatch clock,
    GatewayOptions options,
    TimeProvider time
)
{
    /// <summary>A key set of our own authority is at hand.</summary>
    public bool KnowsIssuerKeys => issuers.KnowsOwnKeys;

    /// <summary>Issuers whose keys are not renewed, with the reason; null when all are.</summary>
    public string? IssuerKeysNote => issuers.Note;

    /// <summary>Authenticates a request under <paramref name="registry"/> and the list of what was <paramref name="stopped"/>.</summary>
    public async ValueTask<Verdict<Caller>> AuthenticateAsync(HttpContext http, Registry registry, StatusSnapshot stopped)
    {
        // Nobody is blamed for a clock of ours that was set: not the caller for his token or proof, and later no provider for his dates.
        if (clock.IsOff)
            return ClockOff();
        var verdict = await RecognizeAsync(http, registry, stopped);
        // A token that is not there is missing by any clock.
        var isOfTime =
            verdict.Refusal is { Problem: { Status: StatusCodes.Status401Unauthorized } problem } && problem != Problem.TokenMissing;
        return isOfTime && clock.IsSuspect ? ClockOff() : verdict;
    }

    private async ValueTask<Verdict<Caller>> RecognizeAsync(HttpContext http, Registry registry, StatusSnapshot stopped)
    {
        if (certificates.WhyNot(http, stopped, out var certificate) is { } refusal)
            return refusal;
        var mutual = ListenerName.Of(http) != GatewayHost.DpopListener;
        var missing = TokenCredentials.Read(http.Request, out var credentials);
        if (missing != TokenDefect.None)
            return challenges.Token(missing, credentials.Scheme, mutual);
        try
        {
            var result = await issuers
                .For(registry)
                .Validate(credentials, certificate, ProofOfPossession.Of(http, credentials.Scheme, options));
            ProofOfPossession.Announce(http, result.DpopNonce);
            if (result.Defect == TokenDefect.KeysUnavailable)
                return Unavailable("no key of the token's issuer can be had");
            if (!result.IsAccepted)
                return challenges.Token(result.Defect, credentials.Scheme, mutual);
            return Identify(result.Token, credentials.Scheme, certificate, registry, stopped);
        }
        catch (ReplayUnavailable)
        {
            return Unavailable("the replay store does not answer");
        }
        catch (ReplayOwnerFull)
        {
            return new Refusal(Problem.RateExceeded) { RetryAfterSeconds = 60, Reason = "one proof key has too many live proofs" };
        }
    }

    private Verdict<Caller> Identify(
        AccessToken token,
        TokenScheme scheme,
        PresentedCertificate? certificate,
        Registry registry,
        StatusSnapshot stopped
    )
    {
        Refusal Refuse(TokenDefect defect) => challenges.Token(defect, scheme, certificate is not null);
        if (Stops.IsTokenStopped(stopped, token.Jti, token.Kid, token.Issuer))
            return Refuse(TokenDefect.Stopped);
        if (
            !registry.Clients.TryGetValue(token.ClientId, out var client)
            || !registry.Institutions.TryGetValue(client.Institution, out var institution)
        )
            return Refuse(TokenDefect.UnknownClient);
        if (token.Org is not null && token.Org != institution.Id)
            return Refuse(TokenDefect.Claims);
        if (certificate is not null && !CertificateHolder.Is(client, certificate))
            return challenges.Certificate("not one of this client's");
        if (!ForeignGrant.DetailsOf(token, client, registry, time).Allows(out var details, out var refusal))
            return refusal;
        if (certificate is not null)
            sightings.Note(client, certificate, CivilTime.Today(time));
        return new Caller(institution, client, Caller.OfficeOf(institution, client), details.Agreement, details.Purpose, details.Operations)
        {
            TokenId = token.Jti,
            ExpiresAt = token.Expires,
            Scheme = scheme,
            KeyId = token.Kid,
            Issuer = token.Issuer,
            Certificate = certificate,
        };
    }

    private static Refusal ClockOff() =>
        new(Problem.ClockOff) { RetryAfterSeconds = 5, Reason = "the clock of the gateway was set while it ran" };

    private static Refusal Unavailable(string reason) => new(Problem.Overloaded) { RetryAfterSeconds = 5, Reason = reason };
}
