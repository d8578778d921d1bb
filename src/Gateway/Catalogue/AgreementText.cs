using System.Text.Json;
using Agreements;
using Agreements.Texts;
using Gateway.Quotas;
using Wording;

namespace Gateway.Catalogue;

/// <summary>Writes one agreement for programs: what the page says in words, as codes.</summary>
internal static class AgreementText
{
    /// <summary>Its members.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="registry">The law.</param>
    /// <param name="agreement">The agreement.</param>
    /// <param name="today">Civil day.</param>
    /// <param name="standing">Where it stands.</param>
    /// <param name="language">Language of the words.</param>
    /// <param name="usage">What is left of the caller's grants; null to leave it out.</param>
    public static void Write(
        Utf8JsonWriter json,
        Registry registry,
        Agreement agreement,
        DateOnly today,
        AgreementStanding standing,
        string language,
        IReadOnlyDictionary<string, IReadOnlyList<QuotaState>>? usage
    )
    {
        json.WriteString("id", agreement.Id);
        json.WriteNumber("version", agreement.Version);
        json.WriteString("reference", agreement.Reference);
        json.WriteString("sha256", agreement.Digest);
        json.WriteString("title", Isolation.OfRuns(agreement.Title.In(language), language));
        json.WriteStrings("parties", agreement.Parties);
        json.WriteDay("from", agreement.From);
        json.WriteDay("until", agreement.Until);
        WriteStanding(json, registry, standing, language);
        json.WriteString("page", AgreementPath.Of(agreement));
        if (agreement.PriorAuthorization is { } prior)
        {
            json.WriteStartObject("priorAuthorization");
            json.WriteString("number", prior.Number);
            json.WriteDay("on", prior.On);
            json.WriteDay("until", prior.Until);
            json.WriteStrings("purposes", prior.Purposes);
            json.WriteEndObject();
        }

        json.WriteStartArray("grants");
        foreach (var grant in agreement.Grants)
            Write(json, grant, agreement.Quotas, usage?.GetValueOrDefault(grant.Id));
        json.WriteEndArray();
        if (agreement.Version > 1)
            WriteChange(json, registry, agreement, language);
        json.WriteWarnings(Expiry.Sorted(Expiry.Of(registry, agreement, today)), language);
    }

    /// <summary>Where an agreement stands, and why.</summary>
    public static void WriteStanding(Utf8JsonWriter json, Registry registry, AgreementStanding standing, string language)
    {
        json.WriteStartObject("standing");
        json.WriteString("state", standing.Word);
        json.WriteString("reason", standing.Reason);
        if (standing.On is { } on)
            json.WriteDay("on", on);
        if (standing.By is { Length: > 0 } by)
            json.WriteString("by", by);
        json.WriteString("words", StandingWords.Of(standing, language, registry));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Grant grant, TotalQuotas? totals, IReadOnlyList<QuotaState>? states)
    {
        json.WriteStartObject();
        json.WriteString("id", grant.Id);
        json.WriteString("clause", grant.Clause);
        json.WriteString("purpose", grant.Purpose);
        json.WriteString("consumer", grant.Consumer);
        json.WriteString("provider", grant.Provider);
        json.WriteStrings("legalBasis", grant.LegalBasis);
        json.WriteStrings("clients", grant.Clients);
        json.WriteStartArray("operations");
        foreach (var operation in grant.Operations)
        {
            json.WriteStartObject();
            json.WriteString("id", operation.Id);
            json.WriteStrings("fields", operation.Release);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        QuotaUsage.Write(json, grant.Quotas, totals, states);
        json.WriteEndObject();
    }

    // The same differences, in the same words, as gatewayctl agreement diff.
    private static void WriteChange(Utf8JsonWriter json, Registry registry, Agreement agreement, string language)
    {
        json.WriteStartObject("change");
        json.WriteString("from", $"{agreement.Id}@{agreement.Version - 1}");
        var differences = VersionChange.Of(registry, agreement);
        json.WriteBoolean("known", differences is not null);
        if (differences is { } known)
        {
            json.WriteBoolean("widens", known.Any(static one => one.Kind == DifferenceKind.Widens));
            json.WriteStartArray("differences");
            foreach (var one in known)
            {
                json.WriteStartObject();
                json.WriteString("kind", one.Kind.ToString().ToLowerInvariant());
                json.WriteString("code", one.Code);
                json.WriteString("where", one.Where);
                json.WriteString("what", one.What);
                if (one.Before is not null)
                    json.WriteString("before", one.Before);
                if (one.After is not null)
                    json.WriteString("after", one.After);
                json.WriteString("words", DifferenceWords.Of(one, language, registry));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
