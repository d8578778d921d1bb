using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using Agreements;
using Agreements.Loading;
using Gateway.Authentication;
using Tokens.Access;
using Tokens.Jose;
using Tokens.Transport;

namespace Gateway.Catalogue;

/// <summary>
/// What a newcomer's first calls answer: where tokens come from (RFC 9728), and who the gateway thinks is calling
/// (authority page, section 2). Neither tells anything about a person.
/// </summary>
internal sealed class CatalogueDesk(RegistryWatcher law, Exchange exchange, GatewayOptions options, TimeProvider time)
{
    private const string Caller = "/catalogue/v1/caller", Resource = "/.well-known/oauth-protected-resource";

    /// <summary>GET, without body or query.</summary>
    public static WireRoute Wire { get; } = new(FrozenSet.Create(StringComparer.Ordinal, "GET"), []);

    /// <summary>Is the path one of this desk's?</summary>
    public static bool Knows(string path) => path is Caller or Resource;

    /// <summary>Answers one of the desk's paths.</summary>
    public async Task RunAsync(HttpContext http, string path)
    {
        if (path == Resource)
        {
            await Release.PlainAsync(http, Write(WriteResource));
            return;
        }

        var facts = exchange.Begin(http, operation: null);
        if ((await exchange.IdentifyAsync(http, facts)).Allows(out _, out var refusal)) await Release.PlainAsync(http, Write(json => WriteCaller(json, facts.Caller!, facts.Registry)));
        else await exchange.RefuseAsync(http, facts, refusal);
    }

    private void WriteResource(Utf8JsonWriter json)
    {
        json.WriteString("resource", options.Resource);
        Strings(json, "authorization_servers", [options.Issuer]);
        Strings(json, "scopes_supported", law.Current.Operations.Keys.Order(StringComparer.Ordinal));
        Strings(json, "bearer_methods_supported", ["header"]);
        json.WriteBoolean("tls_client_certificate_bound_access_tokens", value: true);
        Strings(json, "dpop_signing_alg_values_supported", AllowedAlgorithms.All);
        json.WriteBoolean("dpop_bound_access_tokens_required", value: false);
        Strings(json, "authorization_details_types_supported", ["data_exchange"]);
    }

    private void WriteCaller(Utf8JsonWriter json, Caller caller, Registry registry)
    {
        json.WriteString("institution", caller.Institution.Id);
        json.WriteString("client", caller.Client.Id);
        if (caller.Office is not null) json.WriteString("office", caller.Office.Code);
        json.WriteString("agreement", caller.AgreementReference);
        json.WriteString("purpose", caller.Purpose);
        Strings(json, "operations", caller.Operations);
        json.WriteNumber("secondsLeft", (long)(caller.ExpiresAt - time.GetUtcNow()).TotalSeconds);
        json.WriteString("binding", caller.Scheme == TokenScheme.DPoP ? "dpop" : "mtls");
        if (caller.CertificateUntil is { } until) json.WriteString("certificateExpires", until.UtcDateTime);
        json.WriteString("policy", registry.Digest);
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
