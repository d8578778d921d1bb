using System.Globalization;
using Postgres;
using Tokens.Operations;
using Tokens.Status;
using Tokens.Stores;
using Xunit;

namespace Tokens.Tests.Status;

/// <summary>Over a server of its own, for these tests stop it.</summary>
[Trait("Tier", "Whole")]
public sealed class PostgresTokenStatusTests : TokenStatusLaws, IClassFixture<PostgresTokenStatusTests.OwnServer>
{
    private readonly RealPostgres _server;
    private string _database = "";

    public PostgresTokenStatusTests(OwnServer own) => _server = own.Server;

    private protected override async Task<StoreSettings> MakeStore()
    {
        var store = new StoreSettings { Postgres = await _server.NewDatabase(), PasswordFile = _server.PasswordFile };
        _database = store.Postgres.Split(';').Single(static part => part.StartsWith("Database=", StringComparison.Ordinal))[
            "Database=".Length..
        ];
        return store;
    }

    private protected override long CountRevoked() =>
        long.Parse(_server.Psql(_database, "SELECT count(*) FROM token_status.revoked"), CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_snapshot_that_nobody_confirms_stays_and_its_age_shows()
    {
        using var page = new PrometheusPage(static meter => meter == "Tokens.Status");
        using var status = Open();
        await status.Suspend(StoppedKind.Client, "c", "drill");
        Assert.InRange(status.Age, TimeSpan.Zero, ITokenStatus.StaleAfter);
        _server.Kill();
        await Until(() => status.Age > TimeSpan.FromSeconds(2.5));
        Assert.True(status.Current.IsSuspended(StoppedKind.Client, "c"));
        Assert.Contains("status_snapshot_age_seconds ", page.Write(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<StatusUnavailable>(() => status.Suspend(StoppedKind.Client, "d", "drill").AsTask());
        await _server.Start();
        await Until(() => status.Age < TimeSpan.FromSeconds(2));
        await status.Suspend(StoppedKind.Client, "d", "drill");
        await Until(() => status.Current.IsSuspended(StoppedKind.Client, "d"));
        Assert.True(status.Current.IsSuspended(StoppedKind.Client, "c"));
    }

    [Fact]
    public async Task A_list_from_before_certificates_could_be_stopped_is_refused_until_its_script_was_run()
    {
        using (var made = Open())
            await made.Suspend(StoppedKind.Client, "c", "drill");
        _server.Psql(
            _database,
            "ALTER TABLE token_status.suspended DROP CONSTRAINT suspended_kind_check; ALTER TABLE token_status.suspended ADD CONSTRAINT suspended_kind_check CHECK (kind IN ('Institution', 'Client', 'Agreement', 'Issuer')); UPDATE token_status.version SET version = 2"
        );
        Assert.Contains("version 2", Assert.Throws<StoreRefused>(() => Open()).Message, StringComparison.Ordinal);
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Gateway.sln")))
            root = Path.GetDirectoryName(root)!;
        _server.Psql(
            _database,
            await File.ReadAllTextAsync(
                Path.Combine(root, "src/Tokens/Status/token_status.from-2.sql"),
                TestContext.Current.CancellationToken
            )
        );
        using var status = Open();
        await status.Suspend(StoppedKind.Certificate, "x", "key-leak");
        Assert.True(status.Current.IsSuspended(StoppedKind.Certificate, "x") && status.Current.IsSuspended(StoppedKind.Client, "c"));
    }

    [Fact]
    public async Task What_a_person_writes_with_psql_is_seen_too()
    {
        using var reader = Open();
        _server.Psql(_database, "INSERT INTO token_status.suspended VALUES ('Institution', 'anss', 0, 'by hand')");
        await Until(() => reader.Current.IsSuspended(StoppedKind.Institution, "anss"));
        _server.Psql(_database, "DELETE FROM token_status.suspended");
        await Until(() => !reader.Current.IsSuspended(StoppedKind.Institution, "anss"));
    }

    [Fact]
    public async Task A_list_that_was_never_read_is_not_fresh_until_the_server_comes()
    {
        using (var before = Open())
            await before.Suspend(StoppedKind.Client, "c", "drill");
        _server.Stop("fast");
        using var status = Open();
        Assert.Equal(TimeSpan.MaxValue, status.Age);
        Assert.False(status.IsFresh);
        await _server.Start();
        await Until(() => status.IsFresh && status.Current.IsSuspended(StoppedKind.Client, "c"));
    }

    [Fact]
    public async Task What_was_stopped_while_a_reader_was_cut_off_is_seen_when_it_is_back()
    {
        using var reader = Open();
        _server.Psql(
            _database,
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_database}' AND pid <> pg_backend_pid()"
        );
        _server.Psql(_database, "INSERT INTO token_status.suspended VALUES ('Client', 'c', 0, 'drill')");
        await Until(() => reader.Current.IsSuspended(StoppedKind.Client, "c"));
    }

    [Fact]
    public async Task A_reader_needs_no_right_to_write()
    {
        using (var writer = Open())
            await writer.Suspend(StoppedKind.Client, "c", "drill");
        var (role, secret) = ("gateway_" + _database, Path.Combine(Folder, "secret"));
        _server.Psql(
            _database,
            $"CREATE ROLE {role} LOGIN PASSWORD 'test'; GRANT USAGE ON SCHEMA token_status TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA token_status TO {role}"
        );
        await File.WriteAllTextAsync(secret, "test", TestContext.Current.CancellationToken);
        var settings = new StoreSettings { Postgres = _server.Connection(_database, role), PasswordFile = secret };
        using var reader = StatusStore.Open(settings, TimeProvider.System);
        Assert.True(reader.Current.IsSuspended(StoppedKind.Client, "c"));
        await Assert.ThrowsAsync<StatusUnavailable>(() => reader.Lift(StoppedKind.Client, "c").AsTask());
        _server.Psql(
            _database,
            $"GRANT INSERT, UPDATE, DELETE ON token_status.revoked, token_status.denied_keys, token_status.suspended TO {role}"
        );
        await reader.Lift(StoppedKind.Client, "c"); // the count of changes is not its own to write: the trigger writes it
        Assert.False(reader.Current.IsSuspended(StoppedKind.Client, "c"));
    }

    public sealed class OwnServer : IAsyncDisposable
    {
        internal RealPostgres Server { get; } = new();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
