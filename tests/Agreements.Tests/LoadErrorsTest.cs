using Agreements.Loading;

namespace Agreements.Tests;

/// <summary>Every kind of error: one edit of the committed files gives one error, at its file and line, with what is wrong.</summary>
public sealed class LoadErrorsTest
{
    private const string School = "agreements/ANSS-MENPS-2026-01.yaml";
    private const string Health = "agreements/ANSS-SANTE-2026-01.yaml";
    private const string Work = "agreements/ANSS-ANAPEC-2026-01.yaml";
    private const string Training = "agreements/ANSS-DFP-2026-01.yaml";

    public static TheoryData<string, string, string, string> Edits() =>
        new()
        {
            // Form of an agreement.
            { School, "schema: gateway.agreement/1", "schema: gateway.agreement/2", "'schema' is not one of its values" },
            { School, "id: ANSS-MENPS-2026-01", "id: ANSS-MENPS-2026-02", "the id is not the file's name" },
            { School, "version: 3", "version: three", "'version' is not an integer" },
            { School, "version: 3", "version: \"3\"", "'version' is not an integer" },
            { School, "replaces: 2", "replaces: 1", "not the one it replaces plus one" },
            { Health, "version: 1", "version: 1\nreplaces: 1", "version 1 replaces nothing" },
            { School, "  en: Agreement", "  de: x\n  en: Agreement", "unknown key 'de'" },
            { School, "parties: [anss, menps]", "parties: [anss]", "an agreement of one party" },
            { School, "parties: [anss, menps]", "parties: [anss, menps, nobody]", "institution 'nobody' does not exist" },
            { School, "parties: [anss, menps]", "parties: [anss, menps, anss]", "occurs twice" },
            { School, "sha256: 0d7a", "sha256: XX7a", "'sha256' does not have the form" },
            { School, "languages: [fr, ar]", "languages: [fr, de]", "unknown language" },
            { School, "until: 2027-08-31", "until: 2026-08-31", "ends before it begins" },
            { School, "from: 2026-09-01", "from: 2026-09-31", "'from' is not a civil date" },
            { School, "warnDaysBefore: [60, 30, 7]", "warnDaysBefore: [60, soon, 7]", "not a number of days" },
            { School, "until: 2028-06-14", "until: 2025-06-14", "authorization ends before it begins" },
            {
                School,
                "purposes: [ASD_SCHOOLING, ASD_BACK_TO_SCHOOL]",
                "purposes: [ASD_SCHOOLING, ASD_BACK_TO_SCHOOL, ASD_NOTHING]",
                "purpose 'ASD_NOTHING' does not exist"
            },
            { School, "auditSearchable: P12M", "auditSearchable: 12 months", "not an ISO 8601 duration" },
            { School, "batchResults: P7D", "batchResults: P7D\n  other: P1D", "unknown key 'other'" },
            { School, "perDay: 2000000, perMonth: 9000000", "perDay: 0", "'perDay' is not an integer from" },
            { School, "perDay: 2000000, perMonth: 9000000", "perDay: 2000000, burstPerSecond: 5", "unknown key 'burstPerSecond'" },
            { School, "quotas: { perDay: 2000000, perMonth: 9000000 }", "quotas: {}", "bound nothing" },
            // Form of a grant.
            { School, "  - id: schooling", "  - id: Schooling", "'id' does not have the form" },
            { School, "  - id: back-to-school", "  - id: schooling", "grant id occurs twice" },
            { School, "clause: art. 4", "clause: 4", "read by YAML as a number" },
            { School, "clients: [anss-eligibility, anss-batch]", "clients: anss-eligibility", "'clients' is not a list" },
            {
                School,
                "linking: { from: 2026-08-15, until: 2026-09-30 }",
                "linking: { from: 2026-08-15, until: 2026-07-30 }",
                "the window ends before it begins"
            },
            { School, "agent: none", "agent: maybe", "'agent' is not one of its values" },
            { School, "gate: open-dossier", "gate: open", "'gate' is not one of its values" },
            { School, "provinces: all", "provinces: most", "'provinces' is not one of its values" },
            { School, "freshness: P7D", "freshness: P", "not an ISO 8601 duration" },
            { School, "maxBytes: 16384", "maxBytes: 16", "'maxBytes' is not an integer from" },
            { School, "deadline: PT8S", "deadline: PT80S", "the deadline is not between 1 and 60 seconds" },
            { School, "burstPerSecond: 300", "burstPerSecond: 0", "'burstPerSecond' is not an integer from" },
            { School, "perSubjectPerDay: 4, ", "perSubjectPerDay: 4, perWeek: 5, ", "unknown key 'perWeek'" },
            // What a grant may say.
            { School, "purpose: ASD_SCHOOLING", "purpose: ASD_NOTHING", "purpose 'ASD_NOTHING' does not exist" },
            {
                School,
                "legalBasis: [MA-L-58-23, MA-D-2-23-1067]",
                "legalBasis: [MA-L-58-23, MA-L-00-00]",
                "legal basis 'MA-L-00-00' does not exist"
            },
            { School, "consumer: anss", "consumer: nobody", "institution 'nobody' does not exist" },
            { School, "consumer: anss", "consumer: dfp", "named as 'consumer', is no party" },
            {
                School,
                "clients: [anss-eligibility, anss-batch]",
                "clients: [anss-eligibility, anss-nothing]",
                "system 'anss-nothing' does not exist"
            },
            { School, "code: MENPS-MASSAR", "code: MENPS-OTHER", "has no source 'MENPS-OTHER'" },
            {
                School,
                "institution: dfp, under: ANSS-DFP-2026-01",
                "institution: nobody, under: ANSS-DFP-2026-01",
                "institution 'nobody' does not exist"
            },
            { School, ", under: ANSS-DFP-2026-01", "", "without the agreement that covers it" },
            { School, "under: ANSS-DFP-2026-01", "under: ANSS-DFP-2027-01", "agreement 'ANSS-DFP-2027-01' does not exist" },
            {
                School,
                "subjectSchemes: [sector-token, idcs]",
                "subjectSchemes: [sector-token, massar-code]",
                "a scheme that no requesting institution may send"
            },
            { School, ", missesPerDay: 150000", "", "'idcs' without 'missesPerDay'" },
            { School, "agent: required", "agent: optional", "no agent is required" },
            { School, ", perAgentPerDay: 60", "", "no quota per agent" },
            { School, "qualities: [ASD_CHILD_SCHOOL_AGE]", "qualities: [ASD_NOTHING]", "quality 'ASD_NOTHING' does not exist" },
            { School, ", qualities: [ASD_CHILD_SCHOOL_AGE]", "", "a gate without qualities" },
            { School, "declaredBy: anss", "declaredBy: dfp", "the gate is not declared by a party" },
            { School, "provinces: office", "provinces: [\"06.181.\", \"06.999.\"]", "area '06.999.' does not exist" },
            {
                School,
                "    freshness: P7D\n",
                "    contest: { window: P1M, reviewDue: P15D }\n    freshness: P7D\n",
                "'contest' without the review operations"
            },
            { School, "    freshness: P7D\n", "    forward: [agent]\n    freshness: P7D\n", "unknown thing to forward" },
            { Work, "consent: required", "consent: optional", "'INCLUSION_EMPLOYMENT' needs recorded consent" },
            // What an operation may say.
            {
                School,
                "id: education.school-enrolment.read\n        release: [enrolment.status, enrolment.schoolYear, enrolment.cycle",
                "id: education.nothing.read\n        release: [enrolment.status, enrolment.schoolYear, enrolment.cycle",
                "operation 'education.nothing.read' does not exist"
            },
            { Work, "id: employment.job-seeker-status.read", "id: health.immunization.read", "not foreseen for 'ASD_ELIGIBILITY'" },
            {
                School,
                "release: [enrolment.status, enrolment.schoolYear, enrolment.since]",
                "release: [enrolment.status, enrolment.schoolYear, enrolment.grade]",
                "path 'enrolment.grade' does not exist"
            },
            {
                School,
                "release: [enrolment.status, enrolment.schoolYear, enrolment.since]",
                "release: [enrolment]",
                "path 'enrolment' is an object"
            },
            {
                School,
                "release: [enrolment.status, enrolment.schoolYear, enrolment.since]",
                "release: [enrolment.status, asOf]",
                "path 'asOf' belongs to the envelope"
            },
            { School, "releaseAs: education.school-enrolment.read", "releaseAs: education.nothing.read", "which the grant does not have" },
            {
                Work,
                "        release: [jobSeeker.status]\n",
                "        search: [patient]\n        release: [jobSeeker.status]\n",
                "'search' belongs to FHIR"
            },
            { Work, "maxBytes: 16384", "maxBytes: 100000", "'maxBytes' is larger than 65536" },
            { Training, "provider: dfp\n", "provider: anss\n", "does not have the role 'provider'" },
            // Health.
            { Health, "caseReference: required", "caseReference: optional", "a sensitive operation without case reference" },
            { Health, "          - patient.identifier.value\n", "", "the person's identifier is not disclosed" },
            { Health, "          - date\n", "", "element 'date' of 'ImmunizationRecommendation' is not disclosed" },
            {
                Health,
                "          - date\n",
                "          - date\n          - note\n",
                "element 'note' of 'ImmunizationRecommendation' does not exist"
            },
            {
                Health,
                "          - date\n",
                "          - date\n          - recommendation.vaccineCode\n",
                "'recommendation.vaccineCode' is not a leaf"
            },
            {
                Health,
                "          - date\n",
                "          - date\n          - patient.identifier.use\n",
                "does not exist in the element table"
            },
            {
                Health,
                "          - recommendation.vaccineCode.coding.system\n",
                "",
                "disclosed without 'recommendation.vaccineCode.coding.system'"
            },
            { Health, "          - valueInteger\n", "", "'value[x]' is not disclosed" },
            {
                Health,
                "search: [patient]",
                "search: [patient, lot-number]",
                "search parameter 'lot-number' of 'ImmunizationRecommendation' does not exist"
            },
            { Health, "search: [patient, code, date]", "search: [patient, date]", "search parameter 'code' is missing" },
            { Health, "search: [beneficiary, status]", "search: [status]", "search parameter 'beneficiary' is missing" },
            { Health, "- path: type.coding", "- path: status", "'type.coding' is disclosed without a list of codes" },
            { Health, "provider: cnss", "provider: msps", "does not answer for 'Coverage'" },
            // Institutions and clients.
            { "institutions/menps.yaml", "id: menps\n", "id: other\n", "the id is not the file's name" },
            { "institutions/menps.yaml", "sector: education", "sector: schools", "unknown sector" },
            { "institutions/menps.yaml", "999000102000064", "999000102000065", "not an organisation number" },
            { "institutions/menps.yaml", "roles: [consumer, provider]", "roles: [consumer, provider, judge]", "unknown role" },
            { "institutions/menps.yaml", "https://localhost:9443/exchange", "http://localhost:9443/exchange", "not an https address" },
            { "institutions/menps.yaml", "https://localhost:9443/exchange", "https://localhost:9443/exchange/", "not an https address" },
            { "institutions/menps.yaml", "schoolYear: 2026-2027", "schoolYear: 2026-2028", "not a school year" },
            {
                "institutions/menps.yaml",
                "  undeclaredFields: strip",
                "  windows: [ { from: \"25:00\", to: \"06:00\" } ]\n  undeclaredFields: strip",
                "'from' is not a time of day"
            },
            {
                "institutions/menps.yaml",
                "  undeclaredFields: strip",
                "  maintenance: [ { days: [someday], from: \"02:00\", to: \"04:00\" } ]\n  undeclaredFields: strip",
                "not a day of the week"
            },
            {
                "institutions/menps.yaml",
                "  undeclaredFields: strip",
                "  paths: { education.nothing.read: /v1/x }\n  undeclaredFields: strip",
                "operation 'education.nothing.read' does not exist"
            },
            { "institutions/mesri.yaml", "code: MESRI", "code: DFP", "is declared by 'dfp' too" },
            {
                "institutions/msps.yaml",
                "types: [ImmunizationRecommendation, Observation]",
                "types: [ImmunizationRecommendation, Observation, Patient]",
                "resource type 'Patient' is not in the element table"
            },
            { "institutions/cnss.yaml", "    payor: { system: \"urn:ma:organisme\", value: CNSS }\n", "", "'Coverage' without 'payor'" },
            { "institutions/anss.yaml", "- id: anss-inclusion", "- id: menps-inclusion", "does not begin with its institution's id" },
            {
                "institutions/anss.yaml",
                "office: TER-06181-01",
                "office: TER-06181-02",
                "office 'TER-06181-02' is not one of the institution's"
            },
            { "institutions/anss.yaml", "province: \"06.181.\"", "province: \"06.182.\"", "province '06.182.' does not exist" },
            { "institutions/anss.yaml", "province: \"06.181.\"", "province: \"06.467.\"", "does not carry the digits of its province" },
            { "institutions/anss.yaml", "file: anss-batch.jwks.json", "file: ../anss-batch.jwks.json", "a plain file name" },
            {
                "institutions/anss.yaml",
                "file: anss-batch.jwks.json",
                "file: anss-eligibility.jwks.json",
                "a key is shared with system 'anss-eligibility'"
            },
            {
                "institutions/anss.yaml",
                "sanUri: \"urn:anss:client:anss-batch\"",
                "sanUri: \"urn:anss:client:anss-eligibility\"",
                "matches system 'anss-eligibility' too"
            },
            {
                "institutions/anss.yaml",
                "{ authority: anss-partners, sanUri: \"urn:anss:client:anss-inclusion\" }",
                "{ spkiSha256: 10c67d7efb95cfebbe15856257ee0e74062eb494ae1ff854d5a9420b792b1e5e }",
                "tls_client_auth needs named rules"
            },
            {
                "institutions/anss.yaml",
                "{ authority: anss-partners, sanUri: \"urn:anss:client:anss-inclusion\" }",
                "{ authority: anss-partners }",
                "exactly one of"
            },
            {
                "institutions/anss.yaml",
                "{ authority: anss-partners, sanUri: \"urn:anss:client:anss-batch\" }",
                "{ x5tS256: abc }",
                "not the base64url SHA-256"
            },
            {
                "institutions/anss.yaml",
                "limits: { tokensPerMinute: 60",
                "sourceNetworks: [ \"198.51.100.1/24\" ]\n    limits: { tokensPerMinute: 60",
                "not a network"
            },
            {
                "institutions/anss.yaml",
                "limits: { tokensPerMinute: 60",
                "operations: [education.nothing.read]\n    limits: { tokensPerMinute: 60",
                "operation 'education.nothing.read' does not exist"
            },
            {
                "institutions/anss.yaml",
                "limits: { tokensPerMinute: 60",
                "keys: [ { kid: nokey, from: 2026-01-05, until: 2027-02-05 } ]\n    limits: { tokensPerMinute: 60",
                "no key of the set has this thumbprint"
            },
            {
                "institutions/anss.yaml",
                "signingKeys: [ { id: anss-sign-2026, file: anss-sign-2026.jwk.json }",
                "signingKeys: [ { id: anss-sign-2026, file: missing.jwk.json }",
                "key file 'missing.jwk.json' does not exist"
            },
            { "institutions/msps.yaml", "    search: identifier\n", "    search: two-step\n", "'search: two-step' is not built yet" },
            // Contracts, reference data, suspensions.
            { "openapi/education.yaml", "openapi: 3.1.0", "openapi: 3.0.3", "not OpenAPI 3.1" },
            {
                "openapi/education.yaml",
                "operationId: education.school-enrolment.read",
                "operationId: schoolEnrolment",
                "the form sector.noun.verb"
            },
            { "openapi/education.yaml", "x-audit-class: STATUS\n", "x-audit-class: SOFT\n", "'x-audit-class' is not one of its values" },
            { "openapi/education.yaml", "positive: [ENROLLED]", "positive: [THERE]", "a value that the status does not have" },
            { "openapi/education.yaml", "path: enrolment.status", "path: enrolment.state", "names no member with a closed list" },
            {
                "openapi/education.yaml",
                "x-batch-of: education.school-enrolment.read",
                "x-batch-of: education.nothing.read",
                "'x-batch-of' names no single operation"
            },
            { "openapi/education.yaml", "x-part: purge", "x-part: other", "'x-part' is not one of its values" },
            {
                "openapi/education.yaml",
                "'common.yaml#/components/schemas/DataSubject'",
                "'https://example.org/x.yaml#/components/schemas/DataSubject'",
                "$ref leads outside"
            },
            {
                "openapi/education.yaml",
                "'common.yaml#/components/schemas/DataSubject'",
                "'common.yaml#/components/schemas/Nothing'",
                "$ref names nothing"
            },
            { "openapi/education.yaml", "x-rule: school-year", "x-rule: some-year", "unknown rule of 'x-rule'" },
            {
                "openapi/education.yaml",
                "cycle: { type: string, enum: ",
                "cycle: { type: string, nullable: true, enum: ",
                "unknown key 'nullable'"
            },
            {
                "openapi/education.yaml",
                "schoolCode: { type: string, pattern: '^[0-9]{5}[A-Z]$', maxLength: 6, ",
                "schoolCode: { type: string, ",
                "a text without bound"
            },
            {
                "openapi/education.yaml",
                "pattern: '^[0-9]{5}[A-Z]$'",
                "pattern: '^(?=x)[0-9]{5}[A-Z]$'",
                "the pattern is not an anchored expression"
            },
            {
                "openapi/education.yaml",
                "x-purposes: [ASD_SCHOOLING, ASD_BACK_TO_SCHOOL]",
                "x-purposes: [ASD_SCHOOLING, ASD_BACK_TO_SCHOOL, ASD_NOTHING]",
                "purpose 'ASD_NOTHING' does not exist"
            },
            { "fhir/elements.yaml", "fhirVersion: 4.0.1", "fhirVersion: 5.0.0", "not FHIR 4.0.1" },
            { "fhir/elements.yaml", "      date: dateTime\n", "      date: moment\n", "unknown FHIR primitive" },
            {
                "fhir/elements.yaml",
                "mandatory: [patient, date, recommendation,",
                "mandatory: [patient, date, nothing, recommendation,",
                "'nothing' stands over no element"
            },
            { "fhir/operations.yaml", "type: Encounter", "type: Patient", "type 'Patient' is not in the element table" },
            {
                "reference/purposes.yaml",
                "legalBasis: [MA-D-2-24-706]",
                "legalBasis: [MA-D-2-24-706, MA-L-00-00]",
                "legal basis 'MA-L-00-00' does not exist"
            },
            { "reference/areas.yaml", "code: \"06.467.\"", "code: \"6.467.\"", "'code' does not have the form" },
            { "suspensions.yaml", "id: ANSS-CNSS-2026-01", "id: ANSS-CNSS-2027-01", "agreement 'ANSS-CNSS-2027-01' does not exist" },
            { "suspensions.yaml", "kind: agreement", "kind: person", "'kind' is not one of its values" },
            { "suspensions.yaml", "by: cnss", "by: nobody", "institution 'nobody' does not exist" },
            // YAML.
            { School, "parties: [anss, menps]", "parties: &p [anss, menps]", "anchor" },
            { School, "parties: [anss, menps]", "parties: *p", "alias" },
            { School, "parties: [anss, menps]", "parties: !!seq [anss, menps]", "tag" },
            { School, "version: 3\n", "version: 3\nversion: 4\n", "key 'version' occurs twice" },
            { School, "grants:\n", "<<: { a: b }\ngrants:\n", "merge key" },
            { School, "grants:\n", "---\ngrants:\n", "a second document" },
            { School, "grants:\n", "? [a]\n: b\ngrants:\n", "a key that is not a scalar" },
            { School, "grants:\n", "gr\tants:\n", "U+0009 is not allowed" },
            { School, "version: 3\n", "version: 3\r\n", "U+000D is not allowed" },
            { School, "parties: [anss, menps]", "parties: [anss, menps", "not YAML" },
            {
                School,
                "clause: art. 4",
                "clause: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
                "nested deeper than"
            },
        };

    [Theory]
    [MemberData(nameof(Edits))]
    public void One_wrong_thing_is_reported_at_its_place_with_a_remedy(string file, string what, string with, string expected)
    {
        using var contracts = new TheContracts(signed: false);
        var line = contracts.Edit(file, what, with);
        var load = contracts.Load();
        Assert.Null(load.Registry);
        var errors = load.Errors.Where(error => error.Severity is LoadSeverity.Error).ToArray();
        Assert.Contains(errors, error => error.What.Contains(expected, StringComparison.Ordinal) && error.File == file);
        var told = errors.First(error => error.What.Contains(expected, StringComparison.Ordinal));
        Assert.NotEmpty(told.Remedy);
        Assert.All(load.Errors, FindingsTests.IsSpoken);
        Assert.True(Near(told.Line, line, contracts.Read(file)), $"{told} for an edit at line {line}");
    }

    // An error stands on the line of the edit or on the key, item or block of which the edited text was a part.
    private static bool Near(int told, int edited, string text)
    {
        if (told == edited || told == edited + 1)
            return true;
        if (told == 0)
            return text.Length > 0;
        var lines = text.Split('\n');
        static int Indent(string line) => line.Length - line.TrimStart(' ', '-').Length;
        return told < edited + 2
            && Enumerable
                .Range(told, Math.Max(0, edited - told))
                .All(i => i >= lines.Length || Indent(lines[i]) >= Indent(lines[told - 1]) - 2);
    }
}
