using System.Text.Json;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Batches;

/// <summary>Every result line says what became of it; only an answered one says anything about the person.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class LineOutcomeTests : IAsyncLifetime
{
    private const string Partner = "menps-school-support",
        Agreement = "MENPS-MESRI-2026-01";
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Witnesses = 0,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                EditContracts = HiddenRefusalsTest.AddPartner,
            }
        );

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Fact]
    public async Task A_line_that_was_not_answered_says_why_as_precisely_as_a_single_call()
    {
        var batch = new BatchCall(_town, purpose: "ASD_SCHOOLING");
        string[] lines =
        [
            BatchCall.Line(_town, "a-answered", Fixtures.PlainChild),
            BatchCall.Line(_town, "b-gate", Fixtures.NoDossier),
            BatchCall.Line(_town, "c-field", Fixtures.PlainChild, "enrolment.sector"),
            BatchCall.Line(_town, "d-number", "1234"),
            BatchCall.Line(_town, "e-source", Fixtures.PartialOutage),
            BatchCall.Line(_town, "f-two", Fixtures.TwoRecords),
            BatchCall.Line(_town, "g-nobody", Fixtures.UnknownChild),
        ];
        await batch.SubmitLines(lines, Guid.CreateVersion7());
        Assert.Equal(
            """{"answered":3,"refused":2,"invalid":1,"unavailable":1,"never-asked":0}""",
            (await batch.Completed()).GetProperty("counts").GetRawText()
        );
        var told = await batch.Results();
        Assert.Equal(
            ["answered", "refused", "refused", "invalid", "unavailable", "answered", "answered"],
            told.Select(static line => BatchCall.Text(line, "outcome"))
        );
        Assert.Equal(
            ["MATCHED", null, null, null, null, "AMBIGUOUS", "NOT_FOUND"],
            told.Select(static line => BatchCall.Text(line, "matchStatus"))
        );
        foreach (
            var (line, single) in new[]
            {
                (told[1], await _town.Enrolment(Fixtures.NoDossier)),
                (
                    told[2],
                    await _town.Post(
                        Ask.Enrolments,
                        $$"""{"subject":{"scheme":"idcs","value":"{{Fixtures.PlainChild}}"},"schoolYear":"{{_town.File.SchoolYear}}","fields":["enrolment.sector"]}""",
                        purpose: "ASD_SCHOOLING"
                    )
                ),
                (told[3], await _town.Enrolment("1234")),
            }
        )
        {
            foreach (var name in (string[])["code", "rule", "clause", "fixableBy", "retryable", "errors", "missing"])
                Assert.Equal(Raw(single.Json, name), Raw(line, name));
        }

        Assert.All(told, static line =>
            Assert.Equal(BatchCall.Text(line, "outcome") == "answered", line.TryGetProperty("matchStatus", out _))
        );
        Assert.Equal(["DFP"], told[4].GetProperty("sourcesUnavailable").EnumerateArray().Select(static one => one.GetString()));
    }

    [Fact]
    public async Task Old_data_is_old_in_a_negative_too()
    {
        _town["menps"].Behaviors.Set(BehaviorMode.Stale);
        var batch = new BatchCall(_town, purpose: "ASD_SCHOOLING");
        // The ministry's data is old, the others' is not: whoever is not enrolled or not known is so by all three.
        await batch.Submit(Fixtures.PlainChild, Fixtures.NotEnrolled, Fixtures.UnknownChild, Fixtures.Apprentice);
        await batch.Completed();
        var lines = await batch.Results();
        Assert.All(lines, static line => Assert.Equal("answered", BatchCall.Text(line, "outcome")));
        Assert.Equal(
            [true, true, true, false],
            lines.Select(static line => line.TryGetProperty("stale", out var stale) && stale.GetBoolean())
        );
        Assert.All(lines, static line => Assert.False(line.TryGetProperty("contest", out _)));
    }

    [Fact]
    public async Task A_line_for_which_nobody_could_be_asked_was_never_asked()
    {
        await StatusTest.StatusOf(_town).Suspend(StoppedKind.Institution, "menps", "test");
        await Soon.Holds(
            () =>
                Task.FromResult(
                    _town.GatewayHost.Services.GetRequiredService<ITokenStatus>().Current.IsSuspended(StoppedKind.Institution, "menps")
                ),
            "the gateway knows"
        );
        _town["menps"].Received.Clear();
        var batch = new BatchCall(_town);
        await batch.Submit(Fixtures.PlainChild);
        Assert.Equal(1, (await batch.Completed()).GetProperty("counts").GetProperty("never-asked").GetInt32());
        var line = Assert.Single(await batch.Results());
        Assert.Equal(
            ("never-asked", "provider-unavailable", "FWD-01"),
            (BatchCall.Text(line, "outcome"), BatchCall.Text(line, "code"), BatchCall.Text(line, "rule"))
        );
        Assert.False((await batch.Records(1))[0].TryGetProperty("prov", out _));
        Assert.Empty(_town["menps"].Received.All);
    }

    [Theory]
    [InlineData(BehaviorMode.Normal, "answered")]
    [InlineData(BehaviorMode.Stale, "answered")]
    [InlineData(BehaviorMode.Error, "unavailable")]
    [InlineData(BehaviorMode.Down, "unavailable")]
    [InlineData(BehaviorMode.NotJson, "unavailable")]
    public async Task The_line_of_a_hidden_person_is_that_of_an_unknown_one_whatever_the_source_does(BehaviorMode mode, string outcome)
    {
        // The source has told how old its data is.
        var before = new BatchCall(_town, Partner, "ASD_SCHOOLING", Agreement);
        _town["mesri"].Behaviors.Set(mode == BehaviorMode.Stale ? mode : BehaviorMode.Normal);
        await before.Submit(Fixtures.UnknownChild);
        await before.Completed();
        _town["mesri"].Behaviors.Set(mode);
        var batch = new BatchCall(_town, Partner, "ASD_SCHOOLING", Agreement);
        await batch.Submit(Fixtures.UnknownChild, Fixtures.NoDossier, Fixtures.OtherProvince);
        await batch.Completed();
        var lines = await batch.Results();
        Assert.All(lines, line => Assert.Equal(outcome, BatchCall.Text(line, "outcome")));
        Assert.Single(lines.Select(Alike).Distinct(StringComparer.Ordinal));

        static string Alike(JsonElement line) =>
            line.GetRawText()
                .Replace(BatchCall.Text(line, "reference")!, "", StringComparison.Ordinal)
                .Replace(BatchCall.Text(line, "exchangeId")!, "", StringComparison.Ordinal);
    }

    private static string? Raw(JsonElement of, string name) => of.TryGetProperty(name, out var member) ? member.GetRawText() : null;
}
