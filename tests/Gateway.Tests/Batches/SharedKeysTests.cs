using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Authorization;
using Gateway.Batches;
using Gateway.Tests.Dossiers;
using Gateway.Tests.Flow;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Postgres;
using Sandbox;
using Sandbox.Persons;
using Tokens.Stores;
using Xunit;

namespace Gateway.Tests.Batches;

/// <summary>One idempotency key at several nodes: one of them has the batch.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class SharedKeysTests(RealPostgres server)
{
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"reference":"a","subject":{"scheme":"idcs","value":"2666041939"}}""");

    [Fact]
    public async Task Of_claims_at_two_nodes_at_once_one_is_granted()
    {
        var database = await server.NewDatabase();
        using var one = Node(database, "n1");
        using var two = Node(database, "n2");
        for (var round = 0; round < 20; round++)
        {
            var uses = Enumerable
                .Range(0, 6)
                .Select(number => Use(round, string.Create(CultureInfo.InvariantCulture, $"{round}-{number}")))
                .ToList();
            // One claim of each node at a time, as within a node its own memory sees to it.
            var claims = await Task.WhenAll(one.ClaimAsync(uses[0]).AsTask(), two.ClaimAsync(uses[1]).AsTask());
            Assert.Single(claims, static refusal => refusal is null);
            Assert.Single(claims, static refusal => refusal?.Problem.Code == "idempotency-in-progress");
            var loser = claims[0] is null ? two : one;
            Assert.Equal("idempotency-in-progress", (await loser.ClaimAsync(uses[2]))?.Problem.Code);
            Assert.Equal("idempotency-conflict", (await loser.ClaimAsync(uses[3] with { Asked = [1] }))?.Problem.Code);
            // Given back, it is free for everybody.
            await (loser == one ? two : one).ReleaseAsync(claims[0] is null ? uses[0] : uses[1]);
            Assert.Null(await loser.ClaimAsync(uses[4]));
        }
    }

    [Fact]
    public async Task What_a_dead_node_left_is_free_with_its_next_start_and_not_before()
    {
        var database = await server.NewDatabase();
        using var other = Node(database, "n2");
        using (var dead = Node(database, "n1"))
            Assert.Null(await dead.ClaimAsync(Use(1, "a")));
        Assert.Equal("idempotency-in-progress", (await other.ClaimAsync(Use(1, "b")))?.Problem.Code);
        using var again = Node(database, "n1");
        await again.StartAsync(CancellationToken.None);
        Assert.Null(await other.ClaimAsync(Use(1, "c")));
    }

    [Fact]
    public async Task A_dump_of_the_database_answers_no_dictionary()
    {
        var database = await server.NewDatabase();
        using var node = Node(database, "n1");
        Assert.Null(await node.ClaimAsync(Use(1, "a")));
        var dump = server.Psql(
            database[(database.IndexOf("Database=", StringComparison.Ordinal) + 9)..].Split(';')[0],
            "SELECT encode(scope, 'hex'), encode(asked, 'hex') FROM gateway_keys.batches"
        );
        Assert.NotEmpty(dump);
        Assert.DoesNotContain(Convert.ToHexStringLower(SHA256.HashData(Body)), dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_database_is_away_no_batch_is_accepted()
    {
        await using var own = new RealPostgres();
        var database = await own.NewDatabase();
        using var node = new SharedKeys(
            new StoreSettings { Postgres = database, PasswordFile = own.PasswordFile },
            "n1",
            NullLogger<SharedKeys>.Instance
        );
        own.Kill();
        Assert.Equal("overloaded", (await node.ClaimAsync(Use(1, "a")))?.Problem.Code);
    }

    [Fact]
    public async Task Of_two_gateways_that_get_the_same_batch_at_once_one_runs_it()
    {
        var database = await server.NewDatabase();
        await using var one = await Start(database, "n1");
        await using var two = await Start(database, "n2", of: one);
        var key = Guid.CreateVersion7();
        var (line, calls) = (new[] { BatchCall.Line(one, "a", Fixtures.PlainChild) }, new[] { new BatchCall(one), new BatchCall(two) });
        var replies = await Task.WhenAll(calls.Select(call => call.SubmitLines(line, key)));
        Assert.Equal(
            ["accepted", "idempotency-in-progress"],
            replies.Select(static reply => reply.Code ?? "accepted").Order(StringComparer.Ordinal)
        );
        var (winner, loser) = replies[0].Code is null ? (0, 1) : (1, 0);
        // Each node goes on saying the same.
        Assert.Equal("idempotency-in-progress", (await calls[loser].SubmitLines(line, key)).Code);
        Assert.Equal(replies[winner].Header("Location"), (await calls[winner].SubmitLines(line, key)).Header("Location"));
        await calls[winner].Completed();
        Assert.Equal(1, one["menps"].Received.Total + two["menps"].Received.Total);
    }

    private static KeyUse Use(int key, string batch)
    {
        var digest = new KeyedDigest(SomeKeys.With());
        return new KeyUse(
            digest.Of("batch key", string.Create(CultureInfo.InvariantCulture, $"key {key}")),
            digest.Of("batch body", Body),
            batch,
            TimeProvider.System.GetUtcNow()
        );
    }

    private SharedKeys Node(string database, string name) =>
        new(new StoreSettings { Postgres = database, PasswordFile = server.PasswordFile }, name, NullLogger<SharedKeys>.Instance);

    private Task<Town> Start(string database, string node, Town? of = null) =>
        Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Witnesses = 0,
                ConfigureGateway = gateway =>
                {
                    gateway.Quotas = new StoreSettings { Postgres = database, PasswordFile = server.PasswordFile };
                    gateway.LedgerOrigin += node;
                    // Nodes of one gateway hold the same keys.
                    if (of is not null)
                        gateway.Keys = of.GatewayHost.Services.GetRequiredService<GatewayOptions>().Keys;
                },
            }
        );
}
