using Agreements;
using Gateway.Quotas;
using Ledger;
using Postgres;
using Xunit;

namespace Gateway.Tests.Quotas;

/// <summary>Two nodes, one PostgreSQL, all calls at once: of M calls exactly as many pass as the quota says.</summary>
[Trait("Tier", "Whole")]
public sealed class TwoNodesTest(RealPostgres server)
{
    private const int Calls = 600,
        Limit = 97;

    public static TheoryData<string, string> Kinds =>
        new()
        {
            { "perDay", "quota-exhausted" },
            { "perMonth", "quota-exhausted" },
            { "perSubjectPerDay", "subject-quota-exhausted" },
            { "perAgentPerDay", "agent-quota-exhausted" },
            { "perOfficePerDay", "quota-exhausted" },
            { "personsPerDay", "quota-exhausted" },
            { "missesPerDay", "miss-budget-exhausted" },
            { "missAllowance", "miss-budget-exhausted" },
        };

    [Theory, MemberData(nameof(Kinds))]
    public async Task Of_calls_to_two_nodes_exactly_as_many_pass_as_the_quota_says(string kind, string code)
    {
        var database = await server.NewDatabase();
        using var one = server.Node(database, "n1");
        using var two = server.Node(database, "n2");
        var terms = Terms(kind);
        var outcomes = await Task.WhenAll(
            Enumerable
                .Range(0, Calls)
                .Select(number =>
                    Task.Run(async () =>
                    {
                        // A fifth of them meet a provider's failure, which costs nothing.
                        var charge =
                            number % 5 == 0 ? Charge.Void
                            : kind.StartsWith("miss", StringComparison.Ordinal) ? Charge.Miss
                            : Charge.Match;
                        var ask = Quotas.Calls.Of(kind == "perSubjectPerDay" ? 1 : number, agent: "a", office: "o");
                        return (Charge: charge, Code: await (number % 2 == 0 ? one : two).Ask(terms, ask, charge));
                    })
                )
        );
        Assert.Equal(Limit, outcomes.Count(static outcome => outcome.Code is null && outcome.Charge != Charge.Void));
        Assert.All(outcomes.Where(static outcome => outcome.Code is not null), outcome => Assert.Equal(code, outcome.Code));
        Assert.Equal("0", await Settled(database));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_first_call_after_the_servers_restart_or_the_end_of_its_process_has_its_share(bool restart)
    {
        await using var own = new RealPostgres();
        var database = await own.NewDatabase();
        using var node = own.Node(database, "n1");
        for (var round = 0; round < 3; round++)
        {
            Assert.Null(await node.Ask(Quotas.Calls.Terms, Quotas.Calls.Of(1), Charge.Match));
            if (restart)
                own.Kill();
            else
                own.Psql(
                    "postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                );
            await own.Start();
            Assert.Null(await node.Ask(Quotas.Calls.Terms, Quotas.Calls.Of(2), Charge.Match));
            Assert.True(node.IsHealthy);
        }
    }

    [Fact]
    public async Task Of_calls_to_two_nodes_under_two_grants_exactly_as_many_pass_as_the_agreement_grants_as_a_whole()
    {
        var database = await server.NewDatabase();
        using var one = server.Node(database, "n1");
        using var two = server.Node(database, "n2");
        var totals = new TotalQuotas(Limit, PerMonth: null);
        var outcomes = await Task.WhenAll(
            Enumerable
                .Range(0, Calls)
                .Select(number =>
                    Task.Run(async () =>
                    {
                        var (charge, grant) = (
                            number % 5 == 0 ? Charge.Void : Charge.Match,
                            SharedCounters.Grant with
                            {
                                Grant = number % 3 == 0 ? "schooling" : "back-to-school",
                            }
                        );
                        return (
                            Charge: charge,
                            Code: await (number % 2 == 0 ? one : two).Ask(
                                grant,
                                Quotas.Calls.Terms,
                                totals,
                                Quotas.Calls.Of(number),
                                charge
                            )
                        );
                    })
                )
        );
        Assert.Equal(Limit, outcomes.Count(static outcome => outcome.Code is null && outcome.Charge != Charge.Void));
        Assert.All(outcomes.Where(static outcome => outcome.Code is not null), static outcome =>
            Assert.Equal("quota-exhausted", outcome.Code)
        );
        Assert.Equal("0", await Settled(database));
        // What a dead node left of it is settled in both.
        var exchange = Ulid.New(TimeProvider.System);
        var more = new TotalQuotas(Limit + 1, PerMonth: null);
        using (var dying = server.Node(database, "n3"))
            Assert.Null(
                (await dying.TakeAsync(SharedCounters.Grant, Quotas.Calls.Of(1), Quotas.Calls.Terms, exchange, more))!.Value.Refused
            );
        using var again = server.Node(database, "n3");
        foreach (var lease in again.Left())
            again.Settle(lease.Grant, lease.Ask, lease.Exchange, Charge.Void);
        Assert.Null(await one.Ask(SharedCounters.Grant, Quotas.Calls.Terms, more, Quotas.Calls.Of(1), Charge.Match));
        Assert.Equal("quota-exhausted", await two.Ask(SharedCounters.Grant, Quotas.Calls.Terms, more, Quotas.Calls.Of(2), Charge.Match));
    }

    [Fact]
    public async Task Either_node_says_what_both_together_have_left()
    {
        var database = await server.NewDatabase();
        using var one = server.Node(database, "n1");
        using var two = server.Node(database, "n2");
        var terms = Quotas.Calls.Terms with { PerDay = 100, PerMonth = 1000, PerOfficePerDay = 50 };
        for (var number = 0; number < 7; number++)
            Assert.Null(
                await (number % 2 == 0 ? one : two).Ask(
                    terms,
                    Quotas.Calls.Of(number, agent: "a", office: "o", at: TimeProvider.System.GetUtcNow()),
                    Charge.Match
                )
            );
        Assert.Equal("0", await Settled(database));
        foreach (var node in new[] { one, two })
        {
            Assert.True(
                (await node.UsageAsync(SharedCounters.Convention(terms), SharedCounters.Convention(terms).Grants[0], "o")).Allows(
                    out var left,
                    out _
                )
            );
            Assert.Equal(
                [("perDay", 93L), ("perMonth", 993L), ("perOfficePerDay", 43L)],
                left.Where(static state => state.Quota is "perDay" or "perMonth" or "perOfficePerDay")
                    .Select(static state => (state.Quota, state.Remaining))
            );
        }
    }

    [Fact]
    public async Task Batches_that_are_open_on_two_nodes_are_counted_together()
    {
        var database = await server.NewDatabase();
        using var one = server.Node(database, "n1");
        using var two = server.Node(database, "n2");
        var terms = Quotas.Calls.Terms with { OpenBatches = 3 };
        var places = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(async number =>
                    (await (number % 2 == 0 ? one : two).OpenBatchAsync(SharedCounters.Grant, terms, $"batch{number}"))!.Value.Refused
                        is null
                        ? number
                        : -1
                )
        );
        var open = places.Where(static number => number >= 0).ToList();
        Assert.Equal(3, open.Count);
        (open[0] % 2 == 0 ? one : two).CloseBatch(SharedCounters.Grant, $"batch{open[0]}");
        while ((await one.OpenBatchAsync(SharedCounters.Grant, terms, "another"))!.Value.Refused is not null)
            await Task.Delay(5);
        Assert.NotNull((await two.OpenBatchAsync(SharedCounters.Grant, terms, "one too many"))!.Value.Refused);
        // Batches end with their node's process: its next start gives their places back.
        using var again = server.Node(database, "n1");
        again.Left();
        Assert.Null((await two.OpenBatchAsync(SharedCounters.Grant, terms, "after the start"))!.Value.Refused);
    }

    [Fact]
    public async Task What_a_dead_node_left_under_way_stays_charged_until_its_log_says_what_became_of_it()
    {
        var database = await server.NewDatabase();
        var terms = Quotas.Calls.Terms with { PerDay = 3 };
        string[] exchanges = [Ulid.New(TimeProvider.System), Ulid.New(TimeProvider.System), Ulid.New(TimeProvider.System)];
        using (var dying = server.Node(database, "n1"))
            foreach (var exchange in exchanges)
                Assert.Null((await dying.TakeAsync(SharedCounters.Grant, Quotas.Calls.Of(1), terms, exchange))!.Value.Refused);

        using var other = server.Node(database, "n2");
        var refused = (await other.TakeAsync(SharedCounters.Grant, Quotas.Calls.Of(2), terms, Ulid.New(TimeProvider.System)))!.Value;
        Assert.Equal("quota-exhausted", refused.Refused!.Code);
        Assert.Empty(other.Left());

        using var again = server.Node(database, "n1");
        var left = again.Left();
        Assert.Equal(exchanges.Order(), left.Select(static lease => lease.Exchange).Order());
        foreach (var lease in left)
            again.Settle(lease.Grant, lease.Ask, lease.Exchange, lease.Exchange == exchanges[0] ? Charge.Match : Charge.Void);
        Assert.Null(await again.Ask(terms, Quotas.Calls.Of(2), Charge.Match));
        Assert.Null(await other.Ask(terms, Quotas.Calls.Of(3), Charge.Match));
        Assert.Equal("quota-exhausted", await other.Ask(terms, Quotas.Calls.Of(4), Charge.Match));
        // Told twice, a settlement does nothing.
        again.Settle(left[0].Grant, left[0].Ask, left[0].Exchange, Charge.Void);
        Assert.Equal("quota-exhausted", await again.Ask(terms, Quotas.Calls.Of(5), Charge.Match));
        Assert.Empty(again.Left());
    }

    [Fact]
    public async Task A_server_that_dies_under_load_lets_nobody_over_and_loses_nothing()
    {
        await using var mine = new RealPostgres();
        var database = await mine.NewDatabase();
        using var one = mine.Node(database, "n1");
        using var two = mine.Node(database, "n2");
        var terms = Quotas.Calls.Terms with { PerDay = 1500 };
        var passed = 0;
        var work = Enumerable
            .Range(0, 32)
            .Select(caller =>
                Task.Run(async () =>
                {
                    var until = DateTime.UtcNow.AddMinutes(2);
                    for (string? code = null; code is null or "away" && DateTime.UtcNow < until;)
                    {
                        code = await (caller % 2 == 0 ? one : two).Ask(terms, Quotas.Calls.Of(caller), Charge.Match);
                        if (code is null)
                            Interlocked.Increment(ref passed);
                        else if (code == "away")
                            await Task.Delay(20);
                    }
                })
            )
            .ToList();
        for (var death = 0; death < 3; death++)
        {
            await Task.Delay(150);
            mine.Kill();
            await mine.Start();
        }

        await Task.WhenAll(work);
        Assert.Equal(1500, passed);
    }

    [Fact]
    public async Task A_server_that_is_away_answers_that_nothing_may_be_asked()
    {
        await using var mine = new RealPostgres();
        var database = await mine.NewDatabase();
        using var node = mine.Node(database, "n1");
        Assert.True(node.IsHealthy);
        mine.Stop();
        Assert.Equal("away", await node.Ask(Quotas.Calls.Terms, Quotas.Calls.Of(1), Charge.Match));
        Assert.False(node.IsHealthy);
        await mine.Start();
        for (var i = 0; i < 100 && await node.Ask(Quotas.Calls.Terms, Quotas.Calls.Of(1), Charge.Match) is not null; i++)
            await Task.Delay(50);
        Assert.True(node.IsHealthy);
    }

    private static QuotaTerms Terms(string kind) =>
        kind switch
        {
            "perDay" => Quotas.Calls.Terms with { PerDay = Limit },
            "perMonth" => Quotas.Calls.Terms with { PerMonth = Limit },
            "perSubjectPerDay" => Quotas.Calls.Terms with { PerSubjectPerDay = Limit },
            "perAgentPerDay" => Quotas.Calls.Terms with { PerAgentPerDay = Limit },
            "perOfficePerDay" => Quotas.Calls.Terms with { PerOfficePerDay = Limit },
            "personsPerDay" => Quotas.Calls.Terms with { PersonsPerDay = Limit },
            "missesPerDay" => Quotas.Calls.Terms with { MissesPerDay = Limit },
            _ => Quotas.Calls.Terms with { MissAllowance = Limit },
        };

    private static string Name(string connection) =>
        connection.Split(';').First(static part => part.StartsWith("Database=", StringComparison.Ordinal))["Database=".Length..];

    // Settlements follow their answers: they are with the next round.
    private async Task<string> Settled(string database)
    {
        var held = "";
        for (var i = 0; i < 100 && held != "0"; i++)
        {
            await Task.Delay(20);
            held = server.Psql(Name(database), "SELECT sum(calls_held) FROM gateway_quota.days");
        }

        return held;
    }
}
