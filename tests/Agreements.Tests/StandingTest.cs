namespace Agreements.Tests;

/// <summary>Where an agreement stands is one value with its reason, and either side can stop it.</summary>
public sealed class StandingTest
{
    private const string Id = "ANSS-ANAPEC-2026-01";

    [Fact]
    public void Each_state_is_one_word_with_its_reason_its_day_and_who_decided()
    {
        using var contracts = new TheContracts();
        Assert.Equal(("in-force", "signed-and-in-term"), Words(contracts));
        contracts.Edit(
            "suspensions.yaml",
            "suspensions:\n",
            $"suspensions:\n  - {{ kind: agreement, id: {Id}, by: anapec, since: 2026-11-20 }}\n"
        );
        Assert.Equal(("suspended", "suspended-by-party"), Words(contracts));
        Assert.Equal("anapec", Standing(contracts).By);
        contracts.Write(
            "suspensions.yaml",
            contracts.Read("suspensions.yaml")
                + $"ended:\n  - {{ agreement: {Id}, by: anss, on: 2026-11-21, reference: letter 12 of 2026 }}\n"
        );
        Assert.Equal(("ended", "ended-by-party"), Words(contracts));
        Assert.Equal(new DateOnly(2026, 11, 21), Standing(contracts).On);
        Assert.Equal(("expired", "after-last-day"), Words(contracts, new DateOnly(2030, 1, 1)));
        Assert.Equal(("not-yet-in-force", "before-first-day"), Words(contracts, new DateOnly(2020, 1, 1)));
    }

    [Fact]
    public void Without_a_signature_it_is_a_draft_and_says_who_has_not_signed()
    {
        using var contracts = new TheContracts(signed: false);
        Assert.Equal(("draft", "signatures-missing"), Words(contracts));
        Assert.Equal("anss, anapec", Standing(contracts).By);
    }

    [Fact]
    public void Ended_is_refused_like_expired()
    {
        using var contracts = new TheContracts();
        contracts.Write(
            "suspensions.yaml",
            contracts.Read("suspensions.yaml") + $"ended:\n  - {{ agreement: {Id}, by: anapec, on: 2026-11-21, reference: letter }}\n"
        );
        var registry = contracts.Registry();
        Assert.Equal("agreement-expired", AgreementStatus.Code(AgreementStatus.Of(registry, registry.Agreements[Id], TheContracts.Today)));
        Assert.Null(AgreementStatus.Code(AgreementStatus.Of(registry, registry.Agreements[Id], TheContracts.Today.AddDays(-1))));
    }

    [Theory]
    [InlineData("suspensions:\n", "suspensions:\n  - { kind: agreement, id: ANSS-ANAPEC-2026-01, by: menps, since: 2026-11-20 }\n")]
    [InlineData(
        "suspensions:\n",
        "ended:\n  - { agreement: ANSS-ANAPEC-2026-01, by: menps, on: 2026-11-20, reference: letter }\nsuspensions:\n"
    )]
    public void Who_is_no_party_cannot_stop_it(string what, string with)
    {
        using var contracts = new TheContracts();
        contracts.Edit("suspensions.yaml", what, with);
        var error = Assert.Single(contracts.Load().Errors);
        Assert.Equal("institution 'menps' is neither a party of 'ANSS-ANAPEC-2026-01' nor the agency", error.What);
        Assert.True(error.Line > 0);
    }

    [Fact]
    public void A_purpose_that_needs_a_prior_authorization_and_has_none_stops_the_load_and_one_that_ran_out_does_not()
    {
        using var contracts = new TheContracts();
        contracts.Edit(
            "agreements/ANSS-MENPS-2026-01.yaml",
            "  purposes: [ASD_SCHOOLING, ASD_BACK_TO_SCHOOL]",
            "  purposes: [ASD_BACK_TO_SCHOOL]"
        );
        contracts.Sign("ANSS-MENPS-2026-01");
        var load = contracts.Load();
        Assert.Null(load.Registry);
        Assert.Contains("'ASD_SCHOOLING' needs a prior authorization", Assert.Single(load.Errors).What, StringComparison.Ordinal);

        contracts.Edit(
            "agreements/ANSS-MENPS-2026-01.yaml",
            "  purposes: [ASD_BACK_TO_SCHOOL]",
            "  purposes: [ASD_SCHOOLING, ASD_BACK_TO_SCHOOL]"
        );
        contracts.Edit("agreements/ANSS-MENPS-2026-01.yaml", "  until: 2028-06-14", "  until: 2026-06-16");
        contracts.Sign("ANSS-MENPS-2026-01");
        load = contracts.Load();
        Assert.NotNull(load.Registry);
        Assert.Contains(load.Errors, error => error.What.Contains("ran out on 16 June 2026", StringComparison.Ordinal));
        Assert.True(
            AgreementStatus.PriorAuthorizationMissing(
                load.Registry,
                load.Registry.Agreements["ANSS-MENPS-2026-01"],
                "ASD_SCHOOLING",
                TheContracts.Today
            )
        );
    }

    private static AgreementStanding Standing(TheContracts contracts, DateOnly? day = null)
    {
        var registry = contracts.Registry();
        return AgreementStatus.StandingOf(registry, registry.Agreements[Id], day ?? TheContracts.Today);
    }

    private static (string, string) Words(TheContracts contracts, DateOnly? day = null) =>
        (Standing(contracts, day).Word, Standing(contracts, day).Reason);
}
