using System.Buffers;
using System.Text.Json;
using Agreements;
using Tokens.Jose;

namespace Authority;

/// <summary>RFC 8414 metadata and the key set. Metadata is built once per registry version and served as bytes.</summary>
public sealed class Metadata(AuthorityAddresses addresses, AuthorityOptions options, Func<Registry> registry)
{
    /// <summary>How long the key set may be cached.</summary>
    public static readonly TimeSpan KeyCacheTime = TimeSpan.FromHours(1);

    /// <summary>Path of the token endpoint; the same as Duende's, so that the engine can be exchanged.</summary>
    public const string TokenPath = "/connect/token";

    /// <summary>Path of introspection.</summary>
    public const string IntrospectionPath = "/connect/introspect";

    /// <summary>Path of revocation.</summary>
    public const string RevocationPath = "/connect/revocation";

    /// <summary>Path of explanations of refusals.</summary>
    public const string ExplanationPath = "/connect/explain";

    /// <summary>Path of the key set.</summary>
    public const string JwksPath = "/.well-known/jwks.json";
    private const string WellKnown = "/.well-known/oauth-authorization-server";
    private volatile Built? _built;

    /// <summary>Path of the metadata: the well-known part goes between host and path of the issuer (RFC 8414 section 3.1).</summary>
    public string Path => WellKnown + new Uri(addresses.Issuer).AbsolutePath.TrimEnd('/');

    /// <summary>The document.</summary>
    public ReadOnlyMemory<byte> Document
    {
        get
        {
            var current = registry();
            if (_built is { } held && ReferenceEquals(held.Registry, current))
                return held.Bytes;
            var built = new Built(current, Build(current));
            _built = built;
            return built.Bytes;
        }
    }

    private byte[] Build(Registry current)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("issuer", addresses.Issuer);
            WriteEndpoints(json, addresses.Issuer);
            json.WriteStartObject("mtls_endpoint_aliases");
            WriteEndpoints(json, addresses.MutualTls);
            json.WriteEndObject();
            json.WriteString("jwks_uri", addresses.Issuer + JwksPath);
            Write(json, "grant_types_supported", "client_credentials");
            Write(json, "response_types_supported");
            Write(json, "scopes_supported", [.. current.Operations.Keys.Order(StringComparer.Ordinal)]);
            Write(json, "token_endpoint_auth_methods_supported", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth");
            Write(json, "token_endpoint_auth_signing_alg_values_supported", [.. AllowedAlgorithms.All]);
            Write(json, "introspection_endpoint_auth_methods_supported", "private_key_jwt", "tls_client_auth");
            Write(json, "introspection_endpoint_auth_signing_alg_values_supported", [.. AllowedAlgorithms.All]);
            Write(json, "revocation_endpoint_auth_methods_supported", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth");
            Write(json, "revocation_endpoint_auth_signing_alg_values_supported", [.. AllowedAlgorithms.All]);
            Write(json, "introspection_signing_alg_values_supported", AllowedAlgorithms.ES256);
            json.WriteBoolean("tls_client_certificate_bound_access_tokens", value: true);
            Write(json, "dpop_signing_alg_values_supported", [.. AllowedAlgorithms.All]);
            Write(json, "authorization_details_types_supported", DetailsParameter.Type);
            Write(json, "protected_resources", [.. options.Resources.Select(static resource => resource.Id)]);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteEndpoints(Utf8JsonWriter json, string @base)
    {
        json.WriteString("token_endpoint", @base + TokenPath);
        json.WriteString("introspection_endpoint", @base + IntrospectionPath);
        json.WriteString("revocation_endpoint", @base + RevocationPath);
        json.WriteString("explanation_endpoint", @base + ExplanationPath);
    }

    private static void Write(Utf8JsonWriter json, string name, params ReadOnlySpan<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private sealed record Built(Registry Registry, byte[] Bytes);
}
