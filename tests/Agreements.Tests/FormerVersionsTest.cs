using Agreements.Loading;
using Agreements.Texts;

namespace Agreements.Tests;

/// <summary>The version before is kept to say what changed. It grants nothing, and nothing in it stops a set.</summary>
public sealed class FormerVersionsTest
{
    private const string Id = "ANSS-MENPS-2026-01",
        File = $"former/{Id}.yaml";

    [Fact]
    public void What_changed_since_the_version_before_is_what_the_diff_says()
    {
        using var contracts = new TheContracts();
        var load = contracts.Load();
        Assert.DoesNotContain(load.Errors, static error => error.File.StartsWith("former/", StringComparison.Ordinal));
        var changes = VersionChange.Of(load.Registry!, load.Registry!.Agreements[Id])!.Value;
        Assert.Contains(changes, static one => one is { Kind: DifferenceKind.Widens, Code: "field", What: "+enrolment.schoolCode" });
        Assert.Contains(changes, static one =>
            one is { Kind: DifferenceKind.Widens, Code: "quota", What: "perDay", Before: "1000000", After: "1500000" }
        );
        Assert.Equal(3, load.Registry.FindGrant(Id, "anss", "FILE_ASSISTANCE", "education.school-enrolment.read")!.Agreement.Version);
    }

    [Theory]
    [InlineData("enrolment.since", "enrolment.gone")]
    [InlineData("version: 2\nreplaces: 1", "version: 1")]
    [InlineData("grants:", "grants: [")]
    [InlineData("id: " + Id, "id: ANSS-OTHER-2026-01")]
    public void A_former_version_that_cannot_be_used_is_a_warning_and_a_difference_less(string what, string with)
    {
        using var contracts = new TheContracts();
        contracts.Edit(File, what, with);
        var load = contracts.Load();
        Assert.Equal(LoadSeverity.Warning, Assert.Single(load.Errors, static error => error.File == File).Severity);
        Assert.Null(VersionChange.Of(load.Registry!, load.Registry!.Agreements[Id]));
        Assert.Contains(
            ConventionWords.Of("page-changes-unknown", "en", 2),
            ConventionPage.Write(load.Registry, load.Registry.Agreements[Id], TheContracts.Today, "en"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_former_version_of_nothing_is_named()
    {
        using var contracts = new TheContracts();
        contracts.Write("former/ANSS-GONE-2026-01.yaml", contracts.Read(File));
        Assert.Contains(contracts.Load().Errors, static error =>
            error is { File: "former/ANSS-GONE-2026-01.yaml", Severity: LoadSeverity.Warning }
        );
    }
}
