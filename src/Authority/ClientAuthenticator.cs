using System.Net;
using Agreements;
using Tokens.ClientProof;
using Tokens.Jose;
using Tokens.Replay;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;

namespace Authority;

/// <summary>
/// Step 3 of every request: who is calling (authority page, section 7). The same work is done for a client that exists and for one that
/// does not, and the same words are said. A name that anybody can write is charged nothing: before a proof is good, only its source is.
/// </summary>
/// <param name="issuer">Our issuer identifier: the only audience of an assertion, whichever address it came to.</param>
/// <param name="clients">Clients in force.</param>
/// <param name="replay">Memory of used assertions.</param>
/// <param name="budget">What callers may ask for.</param>
/// <param name="status">What was stopped at once, without a change of a file.</param>
/// <param name="stops">Whether the certificate of the connection was revoked or stopped.</param>
/// <param name="time">Clock.</param>
public sealed class ClientAuthenticator(
    Func<string> issuer,
    CurrentClients clients,
    IReplayGuard replay,
    RequestBudget budget,
    ITokenStatus status,
    CertificateStops stops,
    TimeProvider time
)
{
    private const string RuleOfStopped = "AUT-08";

    /// <summary>An assertion is remembered this much longer than it lives.</summary>
    private static readonly TimeSpan ReplayMargin = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Proofs from sources that failed too often are looked at so many at a time, in turn: an honest neighbour is served, a flood waits for
    /// itself.
    /// </summary>
    private readonly FairTurns _suspects = new(Environment.ProcessorCount);

    /// <summary>Authenticates by the one method that the request uses.</summary>
    /// <param name="request">The parameters.</param>
    /// <param name="certificate">Certificate of the connection; null on the public listener.</param>
    /// <param name="address">Where the request came from.</param>
    /// <param name="cancellation">The caller has hung up.</param>
    public async ValueTask<Verdict<AuthenticatedClient>> Authenticate(
        TokenRequest request,
        PresentedCertificate? certificate,
        IPAddress? address,
        CancellationToken cancellation
    )
    {
        if (!status.IsFresh)
            return TokenRefusal.Unavailable("overloaded", "WIR-07", "nobody has been able to tell for a minute what was stopped");
        var source = SourceAddress.Of(address);
        var suspect = budget.IsSuspect(source);
        var caller = new Connection(certificate, address);
        var verdict = suspect ? await JudgeInTurn(request, caller, source, cancellation) : await Judge(request, caller);
        if (verdict.Refusal is not { } refusal)
            return verdict;
        if (refusal is { Error: "invalid_client", Rule: null or RuleOfStopped })
        {
            budget.CountFailure(source);
            if (suspect && refusal.Rule is null)
                return RequestBudget.Exceeded;
        }
        // A name that is not registered is nobody's, and is kept nowhere.
        return refusal.Named is { } name && clients.Now.Find(name) is null ? refusal with { Named = null } : verdict;
    }

    private async ValueTask<Verdict<AuthenticatedClient>> JudgeInTurn(
        TokenRequest request,
        Connection caller,
        SourceAddress source,
        CancellationToken cancellation
    )
    {
        await _suspects.Take(source, cancellation);
        try
        {
            return await Judge(request, caller);
        }
        finally
        {
            _suspects.Give();
        }
    }

    private async ValueTask<Verdict<AuthenticatedClient>> Judge(TokenRequest request, Connection caller)
    {
        var certificate = caller.Certificate;
        var judged = request switch
        {
            { Authorization: not null, Assertion: not null } => TokenRefusal.InvalidRequest(
                "two-methods",
                "one client authentication method per request"
            ),
            { HasSecret: true, Assertion: not null } => TokenRefusal.InvalidRequest(
                "two-methods",
                "one client authentication method per request"
            ),
            { Authorization: { } header } => TokenRefusal.InvalidClient("method-unsupported") with { Challenge = ChallengeFor(header) },
            { HasSecret: true } => TokenRefusal.InvalidClient("method-unsupported"),
            { Assertion: null, AssertionType: not null } => TokenRefusal.InvalidRequest("assertion-missing", "client_assertion is missing"),
            { Assertion: null } when certificate is null || request.ClientId is null => NoMethod(certificate),
            _ => null,
        };
        if (judged is not null)
            return judged;
        var verdict = request.Assertion is null
            ? ByCertificate(request.ClientId!, certificate!, caller)
            : await ByAssertion(request, caller);
        if (verdict.Allows(out var client, out _) && IsSuspended(client))
            return TokenRefusal.Ruled(
                "invalid_client",
                401,
                "client-suspended",
                "AUT-07",
                "the client or its institution is suspended"
            ) with
            {
                Named = client.Id,
            };
        return verdict;
    }

    private static TokenRefusal NoMethod(PresentedCertificate? certificate) =>
        new(
            "invalid_client",
            400,
            "method-missing",
            certificate is null ? "send client_assertion, or come to the mutual-TLS address" : "client_id is missing"
        );

    private static string ChallengeFor(string header)
    {
        var scheme = header.Split(' ', 2)[0];
        return scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ? "Basic realm=\"token\"" : "Bearer realm=\"token\"";
    }

    private async ValueTask<Verdict<AuthenticatedClient>> ByAssertion(TokenRequest request, Connection caller)
    {
        if (request.AssertionType != ClientAssertion.Type)
            return TokenRefusal.InvalidClient("assertion-parameter-type");
        if (JoseGuard.Read(request.Assertion!, JoseProfile.ClientAssertion, out var malformed) is not { } assertion)
            return TokenRefusal.InvalidClient("assertion-" + Words.Kebab(malformed.ToString())) with { Named = request.ClientId };
        var verdict = await ByAssertion(assertion, request.ClientId, caller);
        return verdict.Refusal is { } refusal ? refusal with { Named = assertion.Subject } : verdict;
    }

    private async ValueTask<Verdict<AuthenticatedClient>> ByAssertion(GuardedJws assertion, string? clientId, Connection caller)
    {
        var defect = ClientAssertion.Judge(assertion, issuer(), clientId, time.GetUtcNow());
        if (defect != AssertionDefect.None)
            return TokenRefusal.InvalidClient("assertion-" + Words.Kebab(defect.ToString()));
        var directory = clients.Now;
        var client = directory.Find(assertion.Subject!);
        if (client is { Client.Authentication: not ClientAuthentication.PrivateKeyJwt })
            client = null;
        var keys = client?.KeysOn(CivilTime.Today(time)) ?? KeySet.Empty;
        if (!await JwsSignature.IsValidInConstantWork(assertion, keys, directory.MostKeys))
            return TokenRefusal.InvalidClient(client is null ? "client-unknown" : "assertion-signature");
        if (client is null)
            return TokenRefusal.InvalidClient("client-unknown");
        if (caller.Certificate is { } shown && !IsOf(client, shown))
            return TokenRefusal.InvalidClient("certificate-of-another");
        if (Obstacle(client, caller) is { } obstacle)
            return obstacle;
        if (!budget.HasRoom(client.Client.Id, client.Client.TokensPerMinute))
            return RequestBudget.Exceeded;
        // Crash after this line: the assertion is spent and no token was issued; the client sends a fresh one.
        var key = ReplayKey.Of(ReplayKind.Assertion, client.Client.Id, assertion.JwtId!);
        if (!await replay.ReserveAsync(key, assertion.Expires!.Value + ReplayMargin))
            return TokenRefusal.InvalidClient("assertion-replayed");
        // Charged last: a used assertion that somebody got hold of costs its client nothing.
        if (!budget.TryTake(client.Client.Id, client.Client.TokensPerMinute))
            return RequestBudget.Exceeded;
        return new AuthenticatedClient(client, directory.Registry, caller.Certificate, client.EndOfKey(assertion.KeyId));
    }

    private Verdict<AuthenticatedClient> ByCertificate(string clientId, PresentedCertificate certificate, Connection caller)
    {
        var directory = clients.Now;
        if (directory.Find(clientId) is not { } client || client.Client.Authentication == ClientAuthentication.PrivateKeyJwt)
            return TokenRefusal.InvalidClient("client-unknown");
        if (!IsOf(client, certificate))
            return TokenRefusal.InvalidClient("certificate-not-registered") with { Named = clientId };
        if (Obstacle(client, caller) is { } obstacle)
            return obstacle with { Named = clientId };
        if (!budget.TryTake(clientId, client.Client.TokensPerMinute))
            return RequestBudget.Exceeded;
        return new AuthenticatedClient(client, directory.Registry, certificate, keyUntil: null);
    }

    // Before anything of the client's is used up: a key that was stolen, and stopped or kept out for that, costs its client nothing.
    private TokenRefusal? Obstacle(RegisteredClient client, Connection caller) =>
        caller.Certificate is { } certificate && StopOf(certificate) is { } stop ? stop
        : client.MayCallFrom(caller.Address) ? null
        : TokenRefusal.InvalidClient("source-network");

    /// <summary>
    /// Connections outlive what is decided about their certificates, so the lists are asked on every request. Said only after the proof was
    /// valid.
    /// </summary>
    private TokenRefusal? StopOf(PresentedCertificate certificate) =>
        stops.Of(certificate) switch
        {
            CertificateStop.None => null,
            CertificateStop.Revoked => TokenRefusal.Ruled(
                "invalid_client",
                401,
                "certificate-revoked",
                RuleOfStopped,
                "the certificate, or the authority that issued it, was revoked; have a new one issued and registered"
            ),
            _ => TokenRefusal.Unavailable(
                "certificate-status-unknown",
                "AUT-09",
                "no revocation list in date says whether the certificate was revoked; the operator must make it available"
            ) with
            {
                RetryAfterSeconds = 30,
            },
        };

    /// <summary>Said only after the proof was valid: a stranger does not learn that a client exists.</summary>
    private bool IsSuspended(AuthenticatedClient client)
    {
        var today = CivilTime.Today(time);
        return !client.Registered.Client.Active
            || status.Current.IsSuspended(StoppedKind.Client, client.Id)
            || status.Current.IsSuspended(StoppedKind.Institution, client.Institution)
            || client.Registry.IsSuspended(SuspendedKind.Client, client.Id, today)
            || client.Registry.IsSuspended(SuspendedKind.Institution, client.Institution, today);
    }

    /// <summary>Connections outlive certificates, so the dates are looked at again.</summary>
    private bool IsOf(RegisteredClient client, PresentedCertificate certificate) =>
        certificate.IsCurrent(time.GetUtcNow()) && CertificateMatch.Any(certificate, client.Patterns);

    private readonly record struct Connection(PresentedCertificate? Certificate, IPAddress? Address);
}
