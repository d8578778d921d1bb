using Agreements.Loading;

namespace Agreements.Tests;

/// <summary>Kinds of findings that one edit of a shipped contract brings about, for those that no other test did.</summary>
public sealed class ProvokedFindingsTests
{
    private const string School = "agreements/ANSS-MENPS-2026-01.yaml",
        Agency = "institutions/anss.yaml",
        Provider = "institutions/menps.yaml",
        Education = "openapi/education.yaml",
        Purposes = "reference/purposes.yaml",
        Elements = "fhir/elements.yaml";

    // May only become fewer.
    private const int NotYet = 19;

    private const string Key = "signingKeys: [ { id: anss-sign-2026, file: anss-sign-2026.jwk.json } ]";
    private const string Window = "{ days: [monday], from: \"08:00\", to: \"16:00\" }";

    public static TheoryData<string, string, string, string> Edits() =>
        new()
        {
            { School, "id: ANSS-MENPS-2026-01", "id: ANSS-MENPS-ANSS-MENPS-ANSS-MENPS-ANSS-MENPS-ANSS-2026-01", "id-long" },
            {
                School,
                "      - id: education.school-enrolment.batch\n        releaseAs: education.school-enrolment.read\n",
                "      - id: education.school-enrolment.read\n        release: [enrolment.status]\n",
                "operation-twice"
            },
            {
                School,
                "        releaseAs: education.school-enrolment.read\n",
                "        release: [enrolment.status]\n        releaseAs: education.school-enrolment.read\n",
                "release-both"
            },
            {
                School,
                "      - id: dossiers.declaration.create\n",
                "      - id: dossiers.declaration.create\n        release: [enrolment.status]\n",
                "gateway-answers"
            },
            { School, "    freshness: P7D\n", $"    hours: [ {Window}, {Window} ]\n    freshness: P7D\n", "window-twice" },
            { Agency, Key, Key.Replace(" } ]", ", from: 2026-12-31, until: 2026-01-01 } ]", StringComparison.Ordinal), "key-ends-early" },
            {
                Agency,
                "  - { code: TER-06181-01,",
                "  - { code: TER-06181-01, names: { fr: a, ar: b, en: c }, province: \"06.181.\" }\n  - { code: TER-06181-01,",
                "office-twice"
            },
            { Agency, "    auth: tls_client_auth\n", "    auth: self_signed_tls_client_auth\n", "self-signed-rules" },
            {
                Agency,
                "    certificate: { authority: anss-partners, sanUri: \"urn:anss:client:anss-eligibility\" }\n",
                "    certificate: [ { authority: a, sanUri: \"urn:a\" }, { authority: a, sanDns: b.c }, { authority: a, sanDns: c.d } ]\n",
                "certificate-rules-many"
            },
            {
                Provider,
                "seasons: [ { schoolYear: 2026-2027, reliableFrom: 2026-10-15 } ]",
                "seasons: [ { schoolYear: 2026-2027, reliableFrom: 2026-10-15 }, { schoolYear: 2026-2027, reliableFrom: 2026-10-16 } ]",
                "school-year-twice"
            },
            { Purposes, "  - code: ASD_BACK_TO_SCHOOL\n", "  - code: ASD_SCHOOLING\n", "purpose-twice" },
            { Education, "  /education/v1/school-enrolments/query:\n    post:\n", "  /education/v1/Query:\n    post:\n", "path-shape" },
            {
                Education,
                "  /education/v1/school-enrolments/query:\n",
                "  /education/v1/nothing: none\n  /education/v1/school-enrolments/query:\n",
                "path-methodless"
            },
            {
                Education,
                "  /education/v1/school-enrolments/query:\n    post:\n",
                "  /health/v1/school-enrolments/query:\n    post:\n",
                "path-sector"
            },
            { Education, "        \"200\":\n", "        \"204\":\n", "success-missing" },
            { Education, "schema: { $ref: '#/components/schemas/EnrolmentQuestion' }", "schema: none", "schema-not-mapping" },
            { Education, "additionalProperties: false", "additionalProperties: true", "object-open" },
            {
                Education,
                "      x-audit-class: STATUS\n",
                "      x-audit-class: STATUS\n      x-answered-by: gateway\n",
                "gateway-declarations"
            },
            { Education, "      additionalProperties: false\n", "", "object-unclosed" },
            { Elements, "      date: dateTime\n", "      date: dateTime\n      date[]: dateTime\n", "element-twice" },
            {
                Elements,
                "      recommendation.forecastStatus.coding:\n        system:",
                "      recommendation.forecastStatus.coding: none\n      other:\n        system:",
                "fixed-codes"
            },
        };

    [Fact]
    public void Every_kind_of_finding_has_a_test_that_provokes_it_but_for_those_that_are_named()
    {
        var lines = File.ReadAllText(Path.Combine(Texts.PublishedTexts.Root, "tests", "Agreements.Tests", "provoked-findings.txt"))
            .Replace("\n  ", " ", StringComparison.Ordinal)
            .Split('\n')
            .Where(static line => line.Length > 0 && line[0] != '#')
            .Select(static line => line.Split(": "))
            .ToDictionary(static line => line[0], static line => line[1].Split(' '));
        var tests = typeof(ProvokedFindingsTests).Assembly.GetTypes().Select(static type => type.Name).Append("nobody").ToHashSet();
        Assert.DoesNotContain(lines.Keys, name => !tests.Contains(name));
        Assert.Equal(
            LoadError.Codes.Order(StringComparer.Ordinal),
            lines.Values.SelectMany(static codes => codes).Order(StringComparer.Ordinal)
        );
        Assert.Equal(Edits().Select(static row => row.Data.Item4).Order(StringComparer.Ordinal), lines[nameof(ProvokedFindingsTests)]);
        Assert.True(lines["nobody"].Length <= NotYet, string.Join(' ', lines["nobody"]));
    }

    [Theory]
    [MemberData(nameof(Edits))]
    public void One_edit_of_a_shipped_contract_is_told_by_its_kind_in_every_language(string file, string what, string with, string code)
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit(file, what, with);
        var errors = contracts.Load().Errors;
        Assert.True(errors.Any(error => error.Code == code), string.Join('\n', errors.Select(static error => $"{error.Code}: {error}")));
        Assert.All(errors.Where(error => error.Code == code), FindingsTests.IsSpoken);
    }
}
