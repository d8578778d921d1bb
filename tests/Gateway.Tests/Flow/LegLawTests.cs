using Gateway.Tests.Authentication;
using Gateway.Tests.Batches;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Persons;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>A further source is asked under an agreement of its own. While that one is no law, nobody is asked under it.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class LegLawTests
{
    private const string Leg = "ANSS-DFP-2026-01";

    [Fact]
    public async Task A_source_whose_agreement_is_not_in_force_is_not_asked_alone_or_in_a_batch()
    {
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Witnesses = 0,
                KeepsVersions = false,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
            }
        );
        var status = town.GatewayHost.Services.GetRequiredService<ITokenStatus>();
        Assert.Equal("MATCHED", (await town.Enrolment(Fixtures.Apprentice)).MatchStatus);
        var file = Path.Combine(town.Contracts.Folder, "suspensions.yaml");
        var (before, agreement) = (
            await File.ReadAllTextAsync(file),
            Directory.GetFiles(Path.Combine(town.Contracts.Folder, "agreements"), Leg + "*").Single()
        );
        var text = await File.ReadAllTextAsync(agreement);

        await MustNotBeAsked("suspended in the file", () =>
            File.WriteAllTextAsync(file, before + $"  - {{ kind: agreement, id: {Leg}, by: anss, since: 2020-01-01 }}\n")
        );
        await File.WriteAllTextAsync(file, before);
        await Soon.Holds(async () => (await town.Enrolment(Fixtures.Apprentice)).MatchStatus == "MATCHED", "it is over");
        await MustNotBeAsked("its institution suspended in the file", () =>
            File.WriteAllTextAsync(file, before + "  - { kind: institution, id: dfp, by: anss, since: 2020-01-01 }\n")
        );
        await File.WriteAllTextAsync(file, before);
        await Soon.Holds(async () => (await town.Enrolment(Fixtures.Apprentice)).MatchStatus == "MATCHED", "it is over");
        await StatusTest.StatusOf(town).Suspend(StoppedKind.Agreement, Leg, "test");
        await MustNotBeAsked("stopped at once", () => Task.CompletedTask);
        await StatusTest.StatusOf(town).Lift(StoppedKind.Agreement, Leg);
        await Soon.Holds(async () => (await town.Enrolment(Fixtures.Apprentice)).MatchStatus == "MATCHED", "it is over");
        // One minute a week, the farthest from now.
        var day = Agreements.CivilTime.Local(DateTimeOffset.UtcNow).AddDays(3).DayOfWeek.ToString().ToLowerInvariant();
        await MustNotBeAsked("outside its hours", () =>
            Law(
                text.Replace(
                    "    clause: art. 3\n",
                    $"    clause: art. 3\n    hours: [ {{ days: [{day}], from: \"12:00\", to: \"12:01\" }} ]\n",
                    StringComparison.Ordinal
                )
            )
        );
        await MustNotBeAsked("without an authorization", () =>
            Law(Until("priorAuthorization:", text[(text.IndexOf("  on: ", StringComparison.Ordinal) + 6)..][..10]))
        );
        await MustNotBeAsked("ended", () =>
            Law(
                Until(
                        "validity:",
                        town.Calendar.Today.AddDays(-1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)
                    )
                    .Replace("\nversion: 1\n", "\nversion: 2\nreplaces: 1\n", StringComparison.Ordinal)
            )
        );

        string Until(string section, string last)
        {
            var until =
                text.IndexOf("  until: ", text.IndexOf(section, StringComparison.Ordinal), StringComparison.Ordinal) + "  until: ".Length;
            return string.Concat(text.AsSpan(0, until), last, text.AsSpan(until + 10));
        }

        // Signed too: a draft would not be asked for being one.
        async Task Law(string changed)
        {
            Assert.NotEqual(text, changed);
            var digest = town.Law.Current.Digest;
            await File.WriteAllTextAsync(agreement, changed);
            await Soon.Holds(
                () => Task.FromResult(town.Law.Current.Digest != digest && town.Law.Current.Agreements[Leg].Signed),
                "it is law"
            );
        }

        async Task MustNotBeAsked(string how, Func<Task> change)
        {
            await change();
            await Soon.Holds(async () => (await town.Enrolment(Fixtures.Apprentice)).MatchStatus == "UNAVAILABLE", how);
            town["dfp"].Received.Clear();
            Assert.Equal("UNAVAILABLE", (await town.Enrolment(Fixtures.Apprentice)).MatchStatus);
            var batch = new BatchCall(town, purpose: "ASD_SCHOOLING");
            await batch.Submit(Fixtures.Apprentice, Fixtures.PlainChild);
            await batch.Completed();
            var lines = await batch.Results();
            Assert.Equal(["unavailable", "answered"], lines.Select(static line => BatchCall.Text(line, "outcome")));
            Assert.Empty(town["dfp"].Received.All);
        }
    }
}
