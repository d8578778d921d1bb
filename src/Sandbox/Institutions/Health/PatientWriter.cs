using System.Text.Json;

namespace Sandbox.Institutions.Health;

/// <summary>The Patient that no agreement releases: what a generous provider sends along. All of it is synthetic.</summary>
public static class PatientWriter
{
    /// <summary>Members of a Patient resource, after its type and id.</summary>
    public static void WriteMembers(Utf8JsonWriter json, HealthRecord record)
    {
        json.WriteStartArray("identifier");
        WriteIdentifier(json, FhirSearch.PersonSystem, record.Token);
        WriteIdentifier(json, "urn:ma:sante:dossier", "DSE-SYNTHETIC-" + record.Patient);
        json.WriteEndArray();
        json.WriteStartArray("name");
        json.WriteStartObject();
        json.WriteString("family", "SYNTHETIC");
        json.WriteStartArray("given");
        json.WriteStringValue("SYNTHETIC");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("birthDate", "2024-03-14");
    }

    /// <summary>A whole Patient and a narrative inside another resource.</summary>
    public static void WriteContained(Utf8JsonWriter json, HealthRecord record)
    {
        json.WriteStartArray("contained");
        json.WriteStartObject();
        json.WriteString("resourceType", "Patient");
        json.WriteString("id", "inside");
        WriteMembers(json, record);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("text");
        json.WriteString("status", "generated");
        json.WriteString("div", "<div xmlns=\"http://www.w3.org/1999/xhtml\">SYNTHETIC narrative with a name</div>");
        json.WriteEndObject();
    }

    private static void WriteIdentifier(Utf8JsonWriter json, string system, string value)
    {
        json.WriteStartObject();
        json.WriteString("system", system);
        json.WriteString("value", value);
        json.WriteEndObject();
    }
}
