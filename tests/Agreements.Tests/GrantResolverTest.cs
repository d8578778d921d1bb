namespace Agreements.Tests;

public sealed class GrantResolverTest
{
    private const string Read = "education.school-enrolment.read";
    private const string Batch = "education.school-enrolment.batch";
    private const string School = "ANSS-MENPS-2026-01";

    private static readonly TheContracts Contracts = new();
    private static readonly Registry Registry = Contracts.Registry();

    private static Resolution Resolve(string client, string[] scopes, RequestedDetails? details = null, DateOnly? today = null) =>
        GrantResolver.Resolve(Registry, Registry.Clients[client], [.. scopes], details, today ?? TheContracts.Today);

    private static RequestedDetails Details(string agreement, string purpose, params string[] operations) =>
        new(agreement, purpose, [.. operations]);

    private static ResolutionRefused Refused(Resolution resolution) => Assert.IsType<ResolutionRefused>(resolution);

    [Theory]
    [InlineData(School)]
    [InlineData(School + "@3")]
    public void Details_that_fit_are_granted(string reference)
    {
        var grant = Assert.IsType<ResolvedGrant>(Resolve("anss-eligibility", [Read], Details(reference, "ASD_SCHOOLING")));
        Assert.Equal((School + "@3", "ASD_SCHOOLING"), (grant.Agreement.Reference, grant.Purpose));
        Assert.Equal([Read], grant.Operations);
    }

    [Fact]
    public void Operations_of_the_details_stand_in_for_scopes()
    {
        var grant = Assert.IsType<ResolvedGrant>(Resolve("anss-batch", [], Details(School, "ASD_SCHOOLING", Batch, Read)));
        Assert.Equal([Batch, Read], grant.Operations);
    }

    [Fact]
    public void Several_purposes_must_be_chosen_from_and_the_choices_are_given()
    {
        var refused = Refused(Resolve("anss-batch", [Read]));
        Assert.Equal((RefusedPart.Details, "agreement-choice-required"), (refused.Part, refused.Code));
        Assert.Contains(new GrantChoice(School, "ASD_SCHOOLING"), refused.Choices);
        Assert.Contains(new GrantChoice(School, "ASD_BACK_TO_SCHOOL"), refused.Choices);
        Assert.DoesNotContain(refused.Choices, choice => choice.Agreement == "ANSS-MENPS-2025-01");
        Assert.All(refused.Choices, choice =>
            Assert.IsType<ResolvedGrant>(Resolve("anss-batch", [Read], Details(choice.Agreement, choice.Purpose)))
        );
    }

    [Fact]
    public void The_only_pair_that_covers_the_scopes_is_filled_in()
    {
        var grant = Assert.IsType<ResolvedGrant>(Resolve("anss-inclusion", ["health.immunization-recommendation.read"]));
        Assert.Equal(("ANSS-SANTE-2026-01@1", "INCLUSION_HEALTH"), (grant.Agreement.Reference, grant.Purpose));
    }

    [Theory]
    [InlineData("ANSS-MENPS-2025-01", "ASD_SCHOOLING", Read, "agreement-expired")]
    [InlineData("ANSS-CNSS-2026-01", "INCLUSION_HEALTH", "health.coverage.read", "agreement-suspended")]
    [InlineData("ANSS-NOBODY-2026-01", "ASD_SCHOOLING", Read, "agreement-unknown")]
    [InlineData(School + "@2", "ASD_SCHOOLING", Read, "agreement-unknown")]
    [InlineData(School, "ASD_BIRTH", Read, "purpose-not-covered")]
    [InlineData(School, "FILE_ASSISTANCE", Read, "purpose-not-covered")]
    [InlineData(School, "ASD_SCHOOLING", "employment.job-seeker-status.read", "operation-not-covered")]
    public void Details_that_do_not_fit_are_refused_by_name(string agreement, string purpose, string operation, string code) =>
        Assert.Equal(code, Refused(Resolve("anss-eligibility", [operation], Details(agreement, purpose))).Code);

    [Fact]
    public void Another_institutions_agreement_looks_like_one_that_does_not_exist()
    {
        var client = Some.Client("other-one");
        var foreign = GrantResolver.Resolve(Registry, client, [Read], Details(School, "ASD_SCHOOLING"), TheContracts.Today);
        var nothing = GrantResolver.Resolve(Registry, client, [Read], Details("ANSS-NOBODY-2026-01", "ASD_SCHOOLING"), TheContracts.Today);
        Assert.Equal(nothing, foreign);
    }

    [Fact]
    public void An_expired_agreement_is_named_with_its_last_day()
    {
        var refused = Refused(Resolve("anss-eligibility", [Read], Details("ANSS-MENPS-2025-01", "ASD_SCHOOLING")));
        Assert.Equal(("ANSS-MENPS-2025-01@1", new DateOnly(2026, 8, 31)), (refused.Agreement, refused.On));
    }

    [Fact]
    public void Without_details_the_nearest_reason_is_told()
    {
        var refused = Refused(Resolve("anss-inclusion", ["health.coverage.read"]));
        Assert.Equal((RefusedPart.Scope, "agreement-suspended"), (refused.Part, refused.Code));
        Assert.Equal(
            "agreement-not-in-force",
            Refused(Resolve("anss-inclusion", ["health.immunization-recommendation.read"], today: new DateOnly(2026, 9, 30))).Code
        );
    }

    [Theory]
    [InlineData("2026-08-31", "agreement-not-in-force")]
    [InlineData("2026-09-01", null)]
    [InlineData("2027-08-31", null)]
    [InlineData("2027-09-01", "agreement-expired")]
    public void Both_days_of_the_term_belong_to_it(string today, string? code)
    {
        var resolution = Resolve(
            "anss-eligibility",
            [Read],
            Details(School, "ASD_SCHOOLING"),
            DateOnly.Parse(today, System.Globalization.CultureInfo.InvariantCulture)
        );
        Assert.Equal(code, (resolution as ResolutionRefused)?.Code);
    }

    [Fact]
    public void No_scope_and_no_operation_is_refused() =>
        Assert.Equal(
            (RefusedPart.Scope, "operation-not-covered"),
            (Refused(Resolve("anss-eligibility", [], Details(School, "ASD_SCHOOLING"))).Part, Refused(Resolve("anss-eligibility", [])).Code)
        );

    [Fact]
    public void Scopes_and_operations_must_be_the_same_set() =>
        Assert.Equal(
            (RefusedPart.Details, "request-invalid"),
            (
                Refused(Resolve("anss-batch", [Read], Details(School, "ASD_SCHOOLING", Batch))).Part,
                Refused(Resolve("anss-batch", [Read, Batch], Details(School, "ASD_SCHOOLING", Read))).Code
            )
        );

    [Fact]
    public void Nothing_beyond_the_clients_ceiling_is_granted()
    {
        var client = Some.Client("anss-batch", Batch);
        Assert.IsType<ResolutionRefused>(
            GrantResolver.Resolve(Registry, client, [Read], Details(School, "ASD_SCHOOLING"), TheContracts.Today)
        );
        Assert.IsType<ResolvedGrant>(
            GrantResolver.Resolve(Registry, client, [Batch], Details(School, "ASD_SCHOOLING"), TheContracts.Today)
        );
    }

    [Fact]
    public void A_purpose_without_its_authorization_does_not_start()
    {
        var registry = Some.Registry([
            Some.Agreement(
                "A-1",
                true,
                new DateOnly(2026, 9, 1),
                new DateOnly(2027, 8, 31),
                ["P2"],
                Some.Grant("g", "anss", "P1", [], Read)
            ),
        ]);
        Assert.Equal(
            "prior-authorization-missing",
            Refused(GrantResolver.Resolve(registry, Some.Client(), [Read], Details("A-1", "P1"), TheContracts.Today)).Code
        );
        Assert.Equal(
            "prior-authorization-missing",
            Refused(GrantResolver.Resolve(registry, Some.Client(), [Read], null, TheContracts.Today)).Code
        );
    }

    [Theory]
    [InlineData(SuspendedKind.Client, "anss-one")]
    [InlineData(SuspendedKind.Institution, "anss")]
    public void A_suspended_caller_gets_nothing_from_the_day_on(SuspendedKind kind, string id)
    {
        var agreement = Some.Agreement("A-1", Some.Grant("g", "anss", "P1", [], Read));
        var registry = Some.Registry([agreement], new Suspension(kind, id, "anss", TheContracts.Today));
        Assert.Equal("client-suspended", Refused(GrantResolver.Resolve(registry, Some.Client(), [Read], null, TheContracts.Today)).Code);
        Assert.IsType<ResolvedGrant>(GrantResolver.Resolve(registry, Some.Client(), [Read], null, TheContracts.Today.AddDays(-1)));
    }
}
