using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;

namespace Sandbox.Institutions.Health;

/// <summary>
/// <c>POST {base}/{type}/_search</c> of FHIR R4 (health page, section 6): by the person's identifier, or by
/// <c>Patient/{id}</c> as the second of two steps. Answers a searchset with more than anybody may see.
/// </summary>
/// <param name="operation">Operation id.</param>
/// <param name="type">Resource type.</param>
/// <param name="calendar">Time of the data.</param>
public abstract class FhirSearch(string operation, string type, SchoolCalendar calendar)
    : StandInOperation(operation, $"/fhir/{type}/_search")
{
    /// <summary>Identifier system under which the person is known.</summary>
    public const string PersonSystem = "urn:anss:id:health";
    private static readonly string[] PersonParameters =
    [
        "patient:identifier",
        "beneficiary:identifier",
        "subject:identifier",
        "identifier",
        "patient",
    ];

    /// <summary>Resource type.</summary>
    protected string Type => type;

    /// <summary>Time of the data.</summary>
    protected SchoolCalendar Calendar => calendar;

    /// <inheritdoc/>
    public override string AnswerType => "application/fhir+json";

    /// <inheritdoc/>
    public override string AnotherPerson { get; } = SectorToken.Of("health", Fixtures.PlainChild);

    /// <inheritdoc/>
    public override bool Accepts(string operation) => operation.StartsWith("health.", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override Told Answer(ReadOnlySpan<byte> body, BehaviorMode mode, ArrayBufferWriter<byte> output)
    {
        var parameters = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body));
        var asked = PersonParameters.Where(parameters.ContainsKey).Select(name => parameters[name].ToString()).ToArray();
        if (asked.Length != 1)
            return Told.Unreadable;
        var person = asked[0].StartsWith(PersonSystem + "|", StringComparison.Ordinal) ? asked[0][(PersonSystem.Length + 1)..] : asked[0];
        var record = HealthRecord.All.GetValueOrDefault(person);
        WriteBundle(output, record, mode);
        return new Told(200, record?.Person ?? BehaviorMode.Normal, record is null);
    }

    /// <summary>Has this person a resource of the type?</summary>
    protected abstract bool Has(HealthRecord record);

    /// <summary>Writes the members of the resource that belong to its type.</summary>
    protected abstract void WriteResource(Utf8JsonWriter json, HealthRecord record);

    private void WriteBundle(ArrayBufferWriter<byte> output, HealthRecord? record, BehaviorMode mode)
    {
        var json = PooledJson.Rent(output);
        var asOf = mode == BehaviorMode.Stale || record is { IsOld: true } ? calendar.LastLoad.AddDays(-30) : calendar.LastLoad;
        var found = record is not null && Has(record) ? record : null;
        json.WriteStartObject();
        json.WriteString("resourceType", "Bundle");
        json.WriteString("id", "b-1");
        json.WriteString("type", "searchset");
        json.WriteString(
            "timestamp",
            asOf.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)
        );
        json.WriteNumber(
            "total",
            found is null ? 0
                : found.IsAmbiguous ? 2
                : 1
        );
        json.WriteStartArray("link");
        json.WriteStartObject();
        json.WriteString("relation", "self");
        json.WriteString("url", $"https://health.stand-in.example/fhir/{type}");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("entry");
        if (found is not null)
            WriteEntries(json, found);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    }

    private void WriteEntries(Utf8JsonWriter json, HealthRecord record)
    {
        WriteEntry(json, record, record.Patient, type, "match", () => WriteResource(json, record));
        if (record.IsAmbiguous)
        {
            WriteEntry(json, record, record.Patient + "b", type, "match", () => WriteResource(json, record));
            WriteTwoPatients(json);
        }
        WriteEntry(json, record, record.Patient, "Patient", "include", () => PatientWriter.WriteMembers(json, record));
    }

    private void WriteEntry(Utf8JsonWriter json, HealthRecord record, string id, string resourceType, string mode, Action members)
    {
        json.WriteStartObject();
        json.WriteString("fullUrl", $"https://health.stand-in.example/fhir/{resourceType}/{id}");
        json.WriteStartObject("resource");
        json.WriteString("resourceType", resourceType);
        json.WriteStartObject("meta");
        json.WriteString("versionId", "4");
        json.WriteEndObject();
        json.WriteString("id", id);
        if (resourceType != "Patient" && record.Person == BehaviorMode.Generous)
            PatientWriter.WriteContained(json, record);
        members();
        json.WriteEndObject();
        json.WriteStartObject("search");
        json.WriteString("mode", mode);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTwoPatients(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("resource");
        json.WriteString("resourceType", "OperationOutcome");
        json.WriteStartArray("issue");
        json.WriteStartObject();
        json.WriteString("severity", "warning");
        json.WriteString("code", "multiple-matches");
        json.WriteString("diagnostics", "SYNTHETIC: SELECT * FROM patients WHERE dossier IN (2)");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("search");
        json.WriteString("mode", "outcome");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes who the resource is about.</summary>
    protected static void WriteSubject(Utf8JsonWriter json, string name, HealthRecord record)
    {
        json.WriteStartObject(name);
        json.WriteString("reference", "Patient/" + record.Patient);
        json.WriteString("display", "SYNTHETIC");
        json.WriteStartObject("identifier");
        json.WriteString("system", PersonSystem);
        json.WriteString("value", record.Token);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes a CodeableConcept with its codings.</summary>
    protected static void WriteConcept(Utf8JsonWriter json, string text, params ReadOnlySpan<(string System, string Code)> codings)
    {
        json.WriteStartArray("coding");
        foreach (var (system, code) in codings)
        {
            json.WriteStartObject();
            json.WriteString("system", system);
            json.WriteString("code", code);
            json.WriteString("display", text);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("text", text);
    }
}
