using Duende.IdentityServer.Services;
using Duende.IdentityServer.Stores;
using Duende.IdentityServer.Validation;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Primitives;

namespace Authority.Duende;

/// <summary>
/// The token endpoint in Duende.IdentityServer. Reading, authentication and the budget come before it, possession, grant and seal through
/// its seams, and refusals are told by the authority: no rule stands here, and metadata, keys, introspection and revocation stay where they
/// are.
/// </summary>
public static class DuendeEngine
{
    /// <summary>The engine for <c>AuthorityHost.Build</c>.</summary>
    public static TokenEngine Create() => new(AddTo, Use);

    private static void AddTo(IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddIdentityServer(static options =>
        {
            options.KeyManagement.Enabled = false;
            options.EmitScopesAsSpaceDelimitedStringInJwt = true;
            options.MutualTls.AlwaysEmitConfirmationClaim = false; // what a token is bound to, Possession says
            // Duende measures all operations at once, and their number grows; what a caller sends is bounded by the form
            options.InputLengthRestrictions.Scope = int.MaxValue;
        });
        services.AddDataProtection().UseEphemeralDataProtectionProvider(); // nothing that outlives a request is protected with it
        Put<IClientStore, RegistryClients>(services);
        Put<IClientSecretValidator, RegistryClients>(services);
        Put<IResourceStore, RegistryResources>(services);
        Put<IDPoPProofValidator, RegisteredProof>(services);
        Put<ICustomTokenRequestValidator, ExchangeGrant>(services);
        Put<ISigningCredentialStore, RingKeys>(services);
        Put<IValidationKeysStore, RingKeys>(services);
        Put<IIssuerNameService, RingKeys>(services);
    }

    private static void Put<TSeam, TOurs>(IServiceCollection services)
        where TSeam : class
        where TOurs : class, TSeam => services.Replace(ServiceDescriptor.Transient<TSeam, TOurs>());

    private static void Use(WebApplication app) =>
        app.MapWhen(
            static context => context.Request.Path == Metadata.TokenPath,
            branch =>
            {
                var issuance = branch.ApplicationServices.GetRequiredService<Issuance>();
                branch.Use(next => context => issuance.Handle(context, async (seat, client, request) =>
                        {
                            var call = new TokenCall(seat, client, request);
                            context.Features.Set(call);
                            // Duende is shown what it decides: the grant type. Scope, details and resource are the grant's business.
                            context.Request.Form = new FormCollection(
                                new Dictionary<string, StringValues>(StringComparer.Ordinal)
                                {
                                    ["grant_type"] = request.GrantType,
                                    ["client_id"] = client.Id,
                                }
                            );
                            return await Run(next, context, call);
                        }));
                branch.UseIdentityServer();
            }
        );

    /// <summary>Duende's answer is held back until it is known to be a token: refusals are sealed and told in our own words.</summary>
    private static async ValueTask<TokenRefusal?> Run(RequestDelegate engine, HttpContext context, TokenCall call)
    {
        var (body, held) = (context.Response.Body, new MemoryStream());
        await using var released = held;
        context.Response.Body = held;
        try
        {
            await engine(context);
        }
        finally
        {
            context.Response.Body = body;
        }
        if (call.Refusal is { } refusal)
            return refusal;
        if (call.Token is null || context.Response.StatusCode != StatusCodes.Status200OK)
            return new TokenRefusal("invalid_request", 400, "engine-refused", "the token engine refused the request");
        OAuthAnswer.NoStore(context);
        (held.Position, context.Response.ContentLength) = (0, held.Length);
        await held.CopyToAsync(body, context.RequestAborted);
        return null;
    }
}
