using System.Text.Json;
using Ledger;
using Ledger.Subjects;

namespace Gateway.Audit;

/// <summary>
/// One record for several identical refusals (ledger page, section 3.3): what all of them have in common, and how many they are.
/// </summary>
internal static class CountedRecord
{
    /// <summary>Writes it, members in the order of section 3.2.</summary>
    /// <param name="counted">The refusals.</param>
    /// <param name="keys">Keys of the subjects' pseudonyms.</param>
    /// <param name="now">Time of sealing.</param>
    public static SealedRecord Of(CountedRefusals counted, SubjectKeys keys, DateTimeOffset now)
    {
        var (facts, refusal) = (counted.Facts, counted.Refusal);
        var kind = refusal.IsFault ? "fault" : "deny";
        return RecordText.Write(kind, counted.Id, now, json =>
        {
            if (refusal.IsFault)
                json.WriteString("by", refusal.Provider is null ? "gateway" : "provider");
            Text(json, "org", facts.Caller?.Institution.Id);
            Text(json, "cli", facts.Caller?.Client.Id);
            Text(json, "x5t", counted.Certificate);
            Text(json, "ip", counted.Address?.ToString());
            Text(json, "office", facts.Caller?.Office?.Code);
            Text(json, "op", facts.Operation);
            Text(json, "purp", facts.Caller?.Purpose);
            Text(json, "agr", facts.Entitlement?.Agreement.Reference ?? facts.Caller?.AgreementReference);
            json.WriteString("pol", facts.Registry.Digest);
            Text(json, "gate", refusal.Gate);
            if (counted.Person is { } person)
            {
                var period = keys.Current();
                json.WriteString("sk", period.Period);
                json.WriteString("subj", period.Of(person.PseudonymType, person.PseudonymValue));
            }

            json.WriteString("out", kind);
            json.WriteString("code", refusal.Problem.Code);
            json.WriteString("rule", refusal.Rule);
            json.WriteNumber("st", refusal.Problem.Status);
            json.WriteNumber("n", counted.Number);
            json.WriteString("until", RecordText.Time(counted.Until));
        });
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            json.WriteString(name, value);
    }
}
