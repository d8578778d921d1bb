using System.Collections.Frozen;
using System.Collections.Immutable;
using Agreements;
using Agreements.Contracts;
using Gateway.Minimization;
using Gateway.Requests;

namespace Gateway.Tests.Minimization;

/// <summary>Rows of the element table and the grants of the design's examples, built by hand.</summary>
internal static class SomeFhir
{
    private const string StatusSystem = "http://terminology.hl7.org/CodeSystem/immunization-recommendation-status";

    public static readonly DataSubject Infant = new("sector-token", "hea_6E84H0WZF587KJF1648P65M90C");
    public static readonly DataSubject Mother = new("sector-token", "hea_3FSZ4KW05WDPGET156SAK17Q28");

    public static FhirElement[] Elements(params string[] rows) =>
        [
            .. rows.Select(row =>
            {
                var (path, kind) = (
                    row[..row.IndexOf(':', StringComparison.Ordinal)],
                    row[(row.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
                );
                var values = kind.Contains('(', StringComparison.Ordinal)
                    ? kind[(kind.IndexOf('(', StringComparison.Ordinal) + 1)..^1].Split(' ').ToFrozenSet()
                    : null;
                return new FhirElement(
                    path.Replace("[]", "", StringComparison.Ordinal),
                    [.. path.Split('.').Select(segment => segment.EndsWith("[]", StringComparison.Ordinal))],
                    kind.Split('(')[0],
                    values
                );
            }),
        ];

    private static FrozenDictionary<string, FhirElement> Table(params string[] rows) =>
        Elements(rows).ToFrozenDictionary(element => element.Path);

    public static readonly FhirType ImmunizationRecommendation = new()
    {
        Name = "ImmunizationRecommendation",
        Subject = "patient",
        Search = ["patient", "date", "vaccine-type", "status"],
        Mandatory = ["patient", "date", "recommendation", "recommendation.forecastStatus"],
        Modifiers = ["recommendation.forecastStatus"],
        OneOf =
        [
            ["recommendation.vaccineCode", "recommendation.targetDisease"],
        ],
        Codes = ["recommendation.vaccineCode.coding", "recommendation.targetDisease.coding"],
        FixedCodes = new Dictionary<string, FixedCodes>
        {
            ["recommendation.forecastStatus.coding"] = new(
                StatusSystem,
                FrozenSet.Create("due", "overdue", "immune", "contraindicated", "complete")
            ),
        }.ToFrozenDictionary(),
        Elements = Table(
            "date: dateTime",
            "recommendation[].vaccineCode[].coding[].system: uri",
            "recommendation[].vaccineCode[].coding[].code: code",
            "recommendation[].targetDisease.coding[].system: uri",
            "recommendation[].targetDisease.coding[].code: code",
            "recommendation[].forecastStatus.coding[].system: uri",
            "recommendation[].forecastStatus.coding[].code: code"
        ),
    };

    public static readonly FhirType Coverage = new()
    {
        Name = "Coverage",
        Subject = "beneficiary",
        Search = ["beneficiary", "status", "type"],
        Mandatory = ["status", "beneficiary", "payor"],
        Modifiers = ["status"],
        Written = ["payor"],
        Codes = ["type.coding"],
        Elements = Table(
            "status: code(active cancelled draft entered-in-error)",
            "type.coding[].system: uri",
            "type.coding[].code: code",
            "period.start: dateTime",
            "period.end: dateTime",
            "payor[].identifier.system: uri",
            "payor[].identifier.value: string"
        ),
    };

    public static readonly FhirType Observation = new()
    {
        Name = "Observation",
        Subject = "subject",
        Search = ["patient", "code", "date", "status"],
        SearchRequired = ["code"],
        Mandatory = ["status", "code"],
        Modifiers = ["status"],
        Required = ["value[x]"],
        Codes = ["code.coding", "valueCodeableConcept.coding"],
        Unsupported = ["effectiveTiming", "valueQuantity", "valueString"],
        Elements = Table(
            "status: code(registered preliminary final amended corrected cancelled entered-in-error unknown)",
            "code.coding[].system: uri",
            "code.coding[].code: code",
            "effectiveDateTime: dateTime",
            "effectivePeriod.start: dateTime",
            "effectivePeriod.end: dateTime",
            "valueInteger: integer",
            "valueDateTime: dateTime",
            "valueCodeableConcept.coding[].system: uri",
            "valueCodeableConcept.coding[].code: code"
        ),
    };

    public static readonly FhirType Immunization = new()
    {
        Name = "Immunization",
        Subject = "patient",
        Search = ["patient", "date", "status", "vaccine-code"],
        Mandatory = ["patient", "status", "vaccineCode", "occurrence[x]", "protocolApplied.doseNumber[x]"],
        Modifiers = ["status", "isSubpotent"],
        Unsupported = ["occurrenceString", "protocolApplied.doseNumberString"],
        Codes = ["vaccineCode.coding"],
        Elements = Table(
            "status: code(completed entered-in-error not-done)",
            "vaccineCode.coding[].system: uri",
            "vaccineCode.coding[].code: code",
            "occurrenceDateTime: dateTime",
            "isSubpotent: boolean",
            "protocolApplied[].doseNumberPositiveInt: positiveInt"
        ),
    };

    public static GrantedOperation Granted(
        string id,
        string subject,
        ImmutableArray<string> release,
        ImmutableArray<string> search,
        params (string Path, string System, string Code)[] codes
    ) =>
        new(
            id,
            [$"{subject}.identifier.system", $"{subject}.identifier.value", .. release],
            codes
                .GroupBy(code => code.Path)
                .ToImmutableDictionary(
                    group => group.Key,
                    group => group.Select(code => new AllowedCode(code.System, code.Code)).ToImmutableArray()
                ),
            search
        );

    public static readonly GrantedOperation Vaccination = Granted(
        "health.immunization-recommendation.read",
        "patient",
        [
            "date",
            "recommendation.vaccineCode.coding.system",
            "recommendation.vaccineCode.coding.code",
            "recommendation.forecastStatus.coding.system",
            "recommendation.forecastStatus.coding.code",
        ],
        ["patient"],
        ("recommendation.vaccineCode.coding", "urn:ma:pni:calendrier", "2026")
    );

    public static readonly GrantedOperation Cover = Granted(
        "health.coverage.read",
        "beneficiary",
        [
            "status",
            "type.coding.system",
            "type.coding.code",
            "period.start",
            "period.end",
            "payor.identifier.system",
            "payor.identifier.value",
        ],
        ["beneficiary", "status"],
        ("type.coding", "urn:ma:regime", "AMO-TADAMON"),
        ("type.coding", "urn:ma:regime", "AMO-ACHAMIL")
    );

    public static readonly GrantedOperation Visits = Granted(
        "health.observation.read",
        "subject",
        ["status", "code.coding.system", "code.coding.code", "effectiveDateTime", "valueInteger"],
        ["patient", "code", "date"],
        ("code.coding", "http://loinc.org", "68493-6")
    );

    public static readonly GrantedOperation Doses = Granted(
        "health.immunization.read",
        "patient",
        ["status", "vaccineCode.coding.system", "vaccineCode.coding.code", "occurrence[x]", "isSubpotent", "protocolApplied.doseNumber[x]"],
        ["patient"],
        ("vaccineCode.coding", "http://hl7.org/fhir/sid/cvx", "19"),
        ("vaccineCode.coding", "http://hl7.org/fhir/sid/cvx", "03")
    );

    public static FhirProvider Provider(string search = "identifier") =>
        new(new Uri("https://health.stand-in.example:8443/fhir"), "urn:anss:id:health", search, SendElements: true)
        {
            Payor = new("urn:ma:organisme", "CNSS"),
        };

    public static ReleaseTerms Terms(DataSubject? subject = null) =>
        new()
        {
            Source = "MSPS-PNI",
            Provider = "msps",
            Sent = subject ?? Infant,
            Asked = subject ?? Infant,
            Now = SomeContract.Now,
            Today = SomeContract.Today,
            Freshness = TimeSpan.FromDays(7),
            MaxAnswerBytes = 1 << 20,
            GatewayBase = "https://gateway.anss.example",
            Fhir = Provider(),
        };
}
