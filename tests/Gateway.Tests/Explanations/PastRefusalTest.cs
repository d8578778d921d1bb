using System.Net;
using Gateway.Authentication;
using Gateway.Explanations;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Persons;
using Tokens.Access;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Explanations;

/// <summary>The longer text about a refusal, from its record.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class PastRefusalTest(TownFixture fixture)
{
    private readonly Town _town = fixture.Town;

    [Fact]
    public async Task A_refusal_is_explained_to_its_own_client_in_three_languages_from_the_log()
    {
        var refused = await _town.Enrolment("1234");
        var reply = await DryRunTest.Explain(_town, new { exchangeId = refused.Receipt().ExchangeId });
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        var (told, finding) = (reply.Json, reply.Json.GetProperty("finding"));
        Assert.Equal(
            ("education.school-enrolment.read", "ASD_SCHOOLING", Forge.Reference(_town, "ANSS-MENPS-2026")),
            (told.GetProperty("operation").GetString(), told.GetProperty("purpose").GetString(), told.GetProperty("agreement").GetString())
        );
        Assert.Equal(
            (refused.Code, "REQ-02", 400),
            (finding.GetProperty("code").GetString(), finding.GetProperty("rule").GetString(), told.GetProperty("status").GetInt32())
        );
        Assert.Equal(_town.Law.Current.Digest, told.GetProperty("policy").GetString());
        Assert.Equal(3, finding.GetProperty("texts").EnumerateObject().Count());
        var record = await reply.Record();
        Assert.Equal(
            ("catalogue.explanation.read", refused.Receipt().ExchangeId),
            (record.GetProperty("op").GetString(), record.GetProperty("ref").GetString())
        );
    }

    [Fact]
    public async Task A_refusal_by_the_agreement_names_its_clause()
    {
        var refused = await _town.Post(
            Ask.Enrolments,
            $$"""{"subject":{"scheme":"idcs","value":"{{Fixtures.PlainChild}}"},"schoolYear":"{{_town.File.SchoolYear}}","fields":["enrolment.sector"]}""",
            purpose: "ASD_SCHOOLING"
        );
        Assert.Equal("field-not-allowed", refused.Code);
        var finding = (await DryRunTest.Explain(_town, new { exchangeId = refused.Receipt().ExchangeId })).Json.GetProperty("finding");
        Assert.Equal(refused.Json.GetProperty("clause").GetString(), finding.GetProperty("clause").GetString());
        foreach (var language in (string[])["fr", "ar", "en"])
            Assert.Contains(
                "ANSS-MENPS-2026",
                finding.GetProperty("texts").GetProperty(language).GetProperty("detail").GetString(),
                StringComparison.Ordinal
            );
    }

    [Fact, Provokes("resource-unknown")]
    public async Task Another_clients_refusal_an_answer_and_nothing_at_all_are_answered_alike()
    {
        var (refused, answered) = (await _town.Enrolment("1234"), await _town.Enrolment(Fixtures.PlainChild));
        var replies = new List<Reply>();
        foreach (
            var (id, client, purpose) in new[]
            {
                (refused.Receipt().ExchangeId, "anss-batch", "ASD_BACK_TO_SCHOOL"),
                (answered.Receipt().ExchangeId, "anss-eligibility", "ASD_SCHOOLING"),
                (Ledger.Ulid.New(TimeProvider.System), "anss-eligibility", "ASD_SCHOOLING"),
                ("01AN4Z07BY79KA1307SR9X4MV3", "anss-eligibility", "ASD_SCHOOLING"),
            }
        )
            replies.Add(await DryRunTest.Explain(_town, new { exchangeId = id }, client, purpose: purpose));
        Assert.All(replies, static reply => Assert.Equal((HttpStatusCode.NotFound, "resource-unknown"), (reply.Status, reply.Code)));
        Assert.Single(
            replies
                .Select(static reply => reply.Text.Replace(reply.Json.GetProperty("instance").GetString()!, "", StringComparison.Ordinal))
                .Distinct(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task A_refusal_is_explained_under_the_agreement_and_for_the_purpose_that_it_was_asked_for()
    {
        var refused = await _town.Enrolment("1234");
        var nothing = await DryRunTest.Explain(_town, new { exchangeId = Ledger.Ulid.New(TimeProvider.System) });
        foreach (var purpose in (string[])["ASD_BACK_TO_SCHOOL", "ASD_ELIGIBILITY"])
        {
            var reply = await DryRunTest.Explain(_town, new { exchangeId = refused.Receipt().ExchangeId }, purpose: purpose);
            Assert.Equal((HttpStatusCode.NotFound, Alike(nothing)), (reply.Status, Alike(reply)));
        }

        static string Alike(Reply reply) =>
            reply.Text.Replace(reply.Json.GetProperty("instance").GetString()!, "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_refusal_says_of_a_person_is_told_only_to_who_may_still_ask_about_the_person()
    {
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Index = false,
                Witnesses = 0,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
            }
        );
        var (of, form) = (await town.Enrolment(Fixtures.NoDossier), await town.Enrolment("1234"));
        Assert.Equal("dossier-not-open", of.Code);
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        Assert.Equal(
            HttpStatusCode.OK,
            (await DryRunTest.Explain(town, new { exchangeId = of.Receipt().ExchangeId }, token: token)).Status
        );
        await StatusTest.StatusOf(town).Suspend(StoppedKind.Agreement, "ANSS-MENPS-2026-01", "test");
        await Soon.Holds(
            async () =>
                (await DryRunTest.Explain(town, new { exchangeId = of.Receipt().ExchangeId }, token: token)).Status
                == HttpStatusCode.NotFound,
            "it is told no longer"
        );
        // What says nothing of a person is: why a call was refused may be just what has to be mended.
        Assert.Equal(
            HttpStatusCode.OK,
            (await DryRunTest.Explain(town, new { exchangeId = form.Receipt().ExchangeId }, token: token)).Status
        );
    }

    [Fact]
    public async Task A_refusal_is_still_explained_after_a_restart()
    {
        var state = Directory.CreateTempSubdirectory("town-again-").FullName;
        try
        {
            string id;
            await using (
                var first = await Town.StartAsync(
                    new TownOptions
                    {
                        Pupils = 100,
                        State = state,
                        Index = false,
                    }
                )
            )
                id = (await first.Enrolment("1234")).Receipt().ExchangeId;
            await using var second = await Town.StartAsync(
                new TownOptions
                {
                    Pupils = 100,
                    State = state,
                    Index = false,
                }
            );
            var reply = await DryRunTest.Explain(second, new { exchangeId = id });
            Assert.Equal(
                ("invalid-identifier", id),
                (reply.Json.GetProperty("finding").GetProperty("code").GetString(), reply.Json.GetProperty("exchangeId").GetString())
            );
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    [Fact]
    public async Task A_refusal_is_explained_for_thirty_days_and_no_longer()
    {
        var clock = new ShiftedClock();
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Index = false,
                Clock = clock,
            }
        );
        var (caller, law) = (CallerOf(town), town.Law.Current);
        var id = (await town.Enrolment("1234")).Receipt().ExchangeId;
        var past = town.GatewayHost.Services.GetRequiredService<PastRefusals>();
        clock.Advance(TimeSpan.FromDays(29.9));
        Assert.True((await past.FindAsync(id, caller, law, CancellationToken.None)).Allows(out var found, out _));
        Assert.Equal("invalid-identifier", found.Refusal.Problem.Code);
        clock.Advance(TimeSpan.FromDays(0.2));
        Assert.False((await past.FindAsync(id, caller, law, CancellationToken.None)).Allows(out _, out var refusal));
        Assert.Equal("resource-unknown", refusal.Problem.Code);

        static Caller CallerOf(Town town) =>
            new(
                town.Law.Current.Institutions["anss"],
                town.Law.Current.Clients["anss-eligibility"],
                Office: null,
                Forge.Reference(town, "ANSS-MENPS-2026"),
                "ASD_SCHOOLING",
                []
            )
            {
                TokenId = "t",
                ExpiresAt = DateTimeOffset.MaxValue,
                Scheme = TokenScheme.Bearer,
            };
    }
}
