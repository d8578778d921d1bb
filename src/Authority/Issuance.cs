using Authority.Keys;

namespace Authority;

/// <summary>
/// The token request as one straight line (authority page, section 4). Each step needs the value of the step before, so a wrong order
/// does not compile.
/// <code>
/// 0 read          form → TokenRequest               crash: nothing happened
/// 1 reserve       a seat in the ledger
/// 2 guard         assertion, proof → well-formed, typed
/// 3 authenticate  → AuthenticatedClient             crash: assertion spent, no token
/// 4 possess       → Confirmation
/// 5 resolve       → Grant
/// 6 seal          → SealedToken                     crash: record of a token never delivered
/// 7 sign          → JWT                             crash: the same
/// 8 answer
/// </code>
/// </summary>
public sealed class Issuance(
    ClientEndpoint endpoint,
    Possession possession,
    GrantPolicy policy,
    KeyRing ring,
    AuthorityAddresses addresses,
    TokensOfCertificates issued,
    TimeProvider time
)
{
    /// <summary>Answers a token request.</summary>
    public Task Handle(HttpContext context) => Handle(context, async (seat, client, request) =>
        {
            if (!(await Decide(context, seat, client, request)).Allows(out var token, out var refusal))
                return refusal; // 4, 5, 6
            await OAuthAnswer.Write(context, token, TokenComposer.Sign(token.Token)); // 7, 8
            return null;
        });

    /// <summary>
    /// Answers a token request whose last steps run elsewhere: in another engine, which calls <see cref="Decide"/> before it signs.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="finish">Steps 4 to 8; answers itself, or gives the refusal that is sealed and told.</param>
    public Task Handle(HttpContext context, Func<LedgerSeat, AuthenticatedClient, TokenRequest, ValueTask<TokenRefusal?>> finish) =>
        endpoint.Handle(context, WrongGrant, finish); // 0, 1, 2, 3

    /// <summary>Steps 4 to 6: what may be signed, and its durable record.</summary>
    /// <param name="context">The request.</param>
    /// <param name="seat">Its seat in the ledger.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="request">Its parameters.</param>
    /// <param name="proved">What it is bound to, where an engine asked for that already: a proof is spent by being verified.</param>
    public async ValueTask<Verdict<SealedToken>> Decide(
        HttpContext context,
        LedgerSeat seat,
        AuthenticatedClient client,
        TokenRequest request,
        Confirmation? proved = null
    )
    {
        TokenRefusal? refusal;
        if (proved is null && !(await possession.Prove(context, client, request)).Allows(out proved, out refusal))
            return refusal; // 4
        if (!policy.Resolve(client, request).Allows(out var grant, out refusal))
            return refusal; // 5
        var composed = TokenComposer.Compose(addresses.Issuer, client, proved, grant, ring.Signing, time.GetUtcNow());
        if (composed is null)
            return TokenRefusal.Ruled("invalid_scope", 400, "agreement-expired", "AGR-03", "agreement, key or certificate ends now");
        if (client.Certificate is { } certificate)
            issued.Note(certificate, composed, proved);
        return await SealedToken.Seal(seat, client, proved, grant, composed, time); // 6
    }

    private static TokenRefusal? WrongGrant(TokenRequest request) =>
        request.GrantType switch
        {
            "client_credentials" => null,
            null => TokenRefusal.InvalidRequest("grant-type-missing", "grant_type is missing"),
            _ => new("unsupported_grant_type", 400, "grant-type-unsupported", "the only grant is client_credentials"),
        };
}
