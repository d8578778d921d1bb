using System.Text.Json;
using Duende.IdentityServer;
using Duende.IdentityServer.Models;
using Duende.IdentityServer.Validation;

namespace Authority.Duende;

/// <summary>The last word before Duende signs: possession, grant and seal, by the line that both engines share.</summary>
internal sealed class ExchangeGrant(Issuance issuance, IHttpContextAccessor accessor) : ICustomTokenRequestValidator
{
    public async Task ValidateAsync(CustomTokenRequestValidationContext context)
    {
        var call = TokenCall.Of(accessor);
        if (
            !(await issuance.Decide(accessor.HttpContext!, call.Seat, call.Client, call.Request, call.Proved)).Allows(
                out var token,
                out var refusal
            )
        )
        {
            call.Refusal = refusal;
            (context.Result!.IsError, context.Result.Error) = (true, refusal.Error);
            return;
        }
        call.Token = token;
        var (grant, request) = (token.Grant, context.Result!.ValidatedRequest!);
        var details = new[]
        {
            new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["type"] = DetailsParameter.Type,
                ["agreement"] = grant.Agreement,
                ["purpose"] = grant.Purpose,
                ["operations"] = grant.Operations,
            },
        };
        request.ClientClaims =
        [
            new("sub", call.Client.Id),
            new("org", call.Client.Institution),
            new("jti", token.Token.Jti),
            new("authorization_details", JsonSerializer.Serialize(details), IdentityServerConstants.ClaimValueTypes.Json),
        ];
        request.Confirmation = Json(token.Confirmation);
        request.AccessTokenLifetime = token.Token.LivesSeconds;
        request.ValidatedResources = new(
            new Resources([], [new ApiResource(grant.Resource)], grant.Operations.Select(static operation => new ApiScope(operation)))
        );
        context.Result.CustomResponse = new(StringComparer.Ordinal) { ["authorization_details"] = details };
    }

    internal static string Json(Confirmation confirmation) =>
        JsonSerializer.Serialize(
            confirmation.Jkt is { } jkt
                ? new Dictionary<string, string>(StringComparer.Ordinal) { ["jkt"] = jkt }
                : new Dictionary<string, string>(StringComparer.Ordinal) { ["x5t#S256"] = confirmation.X5tS256! }
        );
}
