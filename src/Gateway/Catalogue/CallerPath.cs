using System.Collections.Frozen;
using System.Text.Json;
using Gateway.Problems;
using Tokens.Access;
using Tokens.Transport;

namespace Gateway.Catalogue;

/// <summary>
/// <c>GET /catalogue/v1/caller</c>: who the gateway thinks is calling, under which agreement and purpose, what is left of each quota, and
/// what ends soon (authority page, section 2).
/// </summary>
internal sealed class CallerPath(CallerLaw law, QuotaUsage usage, TimeProvider time) : ICataloguePath
{
    /// <inheritdoc/>
    public string Operation => "catalogue.caller.read";

    /// <inheritdoc/>
    public WireRoute Wire { get; } = new(FrozenSet.Create(StringComparer.Ordinal, "GET"), []);

    /// <inheritdoc/>
    public bool Knows(string path) => path == "/catalogue/v1/caller";

    /// <inheritdoc/>
    public async ValueTask<Verdict<CatalogueAnswer>> AnswerAsync(CatalogueCall call)
    {
        var grants = CallerLaw.GrantsOf(call.Agreement, call.Caller).Where(grant => grant.Purpose == call.Caller.Purpose).ToList();
        if (!(await usage.OfAsync(call.Agreement, grants, call.Caller.Office?.Code)).Allows(out var left, out var refusal))
            return refusal;
        var (seconds, language) = (
            (long)(call.Caller.ExpiresAt - time.GetUtcNow()).TotalSeconds,
            Languages.Negotiate(call.Http.Request.Headers.AcceptLanguage)
        );
        return CatalogueAnswer.Of(
            CatalogueText.Write(json => Write(json, seconds)),
            CatalogueText.Write(json => Write(json, seconds: null))
        ) with
        {
            Language = language,
            Vary = "Accept-Language",
        };

        void Write(Utf8JsonWriter json, long? seconds)
        {
            WriteCaller(json, call, seconds);
            json.WriteStartArray("grants");
            foreach (var grant in grants)
            {
                json.WriteStartObject();
                json.WriteString("id", grant.Id);
                json.WriteString("clause", grant.Clause);
                QuotaUsage.Write(json, grant.Quotas, call.Agreement.Quotas, left.GetValueOrDefault(grant.Id));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteWarnings(law.Warnings(call), language);
        }
    }

    private static void WriteCaller(Utf8JsonWriter json, CatalogueCall call, long? left)
    {
        var caller = call.Caller;
        json.WriteString("institution", caller.Institution.Id);
        json.WriteString("client", caller.Client.Id);
        if (caller.Office is not null)
            json.WriteString("office", caller.Office.Code);
        json.WriteString("agreement", caller.AgreementReference);
        json.WriteString("purpose", caller.Purpose);
        json.WriteStrings("operations", caller.Operations);
        if (left is { } seconds)
            json.WriteNumber("secondsLeft", seconds);
        json.WriteString("binding", caller.Scheme == TokenScheme.DPoP ? "dpop" : "mtls");
        if (caller.CertificateUntil is { } until)
            json.WriteString("certificateExpires", until.UtcDateTime);
        json.WriteString("policy", call.Registry.Digest);
    }
}
