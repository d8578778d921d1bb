namespace Agreements.Tests;

/// <summary>One calculation for everything that ends.</summary>
public sealed class ExpiryTest
{
    private static readonly DateOnly Today = new(2026, 11, 21);

    [Theory]
    [InlineData(61, null)]
    [InlineData(60, 60)]
    [InlineData(31, 60)]
    [InlineData(30, 30)]
    [InlineData(8, 30)]
    [InlineData(7, 7)]
    [InlineData(0, 7)]
    [InlineData(-1, 0)]
    public void A_warning_begins_sixty_thirty_and_seven_days_before_the_last_day(int days, int? within)
    {
        var expiry = Expiry.Of(ExpiryKind.Key, "k", Today.AddDays(days), Today);
        Assert.Equal(within, expiry?.Within);
        if (expiry is not null)
            Assert.Equal(days, expiry.Days);
    }

    [Fact]
    public void An_agreement_warns_by_its_own_days() =>
        Assert.Equal(90, Expiry.Of(ExpiryKind.Agreement, "a", Today.AddDays(80), Today, [90, 10])!.Within);

    [Fact]
    public void A_certificate_that_ends_just_after_midnight_in_Casablanca_lasts_that_day() =>
        Assert.Equal(0, Expiry.OfCertificate("server", new DateTimeOffset(2026, 11, 20, 23, 30, 0, TimeSpan.Zero), Today)!.Days);

    [Fact]
    public void The_committed_contracts_warn_of_nothing_today_and_of_all_that_ends_in_two_months()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Registry();
        Assert.Empty(Expiry.AllOf(registry, Today).Where(one => one.Days >= 0));
        Assert.Contains(Expiry.AllOf(registry, new DateOnly(2027, 7, 15)), one =>
            one is { Kind: ExpiryKind.Agreement, Id: "ANSS-MENPS-2026-01@3", Days: 47, Within: 60 }
        );
    }

    [Fact]
    public void An_authorization_that_ends_before_its_agreement_is_named()
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit("agreements/ANSS-MENPS-2026-01.yaml", "  until: 2028-06-14", "  until: 2026-12-01");
        Assert.Contains(Expiry.AllOf(contracts.Registry(), Today), one => one is { Kind: ExpiryKind.Authorization, Days: 10, Within: 30 });
    }
}
