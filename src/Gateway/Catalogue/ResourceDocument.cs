using System.Collections.Frozen;
using Gateway.Admission;
using Tokens.Jose;
using Tokens.Transport;

namespace Gateway.Catalogue;

/// <summary>Where tokens come from and what they must be like (RFC 9728): for everybody, without a token, and not sealed.</summary>
internal sealed class ResourceDocument(GatewayOptions options)
{
    /// <summary>Its path.</summary>
    public const string Path = "/.well-known/oauth-protected-resource";

    /// <summary>GET, without body or query.</summary>
    public static WireRoute Wire { get; } = new(FrozenSet.Create(StringComparer.Ordinal, "GET"), []);

    /// <summary>Answers it.</summary>
    public Task RunAsync(HttpContext http) =>
        Release.PlainAsync(
            http,
            CatalogueText.Write(json =>
            {
                json.WriteString("resource", options.Resource);
                json.WriteStrings("authorization_servers", [options.Issuer]);
                json.WriteStrings("scopes_supported", RequestRoute.Of(http)!.Registry.Operations.Keys.Order(StringComparer.Ordinal));
                json.WriteStrings("bearer_methods_supported", ["header"]);
                json.WriteBoolean("tls_client_certificate_bound_access_tokens", value: true);
                json.WriteStrings("dpop_signing_alg_values_supported", AllowedAlgorithms.All);
                json.WriteBoolean("dpop_bound_access_tokens_required", value: false);
                json.WriteStrings("authorization_details_types_supported", ["data_exchange"]);
            })
        );
}
