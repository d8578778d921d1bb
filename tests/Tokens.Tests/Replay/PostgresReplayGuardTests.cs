using System.Globalization;
using Postgres;
using Tokens.Replay;
using Tokens.Stores;
using Tokens.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(RealPostgres))]

namespace Tokens.Tests.Replay;

[Trait("Tier", "Whole")]
public sealed class PostgresReplayGuardTests(RealPostgres server) : ReplayGuardLaws
{
    private string _database = "";

    private protected override async Task<StoreSettings> MakeStore()
    {
        var store = new StoreSettings { Postgres = await server.NewDatabase(), PasswordFile = server.PasswordFile };
        _database = store.Postgres.Split(';').Single(static part => part.StartsWith("Database=", StringComparison.Ordinal))[
            "Database=".Length..
        ];
        return store;
    }

    private protected override IReplayGuard Open(TimeProvider time, ReplayLimits limits) => PostgresReplayGuard.Open(Store, time, limits);

    private protected override ReplayWriter WriterOf(IReplayGuard guard) => ((PostgresReplayGuard)guard).Writer;

    private protected override long Ask(string question) =>
        long.Parse(
            server.Psql(_database, question.Replace("{replay}", "token_replay.handles", StringComparison.Ordinal)),
            CultureInfo.InvariantCulture
        );

    [Fact]
    public async Task A_server_default_of_asynchronous_commits_does_not_weaken_a_reservation()
    {
        server.Psql(_database, $"ALTER DATABASE {_database} SET synchronous_commit TO off");
        using var pg = new PostgresServer(Store, PostgresReplayTable.Schema);
        await using var connection = pg.Open();
        await using var ask = new Npgsql.NpgsqlCommand("SHOW synchronous_commit", connection);
        Assert.Equal("on", await ask.ExecuteScalarAsync());
    }

    [Fact]
    public void A_server_that_cannot_be_written_is_refused()
    {
        server.Psql(_database, $"ALTER DATABASE {_database} SET default_transaction_read_only TO on");
        Assert.Contains("read-only", Assert.Throws<StoreRefused>(() => ReplayStore.Open(Store, Clock)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_a_crash_would_empty_and_a_schema_of_another_version_are_refused()
    {
        using (var guard = ReplayStore.Open(Store, Clock))
            Assert.True(await guard.ReserveAsync(Key(1), Soon));
        server.Psql(_database, "ALTER TABLE token_replay.handles SET UNLOGGED");
        Assert.Contains("SET LOGGED", Assert.Throws<StoreRefused>(() => ReplayStore.Open(Store, Clock)).Message, StringComparison.Ordinal);
        server.Psql(_database, "ALTER TABLE token_replay.handles SET LOGGED; UPDATE token_replay.version SET version = 2");
        Assert.Contains("version 2", Assert.Throws<StoreRefused>(() => ReplayStore.Open(Store, Clock)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_with_the_documented_rights_and_no_others_is_enough()
    {
        using (ReplayStore.Open(Store, Clock)) { }
        var role = "authority_" + _database;
        server.Psql(
            _database,
            $"""
            CREATE ROLE {role} LOGIN PASSWORD 'test';
            GRANT USAGE ON SCHEMA token_replay TO {role};
            GRANT SELECT ON token_replay.version TO {role};
            GRANT SELECT, INSERT, UPDATE, DELETE ON token_replay.handles, token_replay.owners TO {role};
            """
        );
        var secret = Path.Combine(Folder, "secret");
        await File.WriteAllTextAsync(secret, "test\n", TestContext.Current.CancellationToken);
        var settings = new StoreSettings { Postgres = server.Connection(_database, role), PasswordFile = secret };
        using (var guard = PostgresReplayGuard.Open(settings, Clock, new ReplayLimits { LivePerOwner = 50 }))
        {
            for (var number = 0; number < 50; number++)
                Assert.True(await guard.ReserveAsync(Key(number), Soon));
            Clock.Advance(TimeSpan.FromMinutes(12));
            Assert.True(await guard.ReserveAsync(Key(99), Soon));
        }
        Assert.InRange(Ask("SELECT count(*) FROM {replay}"), 1, 2);
        server.Psql(_database, "DROP SCHEMA token_replay CASCADE");
        Assert.Contains(
            "token_replay.sql",
            Assert.Throws<StoreRefused>(() => ReplayStore.Open(settings, Clock)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("Host=db.example;Database=d;Username=u", "VerifyFull")]
    [InlineData("Host=db.example;Database=d;Username=u;SSL Mode=Require", "VerifyFull")]
    [InlineData("Host=localhost,db.example:5433;Database=d;Username=u", "VerifyFull")]
    [InlineData("Host=localhost;Database=d;Username=u;Password=hunter2", "PasswordFile")]
    [InlineData("Database=d", "Host")]
    [InlineData("Hosst=hunter2", "connection string")]
    [InlineData("Port=hunter2", "connection string")]
    public void Settings_that_may_not_be_used_are_refused_in_words_without_a_secret(string text, string word)
    {
        var refused = Assert.Throws<StoreRefused>(() => ReplayStore.Open(new StoreSettings { Postgres = text }, Clock));
        Assert.Contains(word, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_hangs_is_an_exception_and_never_a_guess_and_it_heals()
    {
        using var guard = ReplayStore.Open(Store, TimeProvider.System);
        using (var pg = new PostgresServer(Store, PostgresReplayTable.Schema))
        await using (var blocker = pg.Open())
        await using (var transaction = await blocker.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await using var command = new Npgsql.NpgsqlCommand("LOCK TABLE token_replay.handles IN ACCESS EXCLUSIVE MODE", blocker);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<ReplayUnavailable>(() => guard.ReserveAsync(Key(1), OtherProcess.Soon).AsTask());
            Assert.False(guard.IsHealthy);
        }
        Assert.True(await guard.ReserveAsync(Key(2), OtherProcess.Soon));
        Assert.True(guard.IsHealthy);
    }
}
