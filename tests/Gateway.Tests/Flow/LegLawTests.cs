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
public sealed class LegLawTests
{
    private const string Leg = "ANSS-DFP-2026-01";

    [Fact]
    public async Task A_source_whose_agreement_is_not_in_force_is_not_asked_alone_or_in_a_batch()
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100, Witnesses = 0, ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100) });
        var status = town.GatewayHost.Services.GetRequiredService<ITokenStatus>();
        Assert.Equal("MATCHED", (await town.Enrolment(Fixtures.Apprentice)).MatchStatus);
        var file = Path.Combine(town.Contracts.Folder, "suspensions.yaml");
        var (before, agreement) = (await File.ReadAllTextAsync(file), Directory.GetFiles(Path.Combine(town.Contracts.Folder, "agreements"), Leg + "*").Single());
        var text = await File.ReadAllTextAsync(agreement);

        await MustNotBeAsked("suspended in the file", () => File.WriteAllTextAsync(file, before + $"  - {{ kind: agreement, id: {Leg}, by: anss, since: 2020-01-01 }}\n"));
        await File.WriteAllTextAsync(file, before);
        await Soon.Holds(async () => (await town.Enrolment(Fixtures.Apprentice)).MatchStatus == "MATCHED", "it is over");
        await StatusTest.StatusOf(town).Suspend(StoppedKind.Agreement, Leg, "test");
        await MustNotBeAsked("stopped at once", () => Task.CompletedTask);
        await StatusTest.StatusOf(town).Lift(StoppedKind.Agreement, Leg);
        await Soon.Holds(async () => (await town.Enrolment(Fixtures.Apprentice)).MatchStatus == "MATCHED", "it is over");
        var until = text.IndexOf("  until: ", text.IndexOf("validity:", StringComparison.Ordinal), StringComparison.Ordinal) + 9;
        var ended = string.Concat(text.AsSpan(0, until), town.Calendar.Today.AddDays(-1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), text.AsSpan(until + 10));
        await MustNotBeAsked("ended", () => File.WriteAllTextAsync(agreement, ended.Replace("\nversion: 1\n", "\nversion: 2\nreplaces: 1\n", StringComparison.Ordinal)));

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
