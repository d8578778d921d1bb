namespace Authority.Duende;

/// <summary>What the rooms of the authority know of the request that Duende is working on.</summary>
/// <param name="seat">Its seat in the ledger.</param>
/// <param name="client">Who asks; authenticated by the authority's own room.</param>
/// <param name="request">Its parameters, guarded.</param>
internal sealed class TokenCall(LedgerSeat seat, AuthenticatedClient client, TokenRequest request)
{
    internal LedgerSeat Seat => seat;
    internal AuthenticatedClient Client => client;
    internal TokenRequest Request => request;

    /// <summary>The refusal of a seam; what Duende makes of it is not told.</summary>
    internal TokenRefusal? Refusal { get; set; }

    /// <summary>What the proof binds to; null before Duende has asked, or without a proof.</summary>
    internal Confirmation? Proved { get; set; }

    /// <summary>The sealed token; Duende signs with its key and no other.</summary>
    internal SealedToken? Token { get; set; }

    internal static TokenCall Of(IHttpContextAccessor accessor) =>
        accessor.HttpContext?.Features.Get<TokenCall>() ?? throw new InvalidOperationException("Duende was reached around the guard");
}
