using Agreements.Identifiers;
using Agreements.Loading;

namespace Agreements.Tests;

/// <summary>
/// A source that takes an identifier which cannot be made of what the consumer sends would never be asked, and who was not asked cannot say
/// that a person is unknown: such a pair is no law.
/// </summary>
public sealed class IdentifierPairsTest
{
    private const string Work = "agreements/ANSS-ANAPEC-2026-01.yaml";

    private static LoadError[] Errors(TheContracts contracts) =>
        [.. contracts.Load().Errors.Where(static error => error.Severity is LoadSeverity.Error)];

    [Theory]
    [InlineData("sector-token", "sector-token", "education", true)]
    [InlineData("idcs", "sector-token", "education", true)]
    [InlineData("idcs", "idcs", "registries", true)]
    [InlineData("household-id", "household-id", "registries", true)]
    [InlineData("idcs", "sector-token", "registries", false)]
    [InlineData("idcs", "sector-token", "tourism", false)]
    [InlineData("sector-token", "idcs", "education", false)]
    [InlineData("sector-token", "massar-code", "education", false)]
    [InlineData("idcs", "massar-code", "education", false)]
    [InlineData("massar-code", "massar-code", "education", false)]
    [InlineData("household-id", "sector-token", "registries", false)]
    [InlineData("idcs", "household-id", "registries", false)]
    public void What_can_be_made_of_what(string sent, string taken, string sector, bool can) =>
        Assert.Equal(can, IdentifierScheme.CanBecome(sent, taken, sector));

    [Theory]
    [InlineData("massar-code", "sector-token idcs")]
    [InlineData("household-id", "sector-token idcs")]
    [InlineData("idcs", "sector-token")]
    public void A_provider_whose_identifier_cannot_be_made_stops_the_load_at_the_grant_that_would_ask_it(string taken, string cannot)
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit("institutions/anapec.yaml", "identifierScheme: sector-token", $"identifierScheme: {taken}");
        Assert.Null(contracts.Load().Registry);
        var lines = contracts.Read(Work).Split('\n');
        var errors = Errors(contracts);
        Assert.Equal(
            cannot.Split(' ').Length * lines.Count(static line => line.Contains("subjectSchemes", StringComparison.Ordinal)),
            errors.Length
        );
        foreach (var error in errors)
        {
            Assert.Equal(Work, error.File);
            Assert.Contains("subjectSchemes", lines[error.Line - 1], StringComparison.Ordinal);
            Assert.Contains($"cannot be turned into '{taken}', which institution 'anapec' takes", error.What, StringComparison.Ordinal);
            Assert.Contains("institutions/anapec.yaml", error.Remedy, StringComparison.Ordinal);
        }

        foreach (var scheme in cannot.Split(' '))
            Assert.Contains(errors, error => error.What.Contains($"'{scheme}' cannot", StringComparison.Ordinal));
    }

    [Fact]
    public void A_source_of_another_institution_is_looked_at_too()
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit("institutions/dfp.yaml", "identifierScheme: sector-token", "identifierScheme: massar-code");
        var errors = Errors(contracts);
        Assert.Contains(errors, static error =>
            error.File == "agreements/ANSS-MENPS-2026-01.yaml"
            && error.What.Contains("which institution 'dfp' takes", StringComparison.Ordinal)
        );
        Assert.Contains(errors, static error => error.File == "agreements/ANSS-DFP-2026-01.yaml");
        Assert.DoesNotContain(errors, static error => error.What.Contains("institution 'menps'", StringComparison.Ordinal));
    }

    [Fact]
    public void An_agreement_that_was_read_before_is_looked_at_again_when_its_provider_takes_another_identifier()
    {
        using var contracts = new TheContracts();
        foreach (var path in Directory.EnumerateFiles(contracts.At("agreements")))
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
        var memory = new LoadMemory(TimeProvider.System);
        Assert.NotNull(RegistryLoader.Load(contracts.Folder, TheContracts.Time, null, memory).Registry);
        contracts.Edit("institutions/anapec.yaml", "identifierScheme: sector-token", "identifierScheme: massar-code");
        Assert.Contains(RegistryLoader.Load(contracts.Folder, TheContracts.Time, null, memory).Errors, static error =>
            error.What.Contains("cannot be turned into", StringComparison.Ordinal)
        );
    }
}
