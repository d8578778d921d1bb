using Ledger;
using Tokens.Status;

namespace Authority;

/// <summary>RFC 7009: a client stops its own token. Whatever else is sent answers 200 and changes nothing.</summary>
public sealed class Revocation(ClientEndpoint endpoint, IssuedTokens tokens, ITokenStatus status, TimeProvider time)
{
    /// <summary>Answers <c>POST /connect/revocation</c>.</summary>
    public Task Handle(HttpContext context) => endpoint.Handle(context, check: null, async (seat, client, request) =>
        {
            if (request.Token is null)
                return ClientEndpoint.TokenMissing;
            var token = await tokens.Recognise(request.Token);
            if (token is not null && token.Subject == client.Id && token.Expires > time.GetUtcNow())
            {
                // Sealed first. Crash between the two: a record of a revocation that did not happen, and a client that heard nothing and
                // repeats it.
                if (!await seat.Seal(TokenRecord.Revoked(Ulid.New(time), time.GetUtcNow(), client, token.JwtId!)))
                    return ClientEndpoint.LedgerUnavailable;
                await status.Revoke(token.JwtId!, token.Expires.Value);
            }
            OAuthAnswer.NoStore(context);
            return null;
        });
}
