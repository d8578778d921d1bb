using Dossiers.Tests.Support;
using Gateway.Authorization.Dossiers;
using Postgres;
using Tokens.Stores;
using Xunit;

namespace Dossiers.Tests;

/// <summary>Over a server of its own, for these tests kill it.</summary>
[Trait("Tier", "Whole")]
public sealed class PostgresRegisterTests(PostgresRegisterTests.OwnServer own)
    : RegisterLaws,
        IClassFixture<PostgresRegisterTests.OwnServer>
{
    private protected override async Task<StoreSettings> MakeStore() =>
        new() { Postgres = await own.Server.NewDatabase(), PasswordFile = own.Server.PasswordFile };

    [Fact]
    public async Task While_the_server_is_away_look_ups_go_on_declarations_are_refused_and_afterwards_both_work()
    {
        using var register = Open();
        await Declare(register, Some.Opening(Some.Person(1)));
        own.Server.Kill();
        await Assert.ThrowsAsync<DossiersUnavailable>(() => Declare(register, Some.Opening(Some.Person(2))));
        Assert.NotNull(ProvinceOn(register, 1, 0));
        await Until(() => register.Age > TimeSpan.FromSeconds(2));
        await own.Server.Start();
        await Until(() => register.Age < TimeSpan.FromSeconds(2));
        Assert.Equal(
            [DeclaredOutcome.Unchanged, DeclaredOutcome.Accepted],
            await Declare(register, Some.Opening(Some.Person(1)), Some.Opening(Some.Person(3)))
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_first_declaration_after_the_servers_restart_or_the_end_of_its_process_is_made(bool restart)
    {
        using var register = Open();
        for (var round = 0; round < 3; round++)
        {
            await Declare(register, Some.Opening(Some.Person(100 + round)));
            if (restart)
                own.Server.Kill();
            else
                own.Server.Psql(
                    "postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                );
            await own.Server.Start();
            Assert.Equal(
                [DeclaredOutcome.Accepted, DeclaredOutcome.Unchanged],
                await Declare(register, Some.Opening(Some.Person(200 + round)), Some.Opening(Some.Person(100 + round)))
            );
        }
    }

    [Fact]
    public async Task A_store_of_version_1_loses_its_plain_hashes_and_keeps_its_dossiers()
    {
        using (var before = Open())
            await Declare(before, Some.Opening(Some.Person(1)));
        var database = new Npgsql.NpgsqlConnectionStringBuilder(Store.Postgres).Database!;
        own.Server.Psql(
            database,
            "DROP TABLE dossiers.calls; CREATE TABLE dossiers.answers(scope bytea PRIMARY KEY, asked bytea NOT NULL, at bigint NOT NULL, exchange text NOT NULL, body bytea NOT NULL); UPDATE dossiers.version SET version = 1"
        );
        using var register = Open();
        Assert.NotNull(ProvinceOn(register, 1, 0));
        Assert.Equal([DeclaredOutcome.Unchanged], await Declare(register, Some.Opening(Some.Person(1))));
        Assert.Equal(
            "calls|2",
            own.Server.Psql(
                database,
                "SELECT string_agg(relname, ',') || '|' || (SELECT version FROM dossiers.version) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'dossiers' AND relkind = 'r' AND relname IN ('answers', 'calls')"
            )
        );
    }

    [Fact]
    public async Task A_register_whose_server_was_not_there_at_the_start_is_not_fresh_until_it_comes()
    {
        using (var before = Open())
            await Declare(before, Some.Opening(Some.Person(1)));
        own.Server.Stop("fast");
        using var register = Open();
        Assert.False(register.IsFresh);
        await own.Server.Start();
        await Until(() => register.IsFresh && ProvinceOn(register, 1, 0) is not null);
    }

    public sealed class OwnServer : IAsyncDisposable
    {
        public RealPostgres Server { get; } = new();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
