using System.Net;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

[Collection(OneTown.Name)]
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
        Assert.NotEqual(HttpStatusCode.OK, (await town.Enrolment(Fixtures.WrongTypes, "ASD_BACK_TO_SCHOOL")).Status);
        Assert.Equal("UNAVAILABLE", (await town.Enrolment(Fixtures.PartialOutage)).MatchStatus);
        Assert.Equal(HttpStatusCode.OK, (await town.Enrolment(Fixtures.PlainChild)).Status);
        await RefusalsTest.Refused(await town.Enrolment(Fixtures.Orphan), HttpStatusCode.TooManyRequests, "quota-exhausted", "QUO-01");
    }

    [Fact, Provokes("miss-budget-exhausted")]
    public async Task Too_many_misses_stop_an_enumerator()
    {
        await using var town = await Start("missesPerDay: 150000", "missesPerDay: 1");
        Assert.Equal("NOT_FOUND", (await town.Enrolment(Fixtures.UnknownChild)).MatchStatus);
        await RefusalsTest.Refused(await town.Enrolment(Fixtures.Infant), HttpStatusCode.TooManyRequests, "miss-budget-exhausted", "QUO-05");
    }

    [Fact, Provokes("rate-exceeded")]
    public async Task A_burst_beyond_the_agreement_is_told_to_slow_down()
    {
        await using var town = await Start("burstPerSecond: 300, perSubjectPerDay: 4", "burstPerSecond: 1, perSubjectPerDay: 1000");
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        var client = town.ClientAs("anss-eligibility");
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), System.Text.Encoding.UTF8, "application/json");
            return await town.Send(Ask.Enrolments, body, token, client);
        }));
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
        Assert.Equal(HttpStatusCode.OK, (await town.Post(Ask.Enrolments, Ask.Question(town, Fixtures.PlainChild), office, with: Human)).Status);
        await RefusalsTest.Refused(await town.Post(Ask.Enrolments, Ask.Question(town, Fixtures.Orphan), office, with: Human), HttpStatusCode.TooManyRequests, "agent-quota-exhausted", "QUO-04");
    }

    private static Task<Town> Start(string from, string to) => Town.StartAsync(new TownOptions
    {
        Pupils = 100,
        KeepsQuotas = true,
        ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
        EditContracts = contracts =>
        {
            var file = Directory.GetFiles(Path.Combine(contracts, "agreements"), "ANSS-MENPS-2026*").Single();
            var text = File.ReadAllText(file);
            Assert.Contains(from, text, StringComparison.Ordinal);
            File.WriteAllText(file, text.Replace(from, to, StringComparison.Ordinal));
        },
    });
}
