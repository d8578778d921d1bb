using Authority.Keys;
using Tokens.Replay;
using Tokens.Transport;

namespace Authority;

/// <summary>
/// The token request as one straight line (authority page, section 4). Each step needs the value of the step before, so a wrong order
/// does not compile.
/// <code>
/// 0 reserve       a seat in the ledger              crash: nothing happened
/// 1 read          form → TokenRequest
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
    Func<string> issuer, ClientAuthenticator authenticator, Possession possession, GrantPolicy policy, KeyRing ring, Refusals refusals, TimeProvider time)
{
    /// <summary>The ledger has no seat, or a record is not durable.</summary>
    public static TokenRefusal LedgerUnavailable { get; } = TokenRefusal.Unavailable("ledger-unavailable", "AUD-01", "the record cannot be sealed now; try again");
    private static readonly TokenRefusal Overloaded = TokenRefusal.Unavailable("overloaded", "WIR-07", "a store does not answer; try again");

    /// <summary>Answers a token request.</summary>
    public async Task Handle(HttpContext context)
    {
        using var seat = refusals.TakeSeat();                                                                        // 0
        if (seat is null)
        {
            await OAuthAnswer.Write(context, LedgerUnavailable);
            return;
        }
        AuthenticatedClient? client = null;
        TokenRefusal? refusal;
        try
        {
            (var token, client, refusal) = await Issue(context, seat);
            if (token is not null)
            {
                await OAuthAnswer.Write(context, token, TokenComposer.Sign(token.Token));                           // 7, 8
                return;
            }
        }
        catch (ReplayUnavailable)
        {
            refusal = Overloaded;
        }
        catch (ReplayOwnerFull)
        {
            refusal = RequestBudget.TooManyLive;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            refusal = refusals.Fault(exception);
        }
        await refusals.SealAndAnswer(context, seat, refusal!, client);
    }

    /// <summary>Seals and tells what the wire gate refused.</summary>
    public async Task Refuse(HttpContext context, TokenRefusal refusal)
    {
        using var seat = refusals.TakeSeat();
        if (seat is null) await OAuthAnswer.Write(context, LedgerUnavailable);
        else await refusals.SealAndAnswer(context, seat, refusal, client: null);
    }

    private async ValueTask<(SealedToken? Token, AuthenticatedClient? Client, TokenRefusal? Refusal)> Issue(HttpContext context, LedgerSeat seat)
    {
        var certificate = PresentedCertificate.Of(context);
        if (!(await TokenRequest.Read(context)).Allows(out var request, out var refusal)) return (null, null, refusal);                                          // 1
        if (request.GrantType is not { } grantType) return (null, null, TokenRefusal.InvalidRequest("grant-type-missing", "grant_type is missing"));
        if (grantType != "client_credentials") return (null, null, new("unsupported_grant_type", 400, "grant-type-unsupported", "the only grant is client_credentials"));
        if (!(await authenticator.Authenticate(request, certificate, context.Connection.RemoteIpAddress)).Allows(out var client, out refusal)) return (null, null, refusal);                // 2, 3
        if (!(await possession.Prove(context, client, request)).Allows(out var confirmation, out refusal)) return (null, client, refusal);                       // 4
        if (!policy.Resolve(client, request).Allows(out var grant, out refusal)) return (null, client, refusal);                                                 // 5
        var composed = TokenComposer.Compose(issuer(), client, confirmation, grant, ring.Signing, time.GetUtcNow());
        if (composed is null) return (null, client, TokenRefusal.Ruled("invalid_scope", 400, "agreement-expired", "AGR-03", "agreement, key or certificate ends now"));
        if (!(await SealedToken.Seal(seat, client, confirmation, grant, composed, time)).Allows(out var token, out refusal)) return (null, client, refusal);     // 6
        return (token, client, null);
    }
}
