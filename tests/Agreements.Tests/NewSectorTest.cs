using Agreements.Contracts;
using Agreements.Loading;

namespace Agreements.Tests;

/// <summary>A new exchange is a contract and an agreement: sectors that are not offered yet, under the rules that wait for them.</summary>
public sealed class NewSectorTest
{
    private const string Care = "agreements/ANSS-CARE-2026-01.yaml";

    private static string Contract(string sector, string id, string auditClass, string purpose) =>
        $$"""
            openapi: 3.1.0
            info: { title: New, version: "1.0" }
            paths:
              /{{sector}}/v1/questions/query:
                post:
                  operationId: {{id}}
                  x-audit-class: {{auditClass}}
                  x-purposes: [{{purpose}}]
                  x-subject: required
                  x-provider-path: /v1/questions/query
                  requestBody:
                    content:
                      application/json:
                        schema:
                          type: object
                          required: [subject]
                          properties:
                            subject: { $ref: 'common.yaml#/components/schemas/DataSubject' }
                          additionalProperties: false
                  responses:
                    "200":
                      description: Answered.
                      content:
                        application/json:
                          schema:
                            type: object
                            allOf:
                              - { $ref: 'common.yaml#/components/schemas/Envelope' }
                            properties:
                              found: { type: boolean }
                            unevaluatedProperties: false

            """;

    private static string Convention(
        string operation,
        string purpose,
        string agent = "required",
        string gate = "gate: open-dossier, declaredBy: anss, qualities: [CARE_CHILD]"
    ) =>
        $$"""
            schema: gateway.agreement/1
            id: ANSS-CARE-2026-01
            version: 1
            title: { fr: a, ar: b, en: c }
            parties: [anss, menps]
            text: { reference: none yet, languages: [fr, ar], sha256: 0d7af3bcb1e2d8160750e4d69027c97be12e7ffbba8d4083c40599445236a919 }
            validity: { from: 2026-09-01, until: 2027-08-31, warnDaysBefore: [30] }
            priorAuthorization: { number: N-1, on: 2026-01-01, until: 2028-01-01, purposes: [{{purpose}}] }
            retention: { auditSearchable: P12M, auditArchived: P5Y, batchResults: P7D }
            grants:
              - id: one
                clause: art. 1
                purpose: {{purpose}}
                legalBasis: [MA-L-58-23]
                consumer: anss
                provider: menps
                sources: [ { code: MENPS-MASSAR, institution: menps } ]
                subjectSchemes: [sector-token]
                require: { caseReference: required, agent: {{agent}}, consent: none }
                population: { {{gate}} }
                territory: { provinces: all }
                quotas: { burstPerSecond: 5 }
                operations:
                  - id: {{operation}}
                    release: [found]

            """;

    private static TheContracts With(string contract, string sector, string convention)
    {
        var contracts = new TheContracts();
        contracts.Write($"openapi/{sector}.yaml", contract);
        contracts.Write(Care, convention);
        contracts.Sign("ANSS-CARE-2026-01");
        return contracts;
    }

    private static string[] Errors(TheContracts contracts) =>
        [.. contracts.Load().Errors.Where(error => error.Severity is LoadSeverity.Error).Select(error => error.What)];

    [Fact]
    public void A_new_sector_needs_a_contract_and_an_agreement_and_no_code()
    {
        using var contracts = With(
            Contract("registries", "registries.question.read", "STATUS", "ASD_CARE_CHILD"),
            "registries",
            Convention("registries.question.read", "ASD_CARE_CHILD")
                .Replace("[sector-token]", "[household-id]", StringComparison.Ordinal)
                .Replace("menps", "registry", StringComparison.Ordinal)
                .Replace("MENPS-MASSAR", "REGISTRY", StringComparison.Ordinal)
        );
        // Registries are asked about households by their numbers.
        contracts.Write(
            "institutions/registry.yaml",
            contracts
                .Read("institutions/anapec.yaml")
                .Replace("anapec", "registry", StringComparison.Ordinal)
                .Replace("ANAPEC", "REGISTRY", StringComparison.Ordinal)
                .Replace("identifierScheme: sector-token", "identifierScheme: household-id", StringComparison.Ordinal)
        );
        contracts.Write("institutions/registry-sign-2026.jwk.json", TheContracts.Jwk("registry-sign-2026"));
        contracts.Sign("ANSS-CARE-2026-01");
        var registry = contracts.Registry();
        Assert.Equal(
            ("registries", AuditClass.Status),
            (registry.Operations["registries.question.read"].Sector, registry.Operations["registries.question.read"].AuditClass)
        );
        Assert.Equal(AgreementState.InForce, AgreementStatus.Of(registry, registry.Agreements["ANSS-CARE-2026-01"], TheContracts.Today));
    }

    [Fact]
    public void Children_in_care_need_two_signatures_of_the_agency()
    {
        using var contracts = With(
            Contract("care", "care.question.read", "SENSITIVE", "ASD_CARE_CHILD"),
            "care",
            Convention("care.question.read", "ASD_CARE_CHILD")
        );
        var registry = contracts.Registry();
        Assert.Equal(AgreementState.Unsigned, AgreementStatus.Of(registry, registry.Agreements["ANSS-CARE-2026-01"], TheContracts.Today));
        contracts.Edit(
            "institutions/anss.yaml",
            "signingKeys: [ ",
            "signingKeys: [ { id: anss-second-2026, file: anss-second-2026.jwk.json }, "
        );
        contracts.Write("institutions/anss-second-2026.jwk.json", TheContracts.Jwk("anss-second-2026"));
        contracts.Write(
            Care,
            Signatures.AgreementSignature.Append(
                contracts.Read(Care),
                [Sign("anss", "anss-sign-2026"), Sign("anss", "anss-second-2026"), Sign("menps", "menps-sign-2026")]
            )
        );
        registry = contracts.Registry();
        Assert.Equal(AgreementState.InForce, AgreementStatus.Of(registry, registry.Agreements["ANSS-CARE-2026-01"], TheContracts.Today));
        contracts.Write(
            Care,
            Signatures.AgreementSignature.Append(
                contracts.Read(Care),
                [Sign("anss", "anss-sign-2026"), Sign("anss", "anss-sign-2026"), Sign("menps", "menps-sign-2026")]
            )
        );
        Assert.Contains("the institution signs twice: 'anss'", Errors(contracts));
    }

    [Fact]
    public void Children_in_care_need_an_agent()
    {
        using var contracts = With(
            Contract("care", "care.question.read", "SENSITIVE", "ASD_CARE_CHILD"),
            "care",
            Convention("care.question.read", "ASD_CARE_CHILD", agent: "optional")
        );
        Assert.Contains("operation 'care.question.read': a care operation without agent", Errors(contracts));
    }

    [Fact]
    public void Children_in_care_are_for_care_institutions_and_the_agency()
    {
        using var contracts = With(
            Contract("care", "care.question.read", "SENSITIVE", "ASD_CARE_CHILD"),
            "care",
            Convention("care.question.read", "ASD_CARE_CHILD").Replace("consumer: anss", "consumer: menps", StringComparison.Ordinal)
        );
        Assert.Contains("operation 'care.question.read': a care operation for a system of another sector", Errors(contracts));
    }

    [Fact]
    public void An_answer_of_the_agency_needs_a_gate_that_the_consumer_declares()
    {
        using var contracts = With(
            Contract("agency", "agency.question.read", "STATUS", "ASD_CARE_CHILD"),
            "agency",
            Convention("agency.question.read", "ASD_CARE_CHILD", gate: "gate: open-dossier, declaredBy: menps, qualities: [CARE_CHILD]")
        );
        Assert.Contains(
            "operation 'agency.question.read': an answer of the agency without a gate declared by the requesting institution",
            Errors(contracts)
        );
    }

    [Fact]
    public void Nobody_asks_about_a_person_without_a_gate()
    {
        using var contracts = With(
            Contract("registries", "registries.question.read", "STATUS", "ASD_CARE_CHILD"),
            "registries",
            Convention("registries.question.read", "ASD_CARE_CHILD", gate: "gate: none")
        );
        Assert.Contains("operation 'registries.question.read': a request about a person without gate", Errors(contracts));
    }

    [Theory]
    [InlineData("[sector-token]")]
    [InlineData("[idcs]")]
    [InlineData("[household-id, idcs]")]
    public void The_registries_are_asked_about_households_only(string schemes)
    {
        using var contracts = With(
            Contract("registries", "registries.question.read", "STATUS", "ASD_CARE_CHILD"),
            "registries",
            Convention("registries.question.read", "ASD_CARE_CHILD").Replace("[sector-token]", schemes, StringComparison.Ordinal)
        );
        Assert.Contains(
            "operation 'registries.question.read': the registries are asked about households, and no token of theirs travels",
            Errors(contracts)
        );
    }

    [Fact]
    public void A_gate_of_its_own_placements_takes_no_qualities()
    {
        using var contracts = With(
            Contract("care", "care.question.read", "SENSITIVE", "ASD_CARE_CHILD"),
            "care",
            Convention("care.question.read", "ASD_CARE_CHILD", gate: "gate: own-placement, qualities: [CARE_CHILD]")
        );
        Assert.Contains("gate 'own-placement' takes neither 'declaredBy' nor 'qualities'", Errors(contracts));
    }

    [Fact]
    public void Two_contracts_cannot_claim_one_operation()
    {
        using var contracts = With(
            Contract("education", "education.school-enrolment.read", "STATUS", "ASD_SCHOOLING"),
            "other",
            Convention("education.school-enrolment.read", "ASD_SCHOOLING")
        );
        Assert.Contains("operation 'education.school-enrolment.read' is declared twice", Errors(contracts));
    }

    [Fact]
    public void References_that_multiply_or_turn_in_circles_end()
    {
        using var contracts = new TheContracts();
        var schemas = string.Concat(
            Enumerable
                .Range(0, 14)
                .Select(i =>
                    $"    S{i}:\n      type: object\n      additionalProperties: false\n      properties:\n"
                    + string.Concat(
                        Enumerable.Range(0, 9).Select(j => $"        m{j}: {{ $ref: '#/components/schemas/S{(i + 1) % 14}' }}\n")
                    )
                )
        );
        contracts.Write("openapi/bomb.yaml", $"openapi: 3.1.0\ninfo: {{ title: x, version: \"1\" }}\ncomponents:\n  schemas:\n{schemas}");
        Assert.Contains(Errors(contracts), what => what.Contains("refer to themselves", StringComparison.Ordinal));
    }

    [Fact]
    public void A_document_that_is_too_long_is_refused_unread()
    {
        using var contracts = new TheContracts();
        contracts.Write("reference/areas.yaml", new string('#', (1 << 20) + 1));
        Assert.Contains("larger than 1048576 bytes", Errors(contracts));
    }

    private static Signatures.Signer Sign(string party, string key) =>
        new(party, "legal representative", new DateOnly(2026, 8, 20), key, TheContracts.Key(key));
}
