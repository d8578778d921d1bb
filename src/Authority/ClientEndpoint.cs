using Tokens.Operations;
using Tokens.Replay;
using Tokens.Status;
using Tokens.Transport;

namespace Authority;

/// <summary>
/// What the token endpoint, introspection, revocation and explanation share: the form, a ledger seat, an authenticated client, and a
/// refusal that is sealed before it is told.
/// </summary>
/// <param name="authenticator">Who is calling.</param>
/// <param name="refusals">Where refusals are sealed.</param>
/// <param name="clock">Whether the clock was set.</param>
public sealed class ClientEndpoint(ClientAuthenticator authenticator, Refusals refusals, ClockWatch clock)
{
    // No client is blamed for a clock of ours, and no token leaves with times that nobody can rely on.
    private static readonly TokenRefusal ClockOff = TokenRefusal.Unavailable(
        "clock-off",
        "WIR-14",
        "the clock of the authority is off, and the client is not to blame; its operator must set it right, try again then"
    );

    /// <summary>The ledger has no seat, or a record is not durable.</summary>
    internal static TokenRefusal LedgerUnavailable { get; } =
        TokenRefusal.Unavailable("ledger-unavailable", "AUD-01", "the record cannot be sealed now; try again");

    /// <summary>Introspection and revocation are about a token, which must stand in the form.</summary>
    internal static TokenRefusal TokenMissing { get; } = TokenRefusal.InvalidRequest("token-parameter-missing", "token is missing");

    /// <summary>Runs <paramref name="answer"/> for an authenticated client.</summary>
    /// <param name="context">The request.</param>
    /// <param name="check">A look at the form before anybody is authenticated; null looks at nothing.</param>
    /// <param name="answer">Answers itself, or gives the refusal that is sealed and told.</param>
    public async Task Handle(
        HttpContext context,
        Func<TokenRequest, TokenRefusal?>? check,
        Func<LedgerSeat, AuthenticatedClient, TokenRequest, ValueTask<TokenRefusal?>> answer
    )
    {
        // Read before a seat is taken: whoever sends his form byte by byte holds nothing that others wait for.
        if (await Read(context) is not { } read)
            return;
        using var seat = refusals.TakeSeat();
        if (seat is null)
        {
            await OAuthAnswer.Write(context, LedgerUnavailable);
            return;
        }
        AuthenticatedClient? client = null;
        TokenRefusal? refusal;
        try
        {
            if (clock.IsOff)
                refusal = ClockOff;
            else if (
                read.Allows(out var request, out refusal)
                && (refusal = check?.Invoke(request)) is null
                && (
                    await authenticator.Authenticate(
                        request,
                        PresentedCertificate.Of(context),
                        context.Connection.RemoteIpAddress,
                        context.RequestAborted
                    )
                ).Allows(out client, out refusal)
            )
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
        if (refusal is { Status: StatusCodes.Status401Unauthorized } && clock.IsSuspect)
            refusal = ClockOff;
        if (refusal is not null)
            await refusals.SealAndAnswer(context, seat, refusal, client);
    }

    /// <summary>The form; null when the caller has gone, and nobody is there to be answered.</summary>
    private static async ValueTask<Verdict<TokenRequest>?> Read(HttpContext context)
    {
        try
        {
            return await TokenRequest.Read(context);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            context.Abort();
            return null;
        }
    }

    /// <summary>Words for what the server refused before there was a request: counted, and sealed when the second ends.</summary>
    internal ServerAnswer Refused(TokenRefusal refusal) => refusals.Follow(refusal);

    /// <summary>Seals and tells what the wire gate refused.</summary>
    public async Task Refuse(HttpContext context, TokenRefusal refusal)
    {
        using var seat = refusals.TakeSeat();
        if (seat is null)
            await OAuthAnswer.Write(context, LedgerUnavailable);
        else
            await refusals.SealAndAnswer(context, seat, refusal, client: null);
    }
}
