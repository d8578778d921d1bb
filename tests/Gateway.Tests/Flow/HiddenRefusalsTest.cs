using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Ledger.Notes;
using Ledger.Tiles;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>Towards a partner, a person without dossier, one out of reach and one whom nobody knows look and cost alike.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class HiddenRefusalsTest : IAsyncLifetime
{
    private const string Client = "menps-school-support",
        Agreement = "MENPS-MESRI-2026-01";
    private Town _town = null!;
    private string _token = "";

    public async ValueTask InitializeAsync()
    {
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 50,
                Witnesses = 0,
                EditContracts = AddPartner,
            }
        );
        _token = await _town.TokenFor(Client, "ASD_SCHOOLING", Agreement, "education.school-enrolment.read");
    }

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Fact]
    public async Task No_dossier_another_territory_and_no_record_are_the_same_bytes()
    {
        await Question(Fixtures.UnknownChild);
        var unknown = await Question(Fixtures.UnknownChild);
        _town["mesri"].Received.Clear();
        var without = await Question(Fixtures.NoDossier);
        var elsewhere = await Question(Fixtures.OtherProvince);
        Assert.Empty(_town["mesri"].Received.All);
        Assert.Equal((HttpStatusCode.OK, "NOT_FOUND"), (unknown.Status, unknown.MatchStatus));
        Assert.Equal(unknown.Text, without.Text);
        Assert.Equal(unknown.Text, elsewhere.Text);
        Assert.Equal(Headers(unknown), Headers(without));
        Assert.Equal(Headers(unknown), Headers(elsewhere));
    }

    [Fact]
    public async Task The_consumers_record_says_what_it_knows_and_the_next_one_tells_officers_the_rule()
    {
        var replies = new[]
        {
            await Question(Fixtures.UnknownChild),
            await Question(Fixtures.NoDossier),
            await Question(Fixtures.OtherProvince),
        };
        var records = new List<(JsonElement Access, JsonElement Decision, int Size)>();
        foreach (var reply in replies)
        {
            var access = await reply.Record();
            var log = LogReader.Open(_town.LedgerFolder, VerifierKey.Parse(_town.File.Ledger.Vkey));
            var decision = JsonSerializer.Deserialize<JsonElement>(log.Entry(reply.Receipt().Index + 1).Text.Span);
            Assert.Equal(
                ("decision", access.GetProperty("id").GetString()),
                (decision.GetProperty("ev").GetString(), decision.GetProperty("ref").GetString())
            );
            records.Add((access, decision, log.Entry(reply.Receipt().Index).Text.Length));
        }

        Assert.All(records, static record =>
            Assert.Equal(
                ("permit", "NOT_FOUND"),
                (record.Access.GetProperty("out").GetString(), record.Access.GetProperty("match").GetString())
            )
        );
        Assert.All(records, static record =>
            Assert.False(
                record.Access.TryGetProperty("rule", out _)
                    || record.Access.TryGetProperty("gate", out _)
                    || record.Access.TryGetProperty("prov", out _)
            )
        );
        Assert.Single(records.Select(static record => record.Size).Distinct());
        Assert.Equal(
            ["", "PER-10", "PER-12"],
            records.Select(static record => record.Decision.TryGetProperty("rule", out var rule) ? rule.GetString()! : "")
        );
        Assert.Equal(["permit", "deny", "deny"], records.Select(static record => record.Decision.GetProperty("out").GetString()!));
    }

    [Fact]
    public async Task The_times_of_hidden_refusals_cannot_be_told_from_those_of_real_misses()
    {
        for (var i = 0; i < 60; i++)
            await Question(Fixtures.UnknownChild);
        var (real, hidden) = (new List<double>(), new List<double>());
        for (var i = 0; i < 150; i++)
        {
            real.Add(await Took(Fixtures.UnknownChild));
            hidden.Add(await Took(Fixtures.NoDossier));
        }

        // The share of pairs in which the hidden one took longer: 0.5 for one distribution, 0 or 1 where a partner could tell.
        var longer = hidden.Sum(one => real.Count(other => one > other)) / (double)(hidden.Count * real.Count);
        Assert.InRange(longer, 0.25, 0.75);
    }

    [Fact]
    public async Task When_the_source_fails_it_fails_for_those_who_must_look_unknown_too()
    {
        _town["mesri"].Behaviors.Set(BehaviorMode.Error);
        var asked = await Question(Fixtures.Student);
        var hidden = await Question(Fixtures.NoDossier);
        _town["mesri"].Behaviors.Clear();
        Assert.Equal((asked.Status, asked.Code), (hidden.Status, hidden.Code));
        Assert.NotEqual(HttpStatusCode.OK, asked.Status);
        Assert.Equal("MATCHED", (await Question(Fixtures.Student)).MatchStatus);
        Assert.Equal("NOT_FOUND", (await Question(Fixtures.NoDossier)).MatchStatus);
    }

    private async Task<double> Took(string person)
    {
        var watch = Stopwatch.GetTimestamp();
        Assert.Equal("NOT_FOUND", (await Question(person)).MatchStatus);
        return Stopwatch.GetElapsedTime(watch).TotalMilliseconds;
    }

    private async Task<Reply> Question(string person)
    {
        using var body = new StringContent(Ask.Question(_town, person), System.Text.Encoding.UTF8, "application/json");
        return await _town.Send(Ask.Enrolments, body, _token, _town.ClientAs(Client));
    }

    private static IEnumerable<string> Headers(Reply reply) =>
        reply.Response.Headers.Concat(reply.Response.Content.Headers).Select(static header => header.Key).Order(StringComparer.Ordinal);

    // The higher-education ministry answers the education ministry, in one province, under a gate that the latter declares.
    internal static void AddPartner(string contracts)
    {
        var text = File.ReadAllText(Path.Combine(contracts, "agreements", "ANSS-MESRI-2026-01.yaml"))
            .Replace("ANSS-MESRI-2026-01", Agreement, StringComparison.Ordinal)
            .Replace("parties: [anss, mesri]", "parties: [menps, mesri]", StringComparison.Ordinal)
            .Replace("consumer: anss", "consumer: menps", StringComparison.Ordinal)
            .Replace("clients: [anss-eligibility, anss-batch]", $"clients: [{Client}]", StringComparison.Ordinal)
            .Replace("declaredBy: anss", "declaredBy: menps", StringComparison.Ordinal)
            .Replace("provinces: all", "provinces: [\"06.181.\"]", StringComparison.Ordinal);
        File.WriteAllText(
            Path.Combine(contracts, "agreements", Agreement + ".yaml"),
            text[..text.IndexOf("signatures:", StringComparison.Ordinal)]
        );
    }
}
