using Agreements.Loading;

namespace Agreements.Tests;

public sealed class LoadingTest
{
    private static LoadError[] Errors(RegistryLoad load) => [.. load.Errors.Where(error => error.Severity is LoadSeverity.Error)];

    [Fact]
    public void All_errors_of_all_files_are_reported_at_once()
    {
        using var contracts = new TheContracts(signed: false);
        var one = contracts.Edit("agreements/ANSS-MENPS-2026-01.yaml", "version: 3", "version: x");
        var two = contracts.Edit("agreements/ANSS-MENPS-2026-01.yaml", "enrolment.schoolCode", "enrolment.name");
        var three = contracts.Edit("institutions/anss.yaml", "- id: anss-inclusion", "- id: inclusion");
        var four = contracts.Edit("suspensions.yaml", "by: cnss", "by: nobody");
        var places = Errors(contracts.Load()).Select(error => (error.File, error.Line)).ToHashSet();
        Assert.Contains(("agreements/ANSS-MENPS-2026-01.yaml", one), places);
        Assert.Contains(("agreements/ANSS-MENPS-2026-01.yaml", two), places);
        Assert.Contains(("institutions/anss.yaml", three), places);
        Assert.Contains(("suspensions.yaml", four), places);
    }

    [Fact]
    public void A_broken_contract_is_not_blamed_on_the_agreements()
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit("openapi/education.yaml", "openapi: 3.1.0", "openapi: [");
        Assert.All(Errors(contracts.Load()), error => Assert.Equal("openapi/education.yaml", error.File));
    }

    [Fact]
    public void A_broken_institution_is_not_blamed_on_the_agreements()
    {
        using var contracts = new TheContracts();
        contracts.Edit("institutions/menps.yaml", "class: public", "class: [");
        Assert.All(Errors(contracts.Load()), error => Assert.Equal("institutions/menps.yaml", error.File));
    }

    [Theory]
    [InlineData("institutions/anss-batch.jwks.json", "institutions/anss.yaml", "key file 'anss-batch.jwks.json' does not exist")]
    [InlineData("institutions/menps-sign-2026.jwk.json", "institutions/menps.yaml", "key file 'menps-sign-2026.jwk.json' does not exist")]
    [InlineData("reference/purposes.yaml", "reference/purposes.yaml", "the file is missing")]
    [InlineData("suspensions.yaml", "suspensions.yaml", "the file is missing")]
    [InlineData("fhir/elements.yaml", "fhir/elements.yaml", "the file is missing")]
    [InlineData("agreements/ANSS-CNSS-2026-01.yaml", "suspensions.yaml", "does not exist")]
    public void A_missing_file_is_named(string missing, string file, string what)
    {
        using var contracts = new TheContracts();
        File.Delete(contracts.At(missing));
        Assert.Contains(Errors(contracts.Load()), error => error.File == file && error.What.Contains(what, StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_directory_is_an_error_like_any_other() =>
        Assert.Equal(".", Errors(RegistryLoader.Load("does/not/exist", TheContracts.Time))[0].File);

    [Theory]
    [InlineData("""{"keys":[]}""", "the key set cannot be used")]
    [InlineData("""{"keys":[{"kty":"oct","k":"AAAA"}]}""", "private member")]
    [InlineData("nonsense", "not JSON")]
    public void A_key_file_that_cannot_be_used_is_reported_where_it_is_named(string json, string what)
    {
        using var contracts = new TheContracts();
        contracts.Write("institutions/anss-batch.jwks.json", json);
        var error = Assert.Single(Errors(contracts.Load()));
        Assert.Equal("institutions/anss.yaml", error.File);
        Assert.Contains(what, error.What, StringComparison.Ordinal);
        Assert.True(error.Line > 1);
    }

    [Fact]
    public void Three_keys_at_a_time_are_too_many()
    {
        using var contracts = new TheContracts();
        contracts.Write(
            "institutions/anss-batch.jwks.json",
            $$"""{"keys":[{{TheContracts.Jwk("a")}},{{TheContracts.Jwk("b")}},{{TheContracts.Jwk("c")}}]}"""
        );
        Assert.Contains("more than two keys", Assert.Single(Errors(contracts.Load())).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Suspending_touches_no_signed_byte()
    {
        using var contracts = new TheContracts();
        var before = contracts.Registry().Agreements["ANSS-MENPS-2026-01"];
        contracts.Edit(
            "suspensions.yaml",
            "suspensions:\n",
            "suspensions:\n  - { kind: agreement, id: ANSS-MENPS-2026-01, by: menps, since: 2026-11-01 }\n"
        );
        var registry = contracts.Registry();
        var after = registry.Agreements["ANSS-MENPS-2026-01"];
        Assert.Equal((before.Digest, true), (after.Digest, after.Signed));
        Assert.Equal(AgreementState.Suspended, AgreementStatus.Of(registry, after, TheContracts.Today));
        Assert.Equal(AgreementState.InForce, AgreementStatus.Of(registry, after, new DateOnly(2026, 10, 31)));
    }

    [Fact]
    public void The_digest_changes_with_every_file_and_with_nothing_else()
    {
        using var contracts = new TheContracts();
        var digest = contracts.Registry().Digest;
        Assert.Equal(22, digest.Length);
        contracts.Write("README.md", "for people");
        Assert.Equal(digest, contracts.Registry().Digest);
        contracts.Edit("reference/areas.yaml", "# Regions", "#  Regions");
        Assert.NotEqual(digest, contracts.Registry().Digest);
    }

    [Fact]
    public void Equal_lists_are_one_list()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Registry();
        var single = registry
            .FindGrant("ANSS-MENPS-2026-01", "anss", "ASD_SCHOOLING", "education.school-enrolment.read")!
            .Operation.Release;
        Assert.True(
            single == registry.FindGrant("ANSS-DFP-2026-01", "anss", "ASD_SCHOOLING", "education.school-enrolment.batch")!.Operation.Release
        );
        Assert.False(
            single
                == registry
                    .FindGrant("ANSS-MENPS-2026-01", "anss", "ASD_BACK_TO_SCHOOL", "education.school-enrolment.read")!
                    .Operation.Release
        );
    }

    [Fact]
    public void A_basis_not_cited_for_the_purpose_is_a_warning()
    {
        using var contracts = new TheContracts(signed: false);
        var line = contracts.Edit(
            "agreements/ANSS-MENPS-2026-01.yaml",
            "legalBasis: [MA-D-2-24-706]",
            "legalBasis: [MA-D-2-24-706, MA-L-09-08]"
        );
        var load = contracts.Load();
        Assert.NotNull(load.Registry);
        Assert.Contains(load.Errors, error =>
            error.Line == line && error.Severity is LoadSeverity.Warning && error.What.Contains("MA-L-09-08", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Legs_that_go_in_a_circle_do_not_load()
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit(
            "agreements/ANSS-DFP-2026-01.yaml",
            "      - { code: DFP, institution: dfp }\n",
            "      - { code: DFP, institution: dfp }\n      - { code: MENPS-MASSAR, institution: menps, under: ANSS-MENPS-2026-01 }\n"
        );
        Assert.Contains(Errors(contracts.Load()), error => error.What.Contains("'under' goes in a circle", StringComparison.Ordinal));
    }

    [Fact]
    public void A_leg_must_grant_what_the_agreement_asks_of_it()
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit(
            "agreements/ANSS-DFP-2026-01.yaml",
            "      - id: education.school-enrolment.batch\n        releaseAs: education.school-enrolment.read\n",
            ""
        );
        Assert.Contains(Errors(contracts.Load()), error =>
            error.File == "agreements/ANSS-MENPS-2026-01.yaml"
            && error.What.Contains("does not grant 'education.school-enrolment.batch'", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void ReleaseAs_in_a_circle_does_not_load()
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit(
            "agreements/ANSS-MENPS-2026-01.yaml",
            "release: [enrolment.status, enrolment.schoolYear, enrolment.since]",
            "releaseAs: education.school-enrolment.batch"
        );
        Assert.Contains(Errors(contracts.Load()), error => error.What == "'releaseAs' goes in a circle");
    }

    [Fact]
    public void The_same_operation_for_the_same_purpose_twice_does_not_load()
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit("agreements/ANSS-MENPS-2026-01.yaml", "purpose: ASD_BACK_TO_SCHOOL", "purpose: ASD_SCHOOLING");
        Assert.Contains(Errors(contracts.Load()), error => error.What.Contains("granted twice", StringComparison.Ordinal));
    }

    [Fact]
    public void An_international_body_gets_no_person()
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit("institutions/anss.yaml", "class: agency", "class: international");
        Assert.Contains(Errors(contracts.Load()), error =>
            error.What.EndsWith("an international institution gets aggregates only", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_choice_element_stands_for_every_supported_spelling()
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit("agreements/ANSS-SANTE-2026-01.yaml", "          - valueInteger\n", "          - value[x]\n");
        contracts.Edit(
            "agreements/ANSS-SANTE-2026-01.yaml",
            "          - path: code.coding\n",
            "          - path: valueCodeableConcept.coding\n            allow: [ { system: \"http://loinc.org\", code: LA15173-0 } ]\n          - path: code.coding\n"
        );
        var registry = contracts.Registry();
        var release = registry.FindGrant("ANSS-SANTE-2026-01", "anss", "ASD_BIRTH", "health.observation.read")!.Operation.Release;
        Assert.Superset(
            new HashSet<string>
            {
                "valueInteger",
                "valueDateTime",
                "valueCodeableConcept.coding.system",
                "valueCodeableConcept.coding.code",
            },
            release.ToHashSet()
        );
        Assert.DoesNotContain("value[x]", release);
    }

    private static TheContracts WithDoses(string release)
    {
        var contracts = new TheContracts(signed: false);
        var vaccination = contracts.Read("agreements/ANSS-SANTE-2026-01.yaml");
        var from = vaccination.IndexOf("      - id: health.immunization-recommendation.read", StringComparison.Ordinal);
        var to = vaccination.IndexOf("  - id: cover", StringComparison.Ordinal);
        contracts.Write(
            "agreements/ANSS-SANTE-2026-01.yaml",
            vaccination[..from]
                + $$"""
                      - id: health.immunization.read
                        release: [patient.identifier.system, patient.identifier.value, vaccineCode.coding.system, vaccineCode.coding.code, {{string.Join(
                    ", ",
                    release.Split(", ").Select(path => $"\"{path}\"")
                )}}]
                        codes: [ { path: vaccineCode.coding, allow: [ { system: "urn:ma:pni", code: BCG } ] } ]
                        search: [patient]

                """
                + vaccination[to..]
        );
        contracts.Edit(
            "institutions/msps.yaml",
            "types: [ImmunizationRecommendation, ",
            "types: [ImmunizationRecommendation, Immunization, "
        );
        return contracts;
    }

    [Theory]
    [InlineData("status, occurrence[x], isSubpotent, protocolApplied.doseNumber[x]")]
    [InlineData("status, occurrenceDateTime, isSubpotent")]
    public void A_release_of_doses_that_keeps_its_meaning_loads(string release)
    {
        using var contracts = WithDoses(release);
        Assert.Contains(
            "occurrenceDateTime",
            contracts.Registry().FindGrant("ANSS-SANTE-2026-01", "anss", "INCLUSION_HEALTH", "health.immunization.read")!.Operation.Release
        );
    }

    [Theory]
    [InlineData("status, occurrence[x]", "isSubpotent")]
    [InlineData("occurrence[x], isSubpotent", "status")]
    [InlineData("status, isSubpotent", "occurrenceDateTime")]
    [InlineData("status, occurrence[x], isSubpotent, note[x]", "note[x]")]
    public void A_release_of_doses_that_loses_its_meaning_does_not(string release, string lost)
    {
        using var contracts = WithDoses(release);
        var error = Assert.Single(Errors(contracts.Load()));
        Assert.Contains($"'{lost}'", error.What, StringComparison.Ordinal);
    }
}
