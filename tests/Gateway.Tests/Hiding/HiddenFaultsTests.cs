using System.Net;
using Gateway.Tests.Flow;
using Ledger.Notes;
using Ledger.Tiles;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Hiding;

/// <summary>
/// Whatever a partner does to the source or the source does to him, a person who must look unknown (without dossier, in another province)
/// is answered and charged as one whom nobody knows.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class HiddenFaultsTests(HidingFixture fixture) : IClassFixture<HidingFixture>, IAsyncLifetime
{
    private readonly HidingTown _town = fixture.Town;

    // The source is well, has been for as long as the gateway remembers, and its circuit is closed.
    public async ValueTask InitializeAsync()
    {
        _town.Source.Clear();
        for (var (well, attempt) = (0, 0); well < 64 && attempt < 400; attempt++)
        {
            if ((await _town.Ask(Fixtures.UnknownChild)).MatchStatus == "NOT_FOUND")
                well++;
            else
                await Task.Delay(100);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(BehaviorMode.WrongType)]
    [InlineData(BehaviorMode.NotJson)]
    [InlineData(BehaviorMode.WrongSubject)]
    [InlineData(BehaviorMode.AnotherYear)]
    [InlineData(BehaviorMode.FutureAsOf)]
    [InlineData(BehaviorMode.TooLarge)]
    [InlineData(BehaviorMode.Error)]
    [InlineData(BehaviorMode.Down)]
    [InlineData(BehaviorMode.ResetMidBody)]
    [InlineData(BehaviorMode.Silent)]
    public async Task What_a_source_does_about_one_person_happens_to_nobody_else(BehaviorMode mode)
    {
        // One that does not answer takes all of its time for each.
        var persons = mode == BehaviorMode.Silent ? [Fixtures.Student] : new[] { Fixtures.Student, Fixtures.Student, Fixtures.PlainChild };
        foreach (var person in persons)
        {
            _town.Source.Set(mode, count: 1);
            await _town.Ask(person);
        }

        _town.Source.Clear();
        await AreAlike("NOT_FOUND");
    }

    [Fact]
    public async Task Old_data_for_everybody_is_old_for_them()
    {
        _town.Source.Set(BehaviorMode.Stale);
        await AreAlike("NOT_FOUND");
        Assert.Contains("\"stale\":true", (await _town.Ask(Fixtures.NoDossier)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partner_who_hangs_up_learns_nothing_by_it()
    {
        _town.Source.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(2));
        for (var i = 0; i < 12; i++)
            await HangUp(Fixtures.UnknownChild);
        _town.Source.Clear();
        await _town.Settled();
        await AreAlike("NOT_FOUND");
    }

    [Theory]
    [InlineData(BehaviorMode.Error, "provider-error")]
    [InlineData(BehaviorMode.Refuse, "provider-refused")]
    [InlineData(BehaviorMode.Busy, "provider-busy")]
    [InlineData(BehaviorMode.ResetMidBody, "provider-unavailable")]
    [InlineData(BehaviorMode.NotJson, "provider-invalid-answer")]
    [InlineData(BehaviorMode.FutureAsOf, "provider-invalid-answer")]
    [InlineData(BehaviorMode.TooLarge, "provider-answer-too-large")]
    public async Task A_source_that_fails_for_everybody_fails_for_them_and_is_back_for_them(BehaviorMode mode, string code)
    {
        _town.Source.Set(mode);
        await AreAlike(code);
        _town.Source.Clear();
        await AreAlike("NOT_FOUND");
    }

    [Fact]
    public async Task A_404_without_its_rule_in_the_institutions_file_is_no_answer_about_anybody()
    {
        _town.Source.Set(BehaviorMode.NotFound404);
        await AreAlike("provider-error");
        _town.Source.Clear();
        await AreAlike("NOT_FOUND");
    }

    [Fact]
    public async Task An_open_circuit_is_open_for_all()
    {
        _town.Source.Set(BehaviorMode.Error);
        var compared = 0;
        for (var (i, before) = (0, await _town.Ask(Fixtures.UnknownChild)); i < 1000 && compared < 3; i++)
        {
            var person = i % 2 == 0 ? Fixtures.NoDossier : Fixtures.OtherProvince;
            var hidden = before.Code == "provider-unavailable" ? await _town.Ask(person) : null;
            var after = await _town.Ask(Fixtures.UnknownChild);
            // Open before and after, and so in between.
            if (hidden is not null && after.Code == "provider-unavailable")
            {
                Assert.Equal(HidingTown.Shown(after), HidingTown.Shown(hidden));
                Assert.Equal(HidingTown.Remaining(before), HidingTown.Remaining(hidden));
                compared++;
            }

            before = after;
        }

        Assert.Equal(3, compared);
    }

    [Fact]
    public async Task Those_who_are_not_asked_about_dilute_failures_as_those_who_are()
    {
        // Twelve failures among twice as many healthy calls: less than half, whoever the healthy calls were about.
        for (var i = 0; i < 12; i++)
        {
            for (var j = 0; j < 2; j++)
                Assert.Equal("NOT_FOUND", (await _town.Ask(Fixtures.NoDossier)).MatchStatus);
            _town.Source.Set(BehaviorMode.Error, count: 1);
            Assert.Equal("provider-error", (await _town.Ask(Fixtures.Apprentice)).Code);
        }
    }

    [Fact]
    public async Task A_maintenance_window_is_closed_for_all()
    {
        var file = Path.Combine(_town.Town.Contracts.Folder, "institutions", "mesri.yaml");
        var text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(
            file,
            text.Replace(
                "  identifierScheme: sector-token",
                "  identifierScheme: sector-token\n  maintenance: [ { days: [monday, tuesday, wednesday, thursday, friday, saturday, sunday], from: \"00:00\", to: \"00:00\" } ]",
                StringComparison.Ordinal
            )
        );
        try
        {
            for (var attempt = 0; attempt < 100 && (await _town.Ask(Fixtures.UnknownChild)).Code != "provider-closed"; attempt++)
                await Task.Delay(50);
            await AreAlike("provider-closed", sameSecond: false);
        }
        finally
        {
            await File.WriteAllTextAsync(file, text);
        }

        for (var attempt = 0; attempt < 100 && (await _town.Ask(Fixtures.UnknownChild)).Code == "provider-closed"; attempt++)
            await Task.Delay(50);
    }

    [Fact]
    public async Task They_take_a_seat_at_the_source_like_everybody()
    {
        await using var town = await HidingTown.StartAsync(static text =>
            text.Replace("deadline: PT8S", "deadline: PT1S", StringComparison.Ordinal)
        );
        var file = Path.Combine(town.Town.Contracts.Folder, "institutions", "mesri.yaml");
        await File.WriteAllTextAsync(
            file,
            (await File.ReadAllTextAsync(file)).Replace(
                "  identifierScheme: sector-token",
                "  identifierScheme: sector-token\n  maxInFlight: 1",
                StringComparison.Ordinal
            )
        );
        await Task.Delay(1500);
        town.Source.Set(BehaviorMode.Slow, delay: TimeSpan.FromMilliseconds(800));
        for (var i = 0; i < 8; i++)
            Assert.Equal("NOT_FOUND", (await town.Ask(Fixtures.UnknownChild)).MatchStatus);
        foreach (var first in new[] { Fixtures.UnknownChild, Fixtures.NoDossier })
        {
            var holds = town.Ask(first);
            await Task.Delay(150);
            var waits = await town.Ask(Fixtures.UnknownChild);
            Assert.Equal("NOT_FOUND", (await holds).MatchStatus);
            Assert.NotEqual(HttpStatusCode.OK, waits.Status);
        }
    }

    [Fact]
    public async Task The_record_of_who_hung_up_is_the_same_too()
    {
        _town.Source.Set(BehaviorMode.Slow, delay: TimeSpan.FromMilliseconds(500));
        // Both whom this source does not know, and of whom the other tests ask: a wait is drawn from the last ones of either.
        for (var i = 0; i < 16; i++)
        {
            var person = i % 2 == 0 ? Fixtures.UnknownChild : Fixtures.PlainChild;
            Assert.Equal("NOT_FOUND", (await _town.Ask(person)).MatchStatus);
        }

        // The records of those sixteen are published a little later.
        var before = Records().Count;
        for (var still = 0; still < 20; still++)
        {
            await Task.Delay(100);
            if (Records().Count is var now && now != before)
                (before, still) = (now, 0);
        }

        await HangUp(Fixtures.UnknownChild);
        await HangUp(Fixtures.NoDossier);
        for (var attempt = 0; attempt < 200 && Records().Count < before + 2; attempt++)
            await Task.Delay(50);
        var records = Records()[before..];
        Assert.Equal(2, records.Count);
        string[] members = ["ev", "out", "code", "rule", "by", "st", "len", "match", "gate", "prov"];
        string Of(System.Text.Json.Nodes.JsonObject record) =>
            string.Join(' ', members.Select(member => $"{member}={record[member]?.ToJsonString()}"));
        Assert.Equal(Of(records[0]), Of(records[1]));
    }

    [Fact]
    public async Task Nothing_about_them_leaves()
    {
        _town.Town["mesri"].Received.Clear();
        await _town.Ask(Fixtures.NoDossier);
        _town.Source.Set(BehaviorMode.Error);
        await _town.Ask(Fixtures.OtherProvince);
        Assert.Empty(_town.Town["mesri"].Received.All);
    }

    private async Task AreAlike(string outcome, bool sameSecond = true)
    {
        var unknown = await _town.Ask(Fixtures.UnknownChild);
        Assert.Equal(outcome, unknown.Status == HttpStatusCode.OK ? unknown.MatchStatus : unknown.Code);
        foreach (var person in new[] { Fixtures.NoDossier, Fixtures.OtherProvince, Fixtures.NoDossier })
        {
            var hidden = await _town.Ask(person);
            Assert.Equal(outcome, hidden.Status == HttpStatusCode.OK ? hidden.MatchStatus : hidden.Code);
            if (sameSecond)
                Assert.Equal(HidingTown.Shown(unknown), HidingTown.Shown(hidden));
            var next = await _town.Ask(Fixtures.UnknownChild);
            // The same was taken for both.
            Assert.Equal(
                HidingTown.Remaining(unknown) - HidingTown.Remaining(hidden),
                HidingTown.Remaining(hidden) - HidingTown.Remaining(next)
            );
            unknown = next;
        }
    }

    private async Task HangUp(string person)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(150));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _town.Ask(person, patience.Token));
    }

    private List<System.Text.Json.Nodes.JsonObject> Records() =>
        [
            .. LogReader
                .Open(_town.Town.LedgerFolder, VerifierKey.Parse(_town.Town.File.Ledger.Vkey))
                .Entries()
                .Select(static entry => System.Text.Json.Nodes.JsonNode.Parse(entry.Text.Span)!.AsObject())
                .Where(static record => record["op"]?.ToString() == "education.school-enrolment.read"),
        ];
}
