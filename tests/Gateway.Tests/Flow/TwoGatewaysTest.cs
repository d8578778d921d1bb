using System.Net;
using Postgres;
using Sandbox;
using Sandbox.Persons;
using Tokens.Stores;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>Two whole gateways, each with its own log, and one PostgreSQL for their quotas.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class TwoGatewaysTest(RealPostgres server)
{
    private const int Limit = 25,
        Calls = 80;

    [Fact]
    public async Task Of_calls_to_two_gateways_exactly_as_many_are_answered_as_the_agreement_says()
    {
        var database = await server.NewDatabase();
        await using var one = await Start(database, "n1");
        await using var two = await Start(database, "n2");
        Town[] towns = [one, two];
        var asking = await Task.WhenAll(
            towns.Select(async town =>
                (Town: town, Token: await town.TokenFor("anss-eligibility", "ASD_SCHOOLING"), Client: town.ClientAs("anss-eligibility"))
            )
        );
        var replies = await Task.WhenAll(
            Enumerable
                .Range(0, Calls)
                .Select(async number =>
                {
                    var (town, token, client) = asking[number % 2];
                    while (true)
                    {
                        // Every fourth meets a provider that is away: it is answered, and costs nothing.
                        using var body = new StringContent(
                            Ask.Question(town, number % 4 == 0 ? Fixtures.PartialOutage : Fixtures.PlainChild),
                            System.Text.Encoding.UTF8,
                            "application/json"
                        );
                        var reply = await town.Send(Ask.Enrolments, body, token, client);
                        // Calls under way hold the rest, or a busy machine's counters did not answer in time: both say that another try is
                        // worth it.
                        if (
                            reply.Code != "overloaded"
                            && (reply.Status != HttpStatusCode.TooManyRequests || reply.Header("Retry-After") != "1")
                        )
                            return reply;
                        await Task.Delay(200);
                    }
                })
        );
        Assert.Equal(Limit, replies.Count(static reply => reply.MatchStatus == "MATCHED"));
        Assert.All(replies.Where(static reply => reply.Status != HttpStatusCode.OK), static reply =>
            Assert.Equal("quota-exhausted", reply.Code)
        );
        var refused = replies.First(static reply => reply.Code == "quota-exhausted");
        Assert.Equal("25", refused.Header("RateLimit-Limit"));
        Assert.Equal("0", refused.Header("RateLimit-Remaining"));
    }

    private static string Edit(string text) =>
        text.Replace(
            "perDay: 1500000, perMonth: 6000000, burstPerSecond: 300, perSubjectPerDay: 4",
            $"perDay: {Limit}, perMonth: 6000000, burstPerSecond: 300, perSubjectPerDay: 100",
            StringComparison.Ordinal
        );

    private Task<Town> Start(string database, string node) =>
        Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                KeepsQuotas = true,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                ConfigureGateway = gateway =>
                {
                    gateway.Quotas = new StoreSettings { Postgres = database, PasswordFile = server.PasswordFile };
                    gateway.LedgerOrigin += node;
                },
                EditContracts = static contracts =>
                {
                    var file = Directory.GetFiles(Path.Combine(contracts, "agreements"), "ANSS-MENPS-2026*").Single();
                    var text = File.ReadAllText(file);
                    Assert.NotEqual(text, Edit(text));
                    File.WriteAllText(file, Edit(text));
                },
            }
        );
}
