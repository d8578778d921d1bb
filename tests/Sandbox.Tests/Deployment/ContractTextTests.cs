using Sandbox.Deployment;
using Xunit;

namespace Sandbox.Tests.Deployment;

public sealed class ContractTextTests
{
    [Theory]
    [InlineData("from: 2026-09-01", "from: 2028-09-01")]
    [InlineData("schoolYear: 2026-2027, reliableFrom: 2026-10-15", "schoolYear: 2028-2029, reliableFrom: 2028-10-15")]
    [InlineData("id: ANSS-MENPS-2026-01", "id: ANSS-MENPS-2026-01")]
    [InlineData("number: SYNTHETIC-AU-0001-2026", "number: SYNTHETIC-AU-0001-2026")]
    [InlineData("keyId: anss-sign-2026", "keyId: anss-sign-2026")]
    [InlineData("{ system: urn:ma:pni:calendrier, code: \"2026\" }", "{ system: urn:ma:pni:calendrier, code: \"2026\" }")]
    [InlineData("legalBasis: [MA-D-2-24-706, MA-L-58-23]", "legalBasis: [MA-D-2-24-706, MA-L-58-23]")]
    public void Years_move_in_dates_and_school_years_and_nowhere_else(string before, string after) =>
        Assert.Equal(after, ContractText.MoveYears(before, 2));

    [Fact]
    public void A_provider_moves_with_its_paths() =>
        Assert.Equal(
            "provider:\n  baseAddress: https://localhost:5000/exchange\n  fhir:\n    base: https://localhost:5000/fhir\nwebhook: https://elsewhere.example:1/x\n",
            ContractText.MoveProvider(
                "provider:\n  baseAddress: https://localhost:9443/exchange\n  fhir:\n    base: https://localhost:9443/fhir\nwebhook: https://elsewhere.example:1/x\n",
                "https://localhost:5000"
            )
        );

    [Theory]
    [InlineData("reliableFrom: 2026-10-15", "2026-09-20", "reliableFrom: 2026-09-01")]
    [InlineData("reliableFrom: 2026-10-15", "2026-11-20", "reliableFrom: 2026-10-15")]
    public void A_season_that_is_still_to_come_is_opened(string before, string today, string after) =>
        Assert.Equal(after, ContractText.OpenSeason(before, DateOnly.Parse(today)));

    [Fact]
    public void Quotas_are_lifted_except_where_an_agent_is_bounded()
    {
        Assert.Equal(
            "    quotas: { perDay: 1000000000, burstPerSecond: 100000, openBatches: 50, missAllowance: 1000000000 }",
            ContractText.LiftQuotas("    quotas: { perDay: 5, burstPerSecond: 300, openBatches: 50 }")
        );
        const string Human = "    quotas: { perDay: 2000, burstPerSecond: 5, perAgentPerDay: 60 }";
        Assert.Equal(Human, ContractText.LiftQuotas(Human));
        Assert.Equal(
            "quotas: { perDay: 1000000000, perMonth: 1000000000 }\n",
            ContractText.LiftQuotas("quotas: { perDay: 5, perMonth: 9 }\n")
        );
    }

    [Fact]
    public void Clients_without_limits_get_wide_ones()
    {
        const string Text =
            "clients:\n  - id: anss-a\n    auth: private_key_jwt\n    binding: mtls\n  - id: anss-b\n    auth: private_key_jwt\n    limits: { tokensPerMinute: 60 }\nsigningKeys: []\n";
        var lifted = ContractText.LiftClientLimits(Text);
        Assert.Equal(2, lifted.Split("limits:").Length - 1);
        Assert.Contains("tokensPerMinute: 60 }", lifted, StringComparison.Ordinal);
    }
}
