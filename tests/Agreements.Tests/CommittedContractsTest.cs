using Agreements.Contracts;
using Agreements.Loading;

namespace Agreements.Tests;

public sealed class CommittedContractsTest
{
    [Fact]
    public void With_keys_and_signatures_the_committed_contracts_load_without_error_or_warning()
    {
        using var contracts = new TheContracts();
        var load = contracts.Load();
        Assert.Empty(load.Errors.Select(error => error.ToString()));
        Assert.NotNull(load.Registry);
    }

    [Fact]
    public void Without_signatures_they_load_and_nothing_is_in_force()
    {
        using var contracts = new TheContracts(signed: false);
        var load = contracts.Load();
        Assert.All(load.Errors, error => Assert.Equal(LoadSeverity.Warning, error.Severity));
        Assert.All(load.Registry!.Agreements.Values, agreement =>
            Assert.NotEqual(AgreementState.InForce, AgreementStatus.Of(load.Registry, agreement, TheContracts.Today))
        );
    }

    [Fact]
    public void Without_keys_every_missing_file_is_named()
    {
        var load = RegistryLoader.Load(TheContracts.Committed, TheContracts.Time);
        Assert.Null(load.Registry);
        Assert.Contains(load.Errors, error =>
            error is { File: "institutions/anss.yaml", Severity: LoadSeverity.Error }
            && error.What.Contains("anss-eligibility.jwks.json", StringComparison.Ordinal)
        );
        Assert.Contains(load.Errors, error =>
            error is { File: "institutions/menps.yaml", Severity: LoadSeverity.Error }
            && error.What.Contains("menps-sign-2026.jwk.json", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(load.Errors, error =>
            error.File.StartsWith("agreements/", StringComparison.Ordinal) && error.Severity is LoadSeverity.Error
        );
    }

    [Theory]
    [InlineData("ANSS-MENPS-2026-01", AgreementState.InForce)]
    [InlineData("ANSS-DFP-2026-01", AgreementState.InForce)]
    [InlineData("ANSS-SANTE-2026-01", AgreementState.InForce)]
    [InlineData("ANSS-ANAPEC-2026-01", AgreementState.InForce)]
    [InlineData("ANSS-MENPS-2025-01", AgreementState.Expired)]
    [InlineData("ANSS-CNSS-2026-01", AgreementState.Suspended)]
    public void Each_agreement_stands_where_it_should(string id, AgreementState state)
    {
        using var contracts = new TheContracts();
        var registry = contracts.Registry();
        Assert.Equal(state, AgreementStatus.Of(registry, registry.Agreements[id], TheContracts.Today));
    }

    [Fact]
    public void The_two_purposes_of_the_school_agreement_release_different_fields()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Registry();
        var monthly = registry.FindGrant("ANSS-MENPS-2026-01", "anss", "ASD_SCHOOLING", "education.school-enrolment.read")!;
        var premium = registry.FindGrant("ANSS-MENPS-2026-01", "anss", "ASD_BACK_TO_SCHOOL", "education.school-enrolment.read")!;
        Assert.Equal(["enrolment.status", "enrolment.schoolYear", "enrolment.since"], monthly.Operation.Release);
        Assert.Equal(["enrolment.status", "enrolment.schoolYear", "enrolment.cycle", "enrolment.sector"], premium.Operation.Release);
        Assert.Equal(["MENPS-MASSAR", "DFP", "MESRI"], monthly.Grant.Sources.Select(source => source.Code));
    }

    [Fact]
    public void An_operation_carries_what_its_contract_says()
    {
        using var contracts = new TheContracts();
        var operation = contracts.Registry().Operations["education.school-enrolment.read"];
        Assert.Equal("/education/v1/school-enrolments/query", operation.Path);
        Assert.Equal("/v1/school-enrolments/query-chunk", operation.ProviderChunkPath);
        Assert.Equal("school-year", operation.Request!.Find("schoolYear")!.Rule);
        Assert.Equal("within-school-year", operation.Request.Find("referenceDate")!.Rule);
        Assert.True(operation.Answer!.Find("matchStatus") is { Envelope: true, Required: true, WrittenByGateway: false });
        Assert.True(operation.Answer.Find("contest") is { Envelope: true, WrittenByGateway: true });
        Assert.False(operation.Answer.Find("enrolment")!.Envelope);
        Assert.Equal(["NOT_ENROLLED", "DROPPED_OUT", "COMPLETED"], operation.Status!.Negative);
        Assert.Matches(operation.Request.Find("schoolYear")!.Shape.Pattern!, "2026-2027");
        Assert.DoesNotMatch(operation.Request.Find("schoolYear")!.Shape.Pattern!, "2026-2027\n");
    }

    [Fact]
    public void A_batch_has_its_lines_and_its_further_routes()
    {
        using var contracts = new TheContracts();
        var batch = contracts.Registry().Operations["education.school-enrolment.batch"];
        Assert.Equal(OperationProtocol.Batch, batch.Protocol);
        Assert.True(batch.Request!.Find("reference")!.Required);
        Assert.NotNull(batch.Answer!.Find("exchangeId"));
        Assert.Equal(["manifest", "purge", "results"], batch.Routes.Select(route => route.Part).Order());
    }

    [Fact]
    public void Health_is_described_by_the_element_table()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Registry();
        var type = registry.FhirTypes["ImmunizationRecommendation"];
        var element = type.Elements["recommendation.vaccineCode.coding.code"];
        Assert.Equal([true, true, true, false], element.Repeats);
        Assert.Equal("patient", type.Search[0]);
        Assert.Equal("/fhir/ImmunizationRecommendation/_search", registry.Operations["health.immunization-recommendation.read"].Path);
        Assert.True(registry.Operations["health.coverage.read"].CaseReferenceOptional);
    }
}
