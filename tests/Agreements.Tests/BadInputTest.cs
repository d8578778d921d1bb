using System.Text;
using Agreements.Loading;

namespace Agreements.Tests;

/// <summary>A wrong file is refused with file, line, reason and remedy; what is in force stays in force.</summary>
public sealed class BadInputTest
{
    private const string Agreement = "agreements/ANSS-MENPS-2026-01.yaml",
        Health = "agreements/ANSS-SANTE-2026-01.yaml";

    public static TheoryData<string, string, string, string> Wrong =>
        new()
        {
            { Agreement, "version: 3", "version: &a 3", "anchor (&)" },
            { Agreement, "parties: [anss, menps]", "parties: *all", "alias" },
            { Agreement, "version: 3", "version: !!int 3", "tag (!)" },
            { Agreement, "replaces: 2", "<<: { replaces: 2 }", "merge key (<<)" },
            { Agreement, "version: 3", "version: 3\nversion: 3", "key 'version' occurs twice" },
            { Agreement, "replaces: 2", "replaces: 2\nnotes: none", "unknown key 'notes'" },
            { Agreement, "    clause: art. 4", "    clause: art. 4\n    discount: 3", "unknown key 'discount'" },
            { Agreement, "  until: 2027-08-31", "  until: 2027-02-30", "'until' is not a civil date" },
            { Agreement, "  until: 2027-08-31", "  until: 2026-08-31", "the agreement ends before it begins" },
            { Agreement, "  from: 2026-09-01", "  from: 2026-9-1", "'from' is not a civil date" },
            { Agreement, "enrolment.since]", "enrolment.marks]", "path 'enrolment.marks' does not exist in the interface specification" },
            { Agreement, "[enrolment.status, enrolment.schoolYear, enrolment.since]", "[enrolment]", "path 'enrolment' is an object" },
            {
                Agreement,
                "    clause: art. 4",
                "    clause: art. 4\n    hours: [ { days: [someday], from: \"08:00\", to: \"18:00\" } ]",
                "not a day of the week"
            },
            {
                Agreement,
                "    clause: art. 4",
                "    clause: art. 4\n    hours: [ { days: [monday], from: \"25:00\", to: \"18:00\" } ]",
                "'from' is not a time of day"
            },
            {
                Agreement,
                "    clause: art. 4",
                "    clause: art. 4\n    batch: { maxLines: 5001 }",
                "'maxLines' is not an integer from 1 to 5000"
            },
            { Agreement, "perMonth: 6000000", "perMonth: 6e6", "'perMonth' is not an integer from 1 to 10000000000" },
            {
                Health,
                "          - status\n          - type.coding.system",
                "          - type.coding.system",
                "mandatory or modifier element 'status' of 'Coverage' is not disclosed"
            },
            { Health, "          - date\n", "", "mandatory or modifier element 'date' of 'ImmunizationRecommendation' is not disclosed" },
            { Health, "          - patient.identifier.value\n", "", "the person's identifier is not disclosed" },
            { Health, "          - recommendation.vaccineCode.coding.code\n", "", "recommendation.vaccineCode.coding" },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void It_is_refused_with_its_line_its_reason_and_a_remedy(string file, string what, string with, string reason)
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit(file, what, with);
        var load = contracts.Load();
        Assert.Null(load.Registry);
        var error = Assert.Single(
            load.Errors.Where(error => error.Severity is LoadSeverity.Error && error.What.Contains(reason, StringComparison.Ordinal))
                .Take(1)
        );
        Assert.Equal(file, error.File);
        Assert.True(error.Line > 0);
        Assert.NotEmpty(error.Remedy);
    }

    [Fact]
    public void Bombs_are_refused_quickly_and_change_nothing()
    {
        using var contracts = new TheContracts();
        foreach (
            var bomb in (string[])
                [
                    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
                    new string('[', 200_000),
                    "a: " + new string('{', 100_000),
                    string.Concat(Enumerable.Range(0, 150_000).Select(i => $"k{i}: 1\n")),
                    "a: \"" + new string('x', 2_000_000) + "\"",
                    "? " + new string('a', 300_000) + "\n: 1\n",
                    string.Concat(Enumerable.Repeat("- ", 5000)),
                    "%YAML 1.1\n---\na: 1\n",
                    "a: 1\n---\nb: 2\n",
                ]
        )
        {
            contracts.Write("agreements/BOMB-1.yaml", bomb);
            var load = contracts.Load();
            Assert.Null(load.Registry);
            Assert.All(load.Errors.Where(error => error.Severity is LoadSeverity.Error), error =>
                Assert.Equal("agreements/BOMB-1.yaml", error.File)
            );
            Assert.Contains(load.Errors, error => error.Severity is LoadSeverity.Error);
        }
    }

    [Fact]
    public async Task While_a_wrong_file_lies_there_the_set_before_it_is_law_and_every_error_is_told()
    {
        using var contracts = new TheContracts();
        await using var watcher = RegistryWatcher.Start(contracts.Folder, TimeProvider.System, out _)!;
        var law = watcher.Current;
        await File.WriteAllBytesAsync(
            contracts.At(Agreement),
            Encoding.UTF8.GetBytes(
                contracts
                    .Read(Agreement)
                    .Replace("enrolment.since", "enrolment.marks", StringComparison.Ordinal)
                    .Replace("version: 3", "version: 3\nversion: 3", StringComparison.Ordinal)
            )
        );
        for (var i = 0; i < 100 && !watcher.LastErrors.Any(error => error.Severity is LoadSeverity.Error); i++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Same(law, watcher.Current);
        Assert.Contains(watcher.LastErrors, error => error.What.Contains("enrolment.marks", StringComparison.Ordinal));
        Assert.Contains(watcher.LastErrors, error => error.What.Contains("occurs twice", StringComparison.Ordinal));
    }
}
