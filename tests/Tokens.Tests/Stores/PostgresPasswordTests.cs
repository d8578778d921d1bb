using Postgres;
using Tokens.Renewal;
using Tokens.Replay;
using Tokens.Stores;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Stores;

/// <summary>The password of a store is changed while its program runs, at a real server.</summary>
[Trait("Tier", "Whole")]
public sealed class PostgresPasswordTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("password");
    private readonly WatchedFiles _watch = new();

    public void Dispose()
    {
        _watch.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_changed_password_is_used_for_the_next_connection_and_one_that_cannot_be_read_is_not()
    {
        await using var server = new RealPostgres();
        var settings = await Settings(server);
        settings.Watch(_watch, "Replay", File.ReadAllText);
        using var guard = ReplayStore.Open(settings, TimeProvider.System);
        Assert.True(await guard.ReserveAsync(OtherProcess.Key("1"), OtherProcess.Soon));

        Change(server, "second");
        Write("second\n");
        Assert.True(await guard.ReserveAsync(OtherProcess.Key("2"), OtherProcess.Soon));

        // It has settled, and is what was good last.
        for (var look = 0; look < 3; look++)
            _watch.Look();
        foreach (var spoil in new Action[] { () => Write(""), () => File.Delete(PasswordFile) })
        {
            spoil();
            for (var look = 0; look < 3; look++)
                _watch.Look();
            Part(server);
            Assert.True(await guard.ReserveAsync(OtherProcess.Key(spoil.Method.Name), OtherProcess.Soon));
            Assert.Contains("Replay:PasswordFile: ", _watch.Note, StringComparison.Ordinal);
        }

        Change(server, "third");
        Write("third");
        for (var look = 0; look < 3; look++)
            _watch.Look();
        Assert.Null(_watch.Note);
        Assert.True(await guard.ReserveAsync(OtherProcess.Key("3"), OtherProcess.Soon));
    }

    [Fact]
    public async Task A_file_that_may_not_be_read_as_a_secret_gives_no_password()
    {
        await using var server = new RealPostgres();
        var settings = await Settings(server);
        var isOpen = false;
        settings.Watch(_watch, "Replay", file => isOpen ? throw new UnauthorizedAccessException(file) : File.ReadAllText(file));
        using var guard = ReplayStore.Open(settings.Or("unused.db"), TimeProvider.System);
        Change(server, "second");
        Write("second");
        isOpen = true;
        await Assert.ThrowsAnyAsync<Exception>(() => guard.ReserveAsync(OtherProcess.Key("1"), OtherProcess.Soon).AsTask());
        isOpen = false;
        Assert.True(await guard.ReserveAsync(OtherProcess.Key("1"), OtherProcess.Soon));
    }

    private string PasswordFile => Path.Combine(_folder.FullName, "password");

    private async Task<StoreSettings> Settings(RealPostgres server)
    {
        await server.NewDatabase();
        server.Psql("postgres", "CREATE ROLE rotated LOGIN SUPERUSER PASSWORD 'first'");
        Write("first");
        return new StoreSettings { Postgres = server.Connection("test1", "rotated"), PasswordFile = PasswordFile };
    }

    private static void Change(RealPostgres server, string password)
    {
        server.Psql("postgres", $"ALTER ROLE rotated PASSWORD '{password}'");
        Part(server);
    }

    private static void Part(RealPostgres server) =>
        server.Psql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rotated'");

    private void Write(string password) => File.WriteAllText(PasswordFile, password);
}
