using System.Net;
using System.Text;
using Gateway.Tests.Authentication;
using Ledger;
using Postgres;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Tokens.Stores;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>The stores that nodes share are lost in the middle of a call: it is refused or stands whole, never half.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class StoresLostTest
{
    private static DateOnly Today => Agreements.CivilTime.Today(TimeProvider.System);

    [Fact]
    public async Task A_declaration_whose_store_is_lost_between_record_and_effect_is_refused_and_its_repetition_takes_effect_once()
    {
        await using var server = new RealPostgres();
        var (clock, ledger, person, key) = (new ShiftedClock(), new WatchedLedger(), Declare.Nobody(71), Guid.CreateVersion7());
        await using var town = await Start(clock, ledger.Around, await Dossiers(server));
        await Again(town);
        // The intent is durable, and so will be the record of the effect: the store dies before it.
        ledger.When("\"ev\":\"access\"", server.Kill);
        var refused = await town.Dossier(Declare.Open(person, Today), key);
        await RefusalsTest.Refused(refused, HttpStatusCode.ServiceUnavailable, "overloaded", "WIR-07");
        Assert.Equal("5", refused.Header("Retry-After"));
        Assert.Equal("overloaded", (await town.Dossier(Declare.Open(person, Today), key)).Code);
        Assert.Equal("dossier-not-open", (await town.Enrolment(person)).Code);
        // A minute without the store's word, and nobody's gate is known any more.
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await Ready(town));
        // The minute passed for the list of what was stopped too; its store is there and says so at its next look.
        await Soon.Holds(() => IssuesTokens(town), "tokens are issued again");
        town["menps"].Received.Clear();
        await RefusalsTest.Refused(await town.Enrolment(Fixtures.PlainChild), HttpStatusCode.ServiceUnavailable, "overloaded", "WIR-07");
        Assert.Empty(town["menps"].Received.All);

        await server.Start();
        await Again(town);
        Assert.Equal("""{"result":"ACCEPTED"}""", (await town.Dossier(Declare.Open(person, Today), key)).Text);
        Assert.Equal("""{"result":"ACCEPTED"}""", (await town.Dossier(Declare.Open(person, Today), key)).Text);
        Assert.Equal("""{"result":"UNCHANGED"}""", (await town.Dossier(Declare.Open(person, Today))).Text);
        Assert.Equal("NOT_FOUND", (await town.Enrolment(person)).MatchStatus);
    }

    [Fact]
    public async Task Of_a_batch_of_declarations_whose_store_is_lost_chunks_stand_whole_and_its_repetition_completes_it()
    {
        await using var server = new RealPostgres();
        var (ledger, key) = (new WatchedLedger(), Guid.CreateVersion7());
        await using var town = await Start(TimeProvider.System, ledger.Around, await Dossiers(server));
        var persons = Enumerable.Range(100, 1100).Select(Declare.Nobody).ToList();
        var lines = persons.Select((person, number) => Declare.Line($"d-{number}", Declare.Open(person, Today))).ToList();
        // The records of the second chunk of 500, not yet its effect.
        ledger.When("\"line\":750", server.Kill);
        var refused = await town.Dossiers(lines, key);
        await RefusalsTest.Refused(refused, HttpStatusCode.ServiceUnavailable, "overloaded", "WIR-07");
        Assert.Equal("NOT_FOUND", (await town.Enrolment(persons[499])).MatchStatus);
        Assert.Equal("dossier-not-open", (await town.Enrolment(persons[500])).Code);

        await server.Start();
        await Again(town);
        var results = (await town.Dossiers(lines, key)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            (500, 600),
            (
                results.Count(static line => line.Contains("\"UNCHANGED\"", StringComparison.Ordinal)),
                results.Count(static line => line.Contains("\"ACCEPTED\"", StringComparison.Ordinal))
            )
        );
        Assert.Equal("NOT_FOUND", (await town.Enrolment(persons[^1])).MatchStatus);
    }

    [Fact]
    public async Task A_call_whose_quotas_are_lost_while_the_provider_answers_is_charged_once_and_no_other_one_is_asked()
    {
        await using var server = new RealPostgres();
        var quotas = new StoreSettings { Postgres = await server.NewDatabase(), PasswordFile = server.PasswordFile };
        await using var town = await Start(TimeProvider.System, static ledger => ledger, gateway => gateway.Quotas = quotas, "perDay: 2,");
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(2));
        town["menps"].Received.Clear();
        var underWay = Enrolment(town, token);
        while (!town["menps"].Received.All.Any())
            await Task.Delay(10);
        server.Kill();
        // Its share was durable before the question left; its record is the charge.
        Assert.Equal("MATCHED", (await underWay).MatchStatus);
        town["menps"].Behaviors.Clear();
        town["menps"].Received.Clear();
        var refused = await Enrolment(town, token);
        await RefusalsTest.Refused(refused, HttpStatusCode.ServiceUnavailable, "overloaded", "WIR-07");
        Assert.Equal("2", refused.Header("Retry-After"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await Ready(town));
        Assert.Empty(town["menps"].Received.All);

        await server.Start();
        for (var tries = 0; tries < 300 && await Ready(town) != HttpStatusCode.OK; tries++)
        {
            // The writer looks for its server when somebody asks it for something.
            if ((await Enrolment(town, token)) is { Status: HttpStatusCode.OK } second)
            {
                Assert.Equal("0", second.Header("RateLimit-Remaining"));
                break;
            }

            await Task.Delay(100);
        }

        await RefusalsTest.Refused(await Enrolment(town, token), HttpStatusCode.TooManyRequests, "quota-exhausted", "QUO-01");
        Assert.Equal(HttpStatusCode.OK, await Ready(town));
        Assert.Equal(
            "2|0",
            server.Psql(
                "test1",
                "SELECT calls_kept, calls_held FROM gateway_quota.days JOIN gateway_quota.grants ON id = quota WHERE name = 'schooling'"
            )
        );
    }

    private static async Task<Action<GatewayOptions>> Dossiers(RealPostgres server)
    {
        var store = new StoreSettings { Postgres = await server.NewDatabase(), PasswordFile = server.PasswordFile };
        return gateway => gateway.DossierStore = store;
    }

    private static Task<Town> Start(
        TimeProvider clock,
        Func<ILedger, ILedger> ledger,
        Action<GatewayOptions> stores,
        string perDay = "perDay: 1500000,"
    ) =>
        Town.StartAsync(
            new TownOptions
            {
                Clock = clock,
                Pupils = 100,
                KeepsQuotas = true,
                WrapLedger = ledger,
                ConfigureLedger = static options => options.PublishEvery = TimeSpan.FromMilliseconds(100),
                ConfigureGateway = stores,
                EditContracts = contracts =>
                {
                    var file = Directory.GetFiles(Path.Combine(contracts, "agreements"), "ANSS-MENPS-2026*").Single();
                    File.WriteAllText(
                        file,
                        File.ReadAllText(file)
                            .Replace("perDay: 1500000,", perDay, StringComparison.Ordinal)
                            .Replace("perSubjectPerDay: 4", "perSubjectPerDay: 100", StringComparison.Ordinal)
                    );
                },
            }
        );

    private static async Task<Reply> Enrolment(Town town, string token)
    {
        using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
        return await town.Send(Ask.Enrolments, body, token, town.ClientAs("anss-eligibility"));
    }

    private static async Task<HttpStatusCode> Ready(Town town)
    {
        using var answer = await town.ClientAs("anss-eligibility")
            .GetAsync(new Uri(town.File.Metrics.Replace("/metrics", "/health/ready", StringComparison.Ordinal)));
        return answer.StatusCode;
    }

    // The register finds its store by itself, within seconds; so does a start on a busy machine.
    private static async Task<bool> IssuesTokens(Town town)
    {
        try
        {
            await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static async Task Again(Town town)
    {
        for (var tries = 0; tries < 300; tries++)
        {
            if (
                await Ready(town) == HttpStatusCode.OK
                && (await town.Dossier(Declare.Open(Declare.Nobody(70), Today))).Status == HttpStatusCode.OK
            )
                return;
            await Task.Delay(100);
        }

        Assert.Fail("the register does not find its store again");
    }
}
