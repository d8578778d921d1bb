using Tokens.Replay;
using Tokens.Status;
using Tokens.Transport;

namespace Authority;

/// <summary>What introspection, revocation and explanation share with the token endpoint: a ledger seat, the form, and an authenticated client.</summary>
/// <param name="authenticator">Who is calling.</param>
/// <param name="refusals">Where refusals are sealed.</param>
public sealed class ClientEndpoint(ClientAuthenticator authenticator, Refusals refusals)
{
    /// <summary>Introspection and revocation are about a token, which must stand in the form.</summary>
    internal static TokenRefusal TokenMissing { get; } = TokenRefusal.InvalidRequest("token-parameter-missing", "token is missing");

    /// <summary>Runs <paramref name="answer"/> for an authenticated client; it answers itself, or gives the refusal that is sealed and told.</summary>
    public async Task Handle(HttpContext context, Func<LedgerSeat, AuthenticatedClient, TokenRequest, ValueTask<TokenRefusal?>> answer)
    {
        using var seat = refusals.TakeSeat();
        if (seat is null)
        {
            await OAuthAnswer.Write(context, Issuance.LedgerUnavailable);
            return;
        }
        AuthenticatedClient? client = null;
        TokenRefusal? refusal;
        try
        {
            if (!(await TokenRequest.Read(context)).Allows(out var request, out refusal)) client = null;
            else if ((await authenticator.Authenticate(request, PresentedCertificate.Of(context), context.Connection.RemoteIpAddress)).Allows(out client, out refusal))
                refusal = await answer(seat, client, request);
        }
        catch (Exception exception) when (exception is ReplayUnavailable or StatusUnavailable)
        {
            refusal = TokenRefusal.Unavailable("overloaded", "WIR-07", "a store does not answer; try again");
        }
        catch (ReplayOwnerFull)
        {
            refusal = RequestBudget.TooManyLive;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            refusal = refusals.Fault(exception);
        }
        if (refusal is not null) await refusals.SealAndAnswer(context, seat, refusal, client);
    }
}
