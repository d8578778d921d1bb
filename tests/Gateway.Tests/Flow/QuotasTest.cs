using System.Net;
using System.Text.Json;
using Agreements;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class QuotasTest
{
    [Fact, Provokes("subject-quota-exhausted")]
    public async Task The_same_person_is_asked_about_as_often_as_the_agreement_says()
    {
        await using var town = await Start("perSubjectPerDay: 4", "perSubjectPerDay: 2");
        Assert.Equal("1", (await town.Enrolment(Fixtures.PlainChild)).Header("RateLimit-Remaining"));
        await town.Enrolment(Fixtures.PlainChild);
        var third = await town.Enrolment(Fixtures.PlainChild);
        await RefusalsTest.Refused(third, HttpStatusCode.TooManyRequests, "subject-quota-exhausted", "QUO-03");
        Assert.True(int.Parse(third.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture) is > 0 and <= 86_400);
        Assert.Equal(HttpStatusCode.OK, (await town.Enrolment(Fixtures.Orphan)).Status);
    }

    [Fact, Provokes("quota-exhausted")]
    public async Task The_days_quota_ends_and_a_providers_failure_costs_nothing()
    {
        await using var town = await Start("perDay: 1500000", "perDay: 2");
        var wrong = await town.Enrolment(Fixtures.WrongTypes, "ASD_BACK_TO_SCHOOL");
        Assert.Equal(HttpStatusCode.BadGateway, wrong.Status);
        Assert.Equal("2", wrong.Header("RateLimit-Remaining")); // perSubjectPerDay of that grant, untouched
        var away = await town.Enrolment(Fixtures.PartialOutage);
        Assert.Equal("UNAVAILABLE", away.MatchStatus);
        Assert.Equal("2", away.Header("RateLimit-Remaining"));
        Assert.Equal("1", (await town.Enrolment(Fixtures.PlainChild)).Header("RateLimit-Remaining"));
        Assert.Equal("0", (await town.Enrolment(Fixtures.PlainChild)).Header("RateLimit-Remaining"));
        var third = await town.Enrolment(Fixtures.Orphan);
        await RefusalsTest.Refused(third, HttpStatusCode.TooManyRequests, "quota-exhausted", "QUO-01");
        Assert.Equal("2", third.Header("RateLimit-Limit"));
        Assert.Equal("0", third.Header("RateLimit-Remaining"));
        Assert.Equal(third.Header("Retry-After"), third.Header("RateLimit-Reset"));
        using var problem = JsonDocument.Parse(third.Text);
        var quota = problem.RootElement.GetProperty("quota");
        Assert.Equal("perDay", quota.GetProperty("name").GetString());
        Assert.Equal(CivilTime.EndOf(CivilTime.Today(TimeProvider.System)), quota.GetProperty("resetsAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task What_was_answered_before_a_restart_is_still_charged()
    {
        var state = Directory.CreateTempSubdirectory("town-").FullName;
        try
        {
            await using (var town = await Start("perDay: 1500000, perMonth: 6000000", "perDay: 3, perMonth: 6000000", state))
            {
                Assert.Equal("2", (await town.Enrolment(Fixtures.PlainChild)).Header("RateLimit-Remaining"));
                Assert.Equal("1", (await town.Enrolment(Fixtures.Orphan)).Header("RateLimit-Remaining"));
                Assert.Equal("UNAVAILABLE", (await town.Enrolment(Fixtures.PartialOutage)).MatchStatus);
            }

            await using (var town = await Start("perDay: 1500000, perMonth: 6000000", "perDay: 3, perMonth: 6000000", state))
            {
                Assert.Equal("0", (await town.Enrolment(Fixtures.PlainChild)).Header("RateLimit-Remaining"));
                await RefusalsTest.Refused(
                    await town.Enrolment(Fixtures.Orphan),
                    HttpStatusCode.TooManyRequests,
                    "quota-exhausted",
                    "QUO-01"
                );
            }
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    [Fact]
    public async Task The_agreements_quota_ends_for_all_its_purposes_together_also_after_a_restart()
    {
        var state = Directory.CreateTempSubdirectory("town-").FullName;
        const string From = "quotas: { perDay: 2000000, perMonth: 9000000 }",
            To = "quotas: { perDay: 2, perMonth: 3 }";
        try
        {
            await using (var town = await Start(From, To, state))
            {
                Assert.Equal("1", (await town.Enrolment(Fixtures.PlainChild)).Header("RateLimit-Remaining"));
                Assert.Equal("0", (await town.Enrolment(Fixtures.PlainChild, "ASD_BACK_TO_SCHOOL")).Header("RateLimit-Remaining"));
                await Refused(town, "ASD_SCHOOLING");
            }

            await using (var town = await Start(From, To, state))
                await Refused(town, "ASD_BACK_TO_SCHOOL");
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }

        static async Task Refused(Town town, string purpose)
        {
            var refused = await town.Enrolment(Fixtures.Orphan, purpose);
            await RefusalsTest.Refused(refused, HttpStatusCode.TooManyRequests, "quota-exhausted", "QUO-01");
            Assert.Equal("2", refused.Header("RateLimit-Limit"));
            using var problem = JsonDocument.Parse(refused.Text);
            Assert.Equal("agreementPerDay", problem.RootElement.GetProperty("quota").GetProperty("name").GetString());
        }
    }

    [Fact]
    public async Task Persons_agents_and_misses_are_counted_again_after_a_restart()
    {
        var state = Directory.CreateTempSubdirectory("town-").FullName;
        const string From = "perSubjectPerDay: 4, missesPerDay: 150000",
            To = "perSubjectPerDay: 1, missesPerDay: 1";
        try
        {
            await using (var town = await Start(From, To, state))
                Assert.Equal("MATCHED", (await town.Enrolment(Fixtures.PlainChild)).MatchStatus);
            await using (var town = await Start(From, To, state))
            {
                await RefusalsTest.Refused(
                    await town.Enrolment(Fixtures.PlainChild),
                    HttpStatusCode.TooManyRequests,
                    "subject-quota-exhausted",
                    "QUO-03"
                );
                Assert.Equal("NOT_FOUND", (await town.Enrolment(Fixtures.UnknownChild)).MatchStatus);
            }

            await using (var town = await Start(From, To, state))
                await RefusalsTest.Refused(
                    await town.Enrolment(Fixtures.Infant),
                    HttpStatusCode.TooManyRequests,
                    "miss-budget-exhausted",
                    "QUO-05"
                );
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    [Fact, Provokes("miss-budget-exhausted")]
    public async Task Too_many_misses_stop_an_enumerator()
    {
        await using var town = await Start("missesPerDay: 150000", "missesPerDay: 1");
        Assert.Equal("NOT_FOUND", (await town.Enrolment(Fixtures.UnknownChild)).MatchStatus);
        await RefusalsTest.Refused(
            await town.Enrolment(Fixtures.Infant),
            HttpStatusCode.TooManyRequests,
            "miss-budget-exhausted",
            "QUO-05"
        );
    }

    [Fact, Provokes("rate-exceeded")]
    public async Task A_burst_beyond_the_agreement_is_told_to_slow_down()
    {
        await using var town = await Start("burstPerSecond: 300, perSubjectPerDay: 4", "burstPerSecond: 1, perSubjectPerDay: 1000");
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        var client = town.ClientAs("anss-eligibility");
        var replies = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(async _ =>
                {
                    using var body = new StringContent(
                        Ask.Question(town, Fixtures.PlainChild),
                        System.Text.Encoding.UTF8,
                        "application/json"
                    );
                    return await town.Send(Ask.Enrolments, body, token, client);
                })
        );
        Assert.Contains(replies, static reply => reply.Code == "rate-exceeded" && reply.Header("Retry-After") == "1");
    }

    [Fact, Provokes("agent-quota-exhausted")]
    public async Task One_agent_asks_as_often_as_the_agreement_says()
    {
        await using var town = await Start("perAgentPerDay: 60", "perAgentPerDay: 1");
        static void Human(HttpRequestMessage request)
        {
            request.Headers.Add("Case-Reference", "ELJ-2026-00417");
            request.Headers.Add("Agent", "ag-4417");
        }

        const string office = "anss-office-06181-01";
        Assert.Equal(
            HttpStatusCode.OK,
            (await town.Post(Ask.Enrolments, Ask.Question(town, Fixtures.PlainChild), office, with: Human)).Status
        );
        await RefusalsTest.Refused(
            await town.Post(Ask.Enrolments, Ask.Question(town, Fixtures.Orphan), office, with: Human),
            HttpStatusCode.TooManyRequests,
            "agent-quota-exhausted",
            "QUO-04"
        );
    }

    private static Task<Town> Start(string from, string to, string? state = null) =>
        Town.StartAsync(
            new TownOptions
            {
                State = state,
                Pupils = 100,
                KeepsQuotas = true,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                EditContracts = contracts =>
                {
                    var file = Directory.GetFiles(Path.Combine(contracts, "agreements"), "ANSS-MENPS-2026*").Single();
                    var text = File.ReadAllText(file);
                    if (state is null)
                        Assert.Contains(from, text, StringComparison.Ordinal);
                    File.WriteAllText(file, text.Replace(from, to, StringComparison.Ordinal));
                },
            }
        );
}
