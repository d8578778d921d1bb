using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agreements;
using Ledger;
using PartyAct = Tokens.Status.PartyAct;

namespace Gateway.Audit;

/// <summary>
/// Records of the law itself (ledger page, section 3.3): which agreement versions, suspensions and registry sets are in force, in the
/// same log as the exchanges decided under them. Thus every record's <c>agr</c> and <c>pol</c> can be read years later.
/// </summary>
internal static class LawRecord
{
    private const int MostBases = 16;

    /// <summary>A registry set was activated.</summary>
    public static SealedRecord Config(Registry registry, string? was, TimeProvider time) => RecordText.Write("config", time, json =>
        {
            json.WriteString("pol", registry.Digest);
            if (was is not null)
                json.WriteString("was", was);
            if (registry.Approval is { Text: { } approved } approval)
            {
                json.WriteNumber("apn", approval.Version);
                json.WriteString("apt", approved);
            }
            json.WriteStartObject("counts");
            json.WriteNumber("agreements", registry.Agreements.Count);
            json.WriteNumber("institutions", registry.Institutions.Count);
            json.WriteNumber("clients", registry.Clients.Count);
            json.WriteNumber("operations", registry.Operations.Count);
            json.WriteNumber("suspensions", registry.Suspensions.Length);
            json.WriteEndObject();
        });

    /// <summary>A version of an agreement became part of the set, or left it.</summary>
    public static SealedRecord Of(Agreement agreement, string act, TimeProvider time) => RecordText.Write("agreement", time, json =>
        {
            json.WriteString("agr", agreement.Reference);
            json.WriteString("act", act);
            json.WriteString("dig", agreement.Digest);
            // Of a version that all parties signed: what was law once is known from here by every later start.
            if (agreement.Signed && agreement.TextDigest.Length > 0)
                json.WriteString("txt", agreement.TextDigest);
            Strings(
                json,
                "basis",
                agreement.Grants.SelectMany(static grant => grant.LegalBasis).Distinct(StringComparer.Ordinal).Take(MostBases)
            );
            if (agreement.PriorAuthorization is { } prior)
                json.WriteString("cndp", prior.Number);
            Strings(json, "purps", agreement.Grants.Select(static grant => grant.Purpose).Distinct(StringComparer.Ordinal));
            Strings(json, "parties", agreement.Parties);
            json.WriteString("from", agreement.From.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            json.WriteString("to", agreement.Until.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            Strings(json, "sigs", agreement.Signatures.Select(static signature => signature.KeyId));
        });

    /// <summary>Something was suspended, or its suspension lifted.</summary>
    public static SealedRecord Of(Suspension suspension, string act, TimeProvider time) => RecordText.Write("suspend", time, json =>
        {
            json.WriteString("kind", suspension.Kind.ToString().ToLowerInvariant());
            json.WriteString("what", suspension.Id);
            json.WriteString("act", act);
            json.WriteString("by", suspension.By);
        });

    /// <summary>
    /// A party of an agreement said that it stops, or goes on: the digest names the signed statement, which the status list keeps.
    /// </summary>
    public static SealedRecord Of(PartyAct act, TimeProvider time) => RecordText.Write("suspend", time, json =>
        {
            json.WriteString("kind", "agreement");
            json.WriteString("what", act.Agreement);
            json.WriteString("act", act.Stops ? "suspend" : "lift");
            json.WriteString("by", act.Party);
            json.WriteString("det", act.Reason);
            if (act.Until is { } until)
                json.WriteString("until", until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteString("jti", act.StatementId);
            json.WriteString("dig", Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(act.Statement))));
        });

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        var first = true;
        foreach (var value in values)
        {
            if (first)
                json.WriteStartArray(name);
            first = false;
            json.WriteStringValue(value);
        }

        if (!first)
            json.WriteEndArray();
    }
}
