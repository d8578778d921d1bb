using System.Globalization;
using System.Text.Json;
using Sandbox.Persons;

namespace Sandbox.Institutions.Health;

/// <summary>Is the child's vaccination up to date? An answer, not the doses.</summary>
public sealed class ImmunizationRecommendationSearch(SchoolCalendar calendar)
    : FhirSearch("health.immunization-recommendation.read", "ImmunizationRecommendation", calendar)
{
    /// <inheritdoc/>
    protected override bool Has(HealthRecord record) => record.IsVaccinated;

    /// <inheritdoc/>
    protected override void WriteResource(Utf8JsonWriter json, HealthRecord record)
    {
        WriteSubject(json, "patient", record);
        json.WriteString("date", Calendar.Today.AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteStartArray("recommendation");
        json.WriteStartObject();
        json.WriteStartArray("vaccineCode");
        json.WriteStartObject();
        WriteConcept(json, "all antigens", ("urn:ma:pni:calendrier", "2026"), ("urn:ma:sante:local", "X1"));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("forecastStatus");
        WriteConcept(json, "Complete", ("http://terminology.hl7.org/CodeSystem/immunization-recommendation-status", "complete"));
        json.WriteEndObject();
        json.WriteString("description", "next visit");
        json.WriteNumber("doseNumberPositiveInt", 3);
        json.WriteStartArray("supportingImmunization");
        foreach (var dose in new[] { "i-1", "i-2" })
        {
            json.WriteStartObject();
            json.WriteString("reference", "Immunization/" + dose);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }
}

/// <summary>Antenatal visits attended, as one number (LOINC 68493-6).</summary>
public sealed class ObservationSearch(SchoolCalendar calendar) : FhirSearch("health.observation.read", "Observation", calendar)
{
    /// <inheritdoc/>
    protected override bool Has(HealthRecord record) => record.AntenatalVisits is not null;

    /// <inheritdoc/>
    protected override void WriteResource(Utf8JsonWriter json, HealthRecord record)
    {
        json.WriteString("status", "final");
        json.WriteStartObject("code");
        WriteConcept(json, "Prenatal visits", ("http://loinc.org", "68493-6"));
        json.WriteEndObject();
        WriteSubject(json, "subject", record);
        json.WriteString("effectiveDateTime", Calendar.Day(9, 11).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteNumber("valueInteger", record.AntenatalVisits!.Value);
        json.WriteStartArray("note");
        json.WriteStartObject();
        json.WriteString("text", "SYNTHETIC note of a midwife");
        json.WriteEndObject();
        json.WriteEndArray();
    }
}

/// <summary>Is health cover in force?</summary>
public sealed class CoverageSearch(SchoolCalendar calendar) : FhirSearch("health.coverage.read", "Coverage", calendar)
{
    /// <inheritdoc/>
    protected override bool Has(HealthRecord record) => record.IsCovered;

    /// <inheritdoc/>
    protected override void WriteResource(Utf8JsonWriter json, HealthRecord record)
    {
        json.WriteString("status", "active");
        json.WriteStartObject("type");
        WriteConcept(json, "AMO", ("urn:ma:regime", "AMO-TADAMON"), ("urn:ma:cnss:local", "T-7"));
        json.WriteEndObject();
        json.WriteString("subscriberId", "SYNTHETIC-000000000");
        WriteSubject(json, "beneficiary", record);
        json.WriteStartObject("period");
        json.WriteString("start", $"{Calendar.StartYear}-01-01");
        json.WriteString("end", $"{Calendar.StartYear + 1}-12-31");
        json.WriteEndObject();
        json.WriteStartArray("payor");
        json.WriteStartObject();
        json.WriteString("display", "SYNTHETIC fund");
        json.WriteEndObject();
        json.WriteEndArray();
    }
}

/// <summary>The first of two steps: who carries this identifier?</summary>
public sealed class PatientSearch(SchoolCalendar calendar) : FhirSearch("health.patient", "Patient", calendar)
{
    /// <inheritdoc/>
    protected override bool Has(HealthRecord record) => true;

    /// <inheritdoc/>
    protected override void WriteResource(Utf8JsonWriter json, HealthRecord record) => PatientWriter.WriteMembers(json, record);
}
