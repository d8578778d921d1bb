using System.Text.Json;
using System.Text.Json.Nodes;
using Interop.Node;
using Sandbox;
using Sandbox.Pki;

namespace Interop.Peers;

/// <summary>
/// npm <c>oidc-provider</c> as a foreign authorization server, on https with a certificate of the town's own servers' CA.
/// </summary>
public sealed class PeerIssuer : IAsyncDisposable
{
    private readonly NodeProgram _program;

    private PeerIssuer(NodeProgram program, string issuer) => (_program, Issuer) = (program, issuer);

    /// <summary>Its issuer identifier; metadata lies under <c>/.well-known/openid-configuration</c>.</summary>
    public string Issuer { get; }

    /// <summary>What it complained about.</summary>
    public string Errors => _program.Errors;

    /// <summary>Starts it.</summary>
    /// <param name="town">Whose certificates it uses and whose partners it knows.</param>
    /// <param name="resources">Resource → scopes, separated by spaces.</param>
    /// <param name="clients">OAuth client metadata: <c>client_id</c>, <c>token_endpoint_auth_method</c>, <c>jwks</c>, <c>scope</c>,
    /// <c>dpop_bound_access_tokens</c> and so on.</param>
    /// <param name="change">Changes any other setting of <c>issuer.mjs</c>.</param>
    public static async Task<PeerIssuer> Start(
        Town town,
        IReadOnlyDictionary<string, string> resources,
        JsonArray clients,
        Action<JsonObject>? change = null
    )
    {
        var server = town.Pki.Server("authority");
        var settings = new JsonObject
        {
            ["host"] = "localhost",
            ["port"] = 0,
            ["certificate"] = server.Certificate,
            ["key"] = server.Key,
            ["clientAuthorities"] = town.Pki.AuthorityFile(DevelopmentPki.Partners),
            ["clients"] = clients,
            ["resources"] = new JsonObject(
                resources.Select(static resource =>
                    KeyValuePair.Create(resource.Key, (JsonNode?)new JsonObject { ["scope"] = resource.Value, ["ttl"] = 300 })
                )
            ),
        };
        change?.Invoke(settings);
        var (program, issuer) = await NodeProgram.Start("issuer.mjs", settings.ToJsonString(JsonSerializerOptions.Web));
        return new(program, issuer);
    }

    /// <summary>Metadata of a client of the town that authenticates with its registered key and binds to its certificate.</summary>
    /// <param name="town">The town.</param>
    /// <param name="clientId">Client id, here and there.</param>
    /// <param name="scope">Scopes, separated by spaces.</param>
    /// <param name="dpop">Bind by DPoP instead.</param>
    public static JsonObject ByKey(Town town, string clientId, string scope, bool dpop = false) =>
        new()
        {
            ["client_id"] = clientId,
            ["token_endpoint_auth_method"] = "private_key_jwt",
            ["token_endpoint_auth_signing_alg"] = "ES256",
            ["jwks"] = JsonNode.Parse(town.Keys.PublicSetJson(clientId)),
            ["scope"] = scope,
            [dpop ? "dpop_bound_access_tokens" : "tls_client_certificate_bound_access_tokens"] = true,
        };

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _program.DisposeAsync();
}
