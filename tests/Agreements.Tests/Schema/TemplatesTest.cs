using Agreements.Loading;
using Schemas;

namespace Agreements.Tests.Schema;

/// <summary>A template is an agreement as soon as its blanks are filled.</summary>
public sealed class TemplatesTest
{
    [Theory]
    [InlineData("education", "menps", "anss-eligibility", "MENPS-MASSAR")]
    [InlineData("employment", "anapec", "anss-eligibility", "ANAPEC")]
    [InlineData("health", "msps", "anss-inclusion", "MSPS-PNI")]
    public void A_filled_template_loads_as_a_draft(string sector, string provider, string client, string source)
    {
        using var contracts = new TheContracts();
        contracts.Write("agreements/ANSS-DRAFT-2027-01.yaml", Filled(contracts, sector, provider, client, source));
        var registry = contracts.Registry();
        Assert.Equal("draft", AgreementStatus.StandingOf(registry, registry.Agreements["ANSS-DRAFT-2027-01"], TheContracts.Today).Word);
    }

    [Theory]
    [InlineData("care")]
    [InlineData("registries")]
    public void A_template_of_a_sector_without_contract_yet_lacks_the_contract_and_nothing_else(string sector)
    {
        using var contracts = new TheContracts();
        contracts.Write("agreements/ANSS-DRAFT-2027-01.yaml", Filled(contracts, sector, "menps", "anss-eligibility", "MENPS-MASSAR"));
        Assert.All(contracts.Load().Errors.Where(error => error.Severity is LoadSeverity.Error), error => Assert.Matches("^operation '.*' does not exist$", error.What));
    }

    [Fact]
    public void Every_template_is_valid_once_filled()
    {
        using var schemas = JsonSchemas.Start();
        using var contracts = new TheContracts();
        foreach (var path in Directory.EnumerateFiles(contracts.At("templates"), "*.yaml"))
            Assert.Empty(schemas.Errors(JsonSchemas.Published("agreement"), YamlAsJson.Read(Filled(contracts, Path.GetFileNameWithoutExtension(path), "menps", "anss-eligibility", "X"))));
    }

    private static string Filled(TheContracts contracts, string sector, string provider, string client, string source) => contracts.Read($"templates/{sector}.yaml")
        .Replace("<ID>", "ANSS-DRAFT-2027-01", StringComparison.Ordinal).Replace("<CONSUMER>", "anss", StringComparison.Ordinal).Replace("<PROVIDER>", provider, StringComparison.Ordinal)
        .Replace("<CLIENT>", client, StringComparison.Ordinal).Replace("<SOURCE>", source, StringComparison.Ordinal)
        .Replace("<FROM>", "2026-09-01", StringComparison.Ordinal).Replace("<UNTIL>", "2027-08-31", StringComparison.Ordinal);
}
