using System.Collections.Concurrent;
using System.Globalization;
using Postgres;
using Tokens.Replay;
using Tokens.Status;
using Tokens.Stores;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Replay;

/// <summary>A server that stops, dies and comes back, or that may not be used at all.</summary>
[Trait("Tier", "Whole")]
public sealed class PostgresFaultTests
{
    [Theory]
    [InlineData("fsync=off")]
    [InlineData("full_page_writes=off")]
    public async Task A_server_that_could_forget_what_it_confirmed_is_refused(string setting)
    {
        await using var server = RealPostgres.With(setting);
        var store = new StoreSettings { Postgres = (await server.NewDatabase()), PasswordFile = server.PasswordFile };
        var refused = Assert.Throws<StoreRefused>(() => ReplayStore.Open(store, TimeProvider.System));
        Assert.Contains(setting[..setting.IndexOf('=', StringComparison.Ordinal)], refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_comes_back_with_fsync_off_is_refused_in_mid_life()
    {
        await using var server = new RealPostgres();
        var store = new StoreSettings { Postgres = await server.NewDatabase(), PasswordFile = server.PasswordFile };
        using var guard = ReplayStore.Open(store, TimeProvider.System);
        Assert.True(await guard.ReserveAsync(OtherProcess.Key("1"), OtherProcess.Soon));
        server.Psql("postgres", "SELECT 1");
        server.Stop("fast");
        await server.Start("fsync=off");
        await Refused(guard, "2"); // the connection that was lost
        Assert.IsType<StoreRefused>((await Refused(guard, "2")).InnerException);
        Assert.False(guard.IsHealthy);
    }

    [Fact]
    public async Task Without_a_server_nothing_is_accepted_and_the_guard_serves_when_the_server_comes()
    {
        await using var server = new RealPostgres();
        var store = new StoreSettings { Postgres = await server.NewDatabase(), PasswordFile = server.PasswordFile };
        server.Stop("fast");
        using var guard = ReplayStore.Open(store, TimeProvider.System);
        Assert.False(guard.IsHealthy);
        for (var number = 0; number < 20; number++)
            await Refused(guard, number.ToString(CultureInfo.InvariantCulture));
        await server.Start();
        Assert.True(await guard.ReserveAsync(OtherProcess.Key("0"), OtherProcess.Soon));
        Assert.True(guard.IsHealthy);
        Assert.False(await guard.ReserveAsync(OtherProcess.Key("0"), OtherProcess.Soon));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_first_reservation_after_the_servers_restart_or_the_end_of_its_process_is_made(bool restart)
    {
        await using var server = new RealPostgres();
        var store = new StoreSettings { Postgres = await server.NewDatabase(), PasswordFile = server.PasswordFile };
        using var guard = ReplayStore.Open(store, TimeProvider.System);
        using var status = StatusStore.Open(store, TimeProvider.System);
        for (var round = 0; round < 3; round++)
        {
            Assert.True(await guard.ReserveAsync(OtherProcess.Key($"{round}a"), OtherProcess.Soon));
            if (restart)
                server.Kill();
            else
                server.Psql(
                    "postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                );
            await server.Start();
            Assert.True(await guard.ReserveAsync(OtherProcess.Key($"{round}b"), OtherProcess.Soon));
            Assert.False(await guard.ReserveAsync(OtherProcess.Key($"{round}a"), OtherProcess.Soon));
            await status.Revoke($"{round}", OtherProcess.Soon);
            Assert.True(guard.IsHealthy);
        }
    }

    [Fact]
    public async Task TH_07_What_was_answered_as_reserved_stays_taken_when_the_server_is_killed_under_load()
    {
        await using var server = new RealPostgres();
        var store = new StoreSettings { Postgres = await server.NewDatabase(), PasswordFile = server.PasswordFile };
        using var first = ReplayStore.Open(store, TimeProvider.System);
        using var second = ReplayStore.Open(store, TimeProvider.System);
        var won = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var refused = 0;
        using var stop = new CancellationTokenSource();

        async Task Call(int caller, IReplayGuard guard)
        {
            for (var number = 0; !stop.IsCancellationRequested; number++)
            {
                // Two callers, one at each node, share a name; after a failure nobody knows, and both try the same one again.
                var name = string.Create(CultureInfo.InvariantCulture, $"{caller / 2}.{number}");
                for (var answered = false; !answered && !stop.IsCancellationRequested;)
                {
                    try
                    {
                        if (await guard.ReserveAsync(OtherProcess.Key(name), OtherProcess.Soon))
                            won.AddOrUpdate(name, 1, static (_, times) => times + 1);
                        answered = true;
                    }
                    catch (ReplayUnavailable)
                    {
                        Interlocked.Increment(ref refused);
                        await Task.Delay(5);
                    }
                }
            }
        }

        var callers = Enumerable.Range(0, 32).Select(caller => Task.Run(() => Call(caller, caller % 2 == 0 ? first : second))).ToArray();
        for (var round = 0; round < 6; round++)
        {
            var before = won.Count;
            for (var i = 0; i < 3000 && won.Count < before + 500; i++)
                await Task.Delay(10);
            if (round % 2 == 0)
                server.Kill();
            else
                server.Stop("immediate");
            await server.Start();
        }
        await stop.CancelAsync();
        await Task.WhenAll(callers);

        Assert.InRange(won.Count, 2000, int.MaxValue);
        Assert.True(refused > 0);
        Assert.All(won.Values, static times => Assert.Equal(1, times));
        using var restarted = ReplayStore.Open(store, TimeProvider.System);
        var again = new List<bool>();
        foreach (var names in won.Keys.Chunk(5000))
            again.AddRange(
                await Task.WhenAll(names.Select(name => restarted.ReserveAsync(OtherProcess.Key(name), OtherProcess.Soon).AsTask()))
            );
        Assert.DoesNotContain(true, again);
    }

    private static Task<ReplayUnavailable> Refused(IReplayGuard guard, string name) =>
        Assert.ThrowsAsync<ReplayUnavailable>(() => guard.ReserveAsync(OtherProcess.Key(name), OtherProcess.Soon).AsTask());
}
