using System.Collections.Immutable;
using System.Net;
using System.Text.RegularExpressions;
using Agreements.Keys;
using Agreements.Loading.Yaml;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Institutions;

/// <summary>Reads one OAuth client with the loader rules of the authority page, section 3.</summary>
internal sealed partial class ClientReader(LoadContext context)
{
    public Client Read(string institution, ImmutableArray<Office> offices, Fields fields)
    {
        var id = fields.Text("id", IdForm(), "institution-system");
        if (id.Length > 48 || !id.StartsWith($"{institution}-", StringComparison.Ordinal) || id.StartsWith("ag-", StringComparison.Ordinal))
            fields.Report.Error(fields.LineOf("id"), "client-id", Found(id), $"{institution}-", "ag-");
        var method = fields.Choice("auth", null, "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth");
        var dpop = fields.Choice("binding", "mtls", "mtls", "dpop") == "dpop";
        var keys = Keys(fields, required: method == "private_key_jwt");
        var rules = new CertificateRuleReader(fields).Read();
        Bindable(fields, method, dpop, rules);
        var office = fields.OptionalText("office");
        if (office is not null && offices.All(known => known.Code != office))
            fields.Report.Error(fields.LineOf("office"), "office-unknown", Found(office), "offices");
        var limits = fields.Map("limits", required: false);
        var client = new Client
        {
            Id = id,
            Institution = institution,
            Names = fields.Localized("names"),
            Active = fields.Choice("status", "active", "active", "suspended") == "active",
            Authentication = method switch
            {
                "tls_client_auth" => ClientAuthentication.TlsClientAuth,
                "self_signed_tls_client_auth" => ClientAuthentication.SelfSignedTlsClientAuth,
                _ => ClientAuthentication.PrivateKeyJwt,
            },
            DPoP = dpop,
            Jwks = keys.IsEmpty ? null : PublicKeySet.Write(keys),
            KeyValidities = Validities(fields, keys),
            Certificates = rules,
            Operations = Ceiling(fields),
            Office = office,
            Institutions = fields.Texts("institutions", required: false),
            Webhook = fields.HttpsAddress("webhook", required: false),
            SourceNetworks = Networks(fields),
            TokensPerMinute = (int)(limits?.OptionalInteger("tokensPerMinute", 1, 100_000) ?? 120),
            Connections = (int)(limits?.OptionalInteger("connections", 1, 10_000) ?? 32),
            RequestsPerSecond = (int)(limits?.OptionalInteger("requestsPerSecond", 1, 100_000) ?? 1000),
        };
        limits?.Close();
        fields.Close();
        context.Clients.Add(new ClientEntry(client, keys, fields));
        return client;
    }

    private ImmutableArray<PublicKey> Keys(Fields fields, bool required)
    {
        if (fields.Map("jwks", required) is not { } jwks)
            return [];
        var keys = ImmutableArray<PublicKey>.Empty;
        if (KeyFile.Read(context.Files, jwks, "file") is { } bytes)
        {
            keys = PublicKeySet.ReadSet(bytes, out var fault);
            if (keys.IsEmpty)
                fields.Report.Error(fields.LineOf("jwks"), "keys-unusable", fault.ToBlank());
        }
        if (!required)
            fields.Report.Error(fields.LineOf("jwks"), "keys-of-certificate", "jwks");
        jwks.Close();
        return keys;
    }

    private ImmutableArray<KeyValidity> Validities(Fields fields, ImmutableArray<PublicKey> keys)
    {
        var validities = ImmutableArray.CreateBuilder<KeyValidity>();
        foreach (var item in fields.Maps("keys", required: false))
        {
            var validity = new KeyValidity(item.Text("kid"), item.Date("from"), item.Date("until"));
            if (!keys.IsEmpty && keys.All(key => key.KeyId != validity.KeyId))
                item.Report.Error(item.LineOf("kid"), "key-thumbprint", Found(validity.KeyId), "kid");
            if (validity.From > validity.Until || validity.From.AddMonths(13) < validity.Until)
                item.Report.Error(item.LineOf("until"), "key-validity", validity.From, validity.Until);
            item.Close();
            validities.Add(validity);
        }
        var usable = keys.Count(key =>
            validities.All(validity => validity.KeyId != key.KeyId || (validity.From <= context.Today && context.Today <= validity.Until))
        );
        if (usable > 2)
            fields.Report.Error(fields.LineOf("jwks"), "keys-too-many", "keys");
        if (usable == 0 && !keys.IsEmpty)
            fields.Report.Warn(fields.LineOf("jwks"), "keys-none-today");
        return validities.ToImmutable();
    }

    private static void Bindable(Fields fields, string method, bool dpop, ImmutableArray<CertificateRule> rules)
    {
        if (method == "tls_client_auth" && (rules.IsEmpty || rules.Any(rule => rule.Authority is null)))
            fields.Report.Error(fields.LineOf("certificate"), "tls-rules", method, "certificate: { authority: …, sanUri: … }");
        else if (method == "self_signed_tls_client_auth" && (rules.IsEmpty || rules.Any(rule => rule.X5tS256 is null)))
            fields.Report.Error(fields.LineOf("certificate"), "self-signed-rules", method, "certificate: { x5tS256: … }", "x5tS256");
        else if (!dpop && rules.IsEmpty)
            fields.Report.Error(fields.LineOf("certificate"), "unbindable", "binding: mtls", "certificate", "binding: dpop");
    }

    private ImmutableArray<string> Ceiling(Fields fields)
    {
        foreach (var (operation, line) in fields.TextLines("operations"))
            if (context.ContractsComplete && !context.Operations.ContainsKey(operation))
                fields.Report.Error(line, "operation-unknown", Found(operation), OpenApiFolder, FhirFolder);
        return fields.Texts("operations", required: false);
    }

    private static ImmutableArray<string> Networks(Fields fields)
    {
        foreach (var (network, line) in fields.TextLines("sourceNetworks"))
            if (!IPNetwork.TryParse(network, out var parsed) || parsed.ToString() != network)
                fields.Report.Error(line, "network", Found(network), "10.20.0.0/24");
        return fields.Texts("sourceNetworks", required: false);
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(-[a-z0-9]+)+\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex IdForm();
}
