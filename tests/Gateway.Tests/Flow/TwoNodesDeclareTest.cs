using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Authentication;
using Ledger.Notes;
using Ledger.Tiles;
using Postgres;
using Sandbox;
using Tokens.Stores;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>Two whole gateways, each with its own log, and one PostgreSQL for their register of dossiers.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class TwoNodesDeclareTest(RealPostgres server)
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("GATEWAY_LONG") == "1" ? 300 : 6;

    private static DateOnly Today => Agreements.CivilTime.Today(TimeProvider.System);

    [Fact]
    public async Task One_key_at_two_nodes_at_once_declares_once_and_both_tell_the_same()
    {
        var database = await server.NewDatabase();
        await using var one = await Start(database, "n1");
        await using var two = await Start(database, "n2");
        Town[] towns = [one, two];
        for (var round = 0; round < Rounds; round++)
        {
            var key = Guid.CreateVersion7();
            var first = 1000 + round * 10;
            Func<Town, Task<Reply>> declare =
                round % 2 == 0
                    ? town => town.Dossier(Declare.Open(Declare.Nobody(first), Today), key)
                    : town =>
                        town.Dossiers(
                            [
                                .. Enumerable
                                    .Range(first, 5)
                                    .Select(static number => Declare.Line($"d-{number}", Declare.Open(Declare.Nobody(number), Today))),
                            ],
                            key
                        );
            var replies = await Task.WhenAll(
                towns.Select(async town =>
                {
                    while (true)
                    {
                        var reply = await declare(town);
                        if (reply.Status is not (HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable))
                            return reply;
                        await Task.Delay(20);
                    }
                })
            );
            // The one that came second gives the answer of the first: ACCEPTED, not UNCHANGED.
            Assert.All(replies, static reply => Assert.Equal(HttpStatusCode.OK, reply.Status));
            Assert.Equal(replies[0].Text, replies[1].Text);
            Assert.DoesNotContain("UNCHANGED", replies[0].Text, StringComparison.Ordinal);
        }

        // One intent for each key, in the two logs together: the other node did nothing.
        static int Intents(Town town) => Records(town).Count(static record => record.GetProperty("ev").GetString() == "intent");
        await Soon.Holds(() => Task.FromResult(towns.Sum(Intents) >= Rounds), "the last intent is published");
        Assert.Equal(Rounds, towns.Sum(Intents));
    }

    [Fact]
    public async Task A_key_that_a_dead_node_held_is_told_to_wait_and_then_the_repetition_declares()
    {
        var database = await server.NewDatabase();
        await using var town = await Start(database, "n1");
        var (key, person) = (Guid.CreateVersion7(), Declare.Nobody(1));
        Assert.Equal(HttpStatusCode.OK, (await town.Dossier(Declare.Open(person, Today), key)).Status);
        // As if another node had reserved it and died before it did anything.
        Run(database, "UPDATE dossiers.calls SET holder = 'dead', body = NULL, until = extract(epoch FROM clock_timestamp())::bigint + 10");
        var waiting = await town.Dossier(Declare.Open(person, Today), key);
        await RefusalsTest.Refused(waiting, HttpStatusCode.Conflict, "idempotency-in-progress", "REQ-18");
        Assert.Equal("1", waiting.Header("Retry-After"));
        await RefusalsTest.Refused(
            await town.Dossier(Declare.Open(Declare.Nobody(2), Today), key),
            HttpStatusCode.Conflict,
            "idempotency-conflict",
            "REQ-17"
        );
        Run(database, "UPDATE dossiers.calls SET until = extract(epoch FROM clock_timestamp())::bigint");
        Assert.Equal("""{"result":"UNCHANGED"}""", (await town.Dossier(Declare.Open(person, Today), key)).Text);
    }

    [Fact]
    public async Task A_key_belongs_to_the_system_that_sent_it_and_nothing_in_the_store_can_be_tried()
    {
        var database = await server.NewDatabase();
        await using var town = await Start(database, "n1");
        var (key, declared) = (Guid.CreateVersion7(), JsonSerializer.Serialize(Declare.Open(Declare.Nobody(5), Today)));
        Assert.Equal("""{"result":"ACCEPTED"}""", (await town.Dossier(declared, key)).Text);
        // Another system of the agency, the same key, another content: no conflict, and no answer that is not its own.
        Assert.Equal(
            """{"result":"ACCEPTED"}""",
            (await town.Dossier(Declare.Open(Declare.Nobody(6), Today), key, "ASD_BACK_TO_SCHOOL", client: "anss-payments")).Text
        );
        var stored = Run(database, "SELECT string_agg(encode(scope, 'hex') || encode(asked, 'hex'), ' ') FROM dossiers.calls");
        Assert.Equal(2, stored.Split(' ').Length);
        string[] guesses =
        [
            declared,
            $"anss\ndossiers.declaration.create\n{key:D}",
            $"anss-eligibility\ndossiers.declaration.create\n{key:D}",
        ];
        foreach (var guess in guesses)
            Assert.DoesNotContain(
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(guess))),
                stored,
                StringComparison.Ordinal
            );
    }

    private static IEnumerable<JsonElement> Records(Town town) =>
        LogReader
            .Open(town.LedgerFolder, VerifierKey.Parse(town.File.Ledger.Vkey))
            .Entries()
            .Select(static entry => JsonSerializer.Deserialize<JsonElement>(entry.Text.Span));

    private string Run(string database, string script) => server.Psql(new Npgsql.NpgsqlConnectionStringBuilder(database).Database!, script);

    private Task<Town> Start(string database, string node) =>
        Town.StartAsync(
            new TownOptions
            {
                Pupils = 50,
                Witnesses = 0,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                ConfigureGateway = gateway =>
                {
                    gateway.DossierStore = new StoreSettings { Postgres = database, PasswordFile = server.PasswordFile };
                    gateway.LedgerOrigin += node;
                },
            }
        );
}
