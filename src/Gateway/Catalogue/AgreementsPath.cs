using System.Collections.Frozen;
using System.Text.Json;
using Agreements;
using Gateway.Problems;
using Gateway.Quotas;
using Tokens.Transport;

namespace Gateway.Catalogue;

/// <summary>
/// <c>GET /catalogue/v1/agreements</c>: the agreements in force to which the caller's institution is a party, with digest, rights, quotas
/// and what changed since the version before; those that are not in force by name and reason.
/// </summary>
internal sealed class AgreementsPath(CallerLaw law, QuotaUsage usage) : ICataloguePath
{
    /// <inheritdoc/>
    public string Operation => "catalogue.agreement.list";

    /// <inheritdoc/>
    public WireRoute Wire { get; } = new(FrozenSet.Create(StringComparer.Ordinal, "GET"), []);

    /// <inheritdoc/>
    public bool Knows(string path) => path == "/catalogue/v1/agreements";

    /// <inheritdoc/>
    public async ValueTask<Verdict<CatalogueAnswer>> AnswerAsync(CatalogueCall call)
    {
        var (language, inForce) = (Languages.Negotiate(call.Http.Request.Headers.AcceptLanguage), law.InForce(call).ToList());
        var left = new Dictionary<string, Dictionary<string, IReadOnlyList<QuotaState>>>(StringComparer.Ordinal);
        foreach (var agreement in inForce)
        {
            if (
                !(
                    await usage.OfAsync(
                        agreement,
                        agreement.Grants.Where(grant => grant.Consumer == call.Caller.Institution.Id),
                        call.Caller.Office?.Code
                    )
                ).Allows(out var states, out var refusal)
            )
                return refusal;
            left[agreement.Id] = states;
        }

        return CatalogueAnswer.Of(
            CatalogueText.Write(json => Write(json, call, inForce, language, left)),
            CatalogueText.Write(json => Write(json, call, inForce, language, left: null))
        ) with
        {
            Language = language,
            Vary = "Accept-Language",
        };
    }

    private void Write(
        Utf8JsonWriter json,
        CatalogueCall call,
        List<Agreement> inForce,
        string language,
        Dictionary<string, Dictionary<string, IReadOnlyList<QuotaState>>>? left
    )
    {
        json.WriteString("institution", call.Caller.Institution.Id);
        json.WriteStrings(
            "operations",
            inForce
                .SelectMany(agreement =>
                    CallerLaw
                        .GrantsOf(agreement, call.Caller)
                        .SelectMany(grant => law.OperationsOf(call.Registry, agreement, grant, call.Caller))
                )
                .Select(static operation => operation.Id)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
        );
        json.WriteStartArray("agreements");
        foreach (var agreement in inForce)
        {
            json.WriteStartObject();
            AgreementText.Write(
                json,
                call.Registry,
                agreement,
                law.Today,
                law.StandingOf(call, agreement),
                language,
                left?.GetValueOrDefault(agreement.Id)
            );
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("notInForce");
        foreach (var agreement in call.Registry.AgreementsWith(call.Caller.Institution.Id).Except(inForce))
        {
            json.WriteStartObject();
            json.WriteString("reference", agreement.Reference);
            json.WriteString("page", AgreementPath.Of(agreement));
            AgreementText.WriteStanding(json, call.Registry, law.StandingOf(call, agreement), language);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
