using System.Text.Json;
using Admin.CommandLine;

namespace Admin.Checks;

/// <summary>The token server as a partner's program uses it: discover, take a token, have a refusal explained.</summary>
/// <param name="partner">Who asks.</param>
/// <param name="connection">Its connection.</param>
/// <param name="metadata">RFC 8414 document.</param>
/// <param name="time">Clock.</param>
internal sealed class TokenServer(Partner partner, PartnerConnection connection, JsonElement metadata, TimeProvider time)
{
    private const string WellKnown = "/.well-known/oauth-authorization-server";
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// <summary>Address of the metadata of an issuer: the well-known part goes between host and path (RFC 8414 section 3.1).</summary>
    internal static Uri MetadataOf(string issuer)
    {
        var address = new Uri(issuer);
        return new Uri(address, WellKnown + address.AbsolutePath.TrimEnd('/'));
    }

    /// <summary>The first resource that the server issues tokens for.</summary>
    internal string? Resource =>
        metadata.TryGetProperty("protected_resources", out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            ? list[0].GetString()
            : null;

    /// <summary>The description of an error is English (RFC 6749 section 5.2): people get its code, whose words they read beside
    /// it.</summary>
    internal static Fact Description(Reply refused)
    {
        var text = refused.Text("error_description") ?? "-";
        return new Fact("error_description", text, text.Split(':')[0]);
    }

    /// <summary>Asks for a token. A proof goes with the request when the client shows no certificate.</summary>
    internal async Task<Reply> Token(string? scope, string? details)
    {
        var form = Authenticated();
        form["grant_type"] = "client_credentials";
        if (scope is not null)
            form["scope"] = scope;
        if (details is not null)
            form["authorization_details"] = details;
        var address = Endpoint("token_endpoint");
        if (partner.Certificate is not null)
            return await connection.Post(address, form);
        var first = await connection.Post(address, form, Proof("POST", address, nonce: null, token: null));
        if (first.Text("error") != "use_dpop_nonce" || first.Nonce is null)
            return first;
        return await connection.Post(address, Authenticated(form), Proof("POST", address, first.Nonce, token: null));
    }

    /// <summary>Asks for the exact reason of a refusal.</summary>
    internal Task<Reply> Explain(string requestId)
    {
        var form = Authenticated();
        form["request_id"] = requestId;
        return connection.Post(Endpoint("explanation_endpoint"), form);
    }

    /// <summary>Calls a resource with a token; with a proof where the token is bound to one.</summary>
    internal async Task<Reply> Call(Uri address, string token, bool isProved)
    {
        if (!isProved)
            return await connection.Get(address, ("Authorization", "Bearer " + token));
        var first = await connection.Get(address, ("Authorization", "DPoP " + token), Proof("GET", address, nonce: null, token));
        return first.Nonce is null || first.IsOk
            ? first
            : await connection.Get(address, ("Authorization", "DPoP " + token), Proof("GET", address, first.Nonce, token));
    }

    private (string, string) Proof(string method, Uri address, string? nonce, string? token) =>
        ("DPoP", partner.Key!.Proof(method, address, nonce, token, time.GetUtcNow()));

    /// <summary>The method that the client has: its key, or the certificate of its connection.</summary>
    private Dictionary<string, string> Authenticated(Dictionary<string, string>? form = null)
    {
        form ??= new(StringComparer.Ordinal);
        form["client_id"] = partner.Client;
        if (partner.Key is not { } key)
            return form;
        form["client_assertion_type"] = AssertionType;
        form["client_assertion"] = key.Assertion(partner.Client, partner.Issuer, time.GetUtcNow());
        return form;
    }

    /// <summary>With a certificate the addresses behind mutual TLS (RFC 8705 section 5), else the public ones.</summary>
    private Uri Endpoint(string name)
    {
        if (
            partner.Certificate is not null
            && metadata.TryGetProperty("mtls_endpoint_aliases", out var aliases)
            && aliases.TryGetProperty(name, out var alias)
        )
            return new Uri(alias.GetString()!);
        return metadata.TryGetProperty(name, out var address)
            ? new Uri(address.GetString()!)
            : throw Declined.Usage("metadata-without", name);
    }
}
