using System.Globalization;
using Tokens.Replay;
using Tokens.Stores;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Replay;

/// <summary>What holds for every store.</summary>
[Trait("Tier", "Whole")]
public abstract class ReplayGuardLaws : IAsyncLifetime
{
    private protected string Folder { get; } = Directory.CreateTempSubdirectory("replay-").FullName;
    // behind the server's: the slower one sweeps
    private protected ManualClock Clock { get; } = new(TimeProvider.System.GetUtcNow().AddDays(-1));
    private protected StoreSettings Store { get; private set; } = null!;
    private protected DateTimeOffset Soon => Clock.Now + TimeSpan.FromMinutes(10);

    public async ValueTask InitializeAsync() => Store = await MakeStore();

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected abstract Task<StoreSettings> MakeStore();
    private protected abstract IReplayGuard Open(TimeProvider time, ReplayLimits limits);
    private protected abstract ReplayWriter WriterOf(IReplayGuard guard);
    private protected abstract long Ask(string question);

    private protected static ReplayKey Key(int number, string owner = "anss-one", ReplayKind kind = ReplayKind.Assertion) =>
        ReplayKey.Of(kind, owner, number.ToString(CultureInfo.InvariantCulture));

    private IReplayGuard Open() => ReplayStore.Open(Store, Clock);

    [Fact]
    public async Task OA_24_TH_07_Of_48_parallel_copies_exactly_one_is_accepted_in_each_of_400_rounds_and_none_after_a_restart()
    {
        const int rounds = 400;
        using (var guard = Open())
            for (var round = 0; round < rounds; round++)
                Assert.Equal(1, await Accepted(Key(round), guard));
        using var restarted = Open();
        for (var round = 0; round < rounds; round++)
            Assert.False(await restarted.ReserveAsync(Key(round), Soon));
        Assert.True(await restarted.ReserveAsync(Key(rounds), Soon));
    }

    [Fact]
    public async Task OA_24_TH_07_Of_48_parallel_copies_at_two_nodes_exactly_one_is_accepted_in_each_of_400_rounds()
    {
        using var first = Open();
        using var second = Open();
        for (var round = 0; round < 400; round++)
            Assert.Equal(1, await Accepted(Key(round), first, second));
    }

    [Fact]
    public async Task OA_24_TH_07_Of_96_parallel_copies_in_two_processes_exactly_one_is_accepted_in_each_of_400_rounds()
    {
        var records = new[] { "a", "b" }.Select(name => Path.Combine(Folder, name)).ToArray();
        var processes = records.Select(record => OtherProcess.Start(new Order("race", Store, record))).ToArray();
        foreach (var process in processes)
        {
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
            process.Dispose();
        }
        var wins = records
            .SelectMany(File.ReadLines)
            .Select(static line => line.Split(' '))
            .GroupBy(static words => words[0], static words => int.Parse(words[1], CultureInfo.InvariantCulture), StringComparer.Ordinal)
            .ToArray();
        Assert.Equal(OtherProcess.Rounds, wins.Length);
        Assert.All(wins, static round => Assert.Equal(1, round.Sum()));
    }

    [Fact]
    public async Task TH_07_What_a_process_was_told_is_its_own_stays_taken_when_the_process_is_killed()
    {
        var record = Path.Combine(Folder, "record");
        var taken = 0;
        for (var round = 0; round < 6; round++)
        {
            using (var process = OtherProcess.Start(new Order("reserve", Store, record)))
            {
                await Until(() => Told(record).Length > taken + 200 + (137 * round));
                process.Kill();
                await process.WaitForExitAsync();
            }
            var told = Told(record);
            using var guard = ReplayStore.Open(Store, TimeProvider.System);
            var again = await Task.WhenAll(told.Select(name => guard.ReserveAsync(OtherProcess.Key(name), OtherProcess.Soon).AsTask()));
            Assert.DoesNotContain(true, again);
            taken = told.Length;
        }
    }

    [Fact]
    public async Task OA_24_The_same_id_of_another_owner_or_kind_is_no_replay()
    {
        using var guard = Open();
        Assert.True(await guard.ReserveAsync(Key(1), Soon));
        Assert.True(await guard.ReserveAsync(Key(1, "anss-two"), Soon));
        Assert.True(await guard.ReserveAsync(Key(1, kind: ReplayKind.Proof), Soon));
        Assert.False(await guard.ReserveAsync(Key(1), Soon));
    }

    [Fact]
    public async Task What_may_be_forgotten_is_swept_and_what_may_not_stays()
    {
        using (var guard = Open())
        {
            await Task.WhenAll(Enumerable.Range(0, 3000).Select(number => guard.ReserveAsync(Key(number), Soon).AsTask()));
            Clock.Advance(TimeSpan.FromMinutes(11));
            for (var number = 10_000; number < 10_050; number++)
                Assert.True(await guard.ReserveAsync(Key(number), Soon));
        }
        Assert.InRange(Ask("SELECT count(*) FROM {replay}"), 50, 60);
        using var restarted = Open();
        Assert.False(await restarted.ReserveAsync(Key(10_049), Soon));
    }

    [Fact]
    public async Task Under_load_what_may_be_forgotten_is_swept_too()
    {
        using (var guard = Open())
        {
            await Task.WhenAll(Enumerable.Range(0, 3000).Select(number => guard.ReserveAsync(Key(number), Soon).AsTask()));
            Clock.Advance(TimeSpan.FromMinutes(11));
            for (var round = 0; round < 200; round++)
                Assert.DoesNotContain(
                    false,
                    await Task.WhenAll(
                        Enumerable.Range(10_000 + (8 * round), 8).Select(number => guard.ReserveAsync(Key(number), Soon).AsTask())
                    )
                );
        }
        Assert.Equal(1600, Ask("SELECT count(*) FROM {replay}"));
    }

    [Fact]
    public async Task Nothing_is_remembered_longer_than_fifteen_minutes()
    {
        using (var guard = Open())
            await guard.ReserveAsync(Key(1), Clock.Now + TimeSpan.FromDays(300));
        Assert.Equal((Clock.Now + ReplayLimits.MaxMemory).ToUnixTimeSeconds(), Ask("SELECT forget FROM {replay}"));
    }

    [Fact]
    public async Task A_clock_that_steps_back_or_jumps_ahead_and_back_makes_no_id_new_again()
    {
        var clock = new SteppingClock();
        DateTimeOffset soon = clock.GetUtcNow() + TimeSpan.FromMinutes(10);
        using (var guard = Open(clock, new ReplayLimits { Recent = 2 }))
        {
            for (var number = 0; number < 50; number++)
                Assert.True(await guard.ReserveAsync(Key(number), soon));
            clock.Off = TimeSpan.FromHours(-1);
            for (var number = 0; number < 50; number++)
                Assert.False(await guard.ReserveAsync(Key(number), soon));
            clock.Off = TimeSpan.FromHours(1);
            for (var number = 100; number < 150; number++)
                Assert.True(await guard.ReserveAsync(Key(number), soon + clock.Off)); // each of these sweeps
            clock.Off = TimeSpan.Zero;
            for (var number = 0; number < 50; number++)
                Assert.False(await guard.ReserveAsync(Key(number), soon));
        }
        using var restarted = Open(clock, new ReplayLimits());
        for (var number = 0; number < 50; number++)
            Assert.False(await restarted.ReserveAsync(Key(number), soon));
    }

    [Fact]
    public async Task A_clock_that_stays_ahead_is_believed_in_the_end()
    {
        var clock = new SteppingClock();
        using (var guard = Open(clock, new ReplayLimits { Recent = 2 }))
        {
            for (var number = 0; number < 50; number++)
                Assert.True(await guard.ReserveAsync(Key(number), clock.GetUtcNow() + TimeSpan.FromHours(1)));
            clock.Off = TimeSpan.FromHours(1);
            Assert.True(await guard.ReserveAsync(Key(100), clock.GetUtcNow() + TimeSpan.FromHours(1)));
            clock.Pass(ReplayLimits.MaxMemory);
            Assert.True(await guard.ReserveAsync(Key(101), clock.GetUtcNow() + TimeSpan.FromHours(1)));
        }
        Assert.InRange(Ask("SELECT count(*) FROM {replay}"), 1, 2);
    }

    [Fact]
    public async Task An_owner_with_as_many_live_ids_as_it_may_have_is_refused_and_nobody_else_is()
    {
        using var guard = Open(Clock, new ReplayLimits { LivePerOwner = 100 });
        for (var number = 0; number < 100; number++)
            Assert.True(await guard.ReserveAsync(Key(number), Soon));
        await Assert.ThrowsAsync<ReplayOwnerFull>(() => guard.ReserveAsync(Key(100), Soon).AsTask());
        Assert.False(await guard.ReserveAsync(Key(99), Soon));
        Assert.True(await guard.ReserveAsync(Key(1, "anss-two"), Soon));
        Assert.True(await guard.ReserveAsync(Key(1, kind: ReplayKind.Proof), Soon));
        Assert.True(guard.IsHealthy);
        Clock.Advance(TimeSpan.FromMinutes(12));
        Assert.True(await guard.ReserveAsync(Key(101), Soon));
    }

    [Fact]
    public async Task Copies_that_lose_count_for_nobody()
    {
        var alone = new ReplayLimits { LivePerOwner = 10, ExchangeEvery = TimeSpan.FromDays(1) };
        using var first = Open(Clock, alone);
        using var second = Open(Clock, alone);
        for (var number = 0; number < 5; number++)
            Assert.True(await first.ReserveAsync(Key(number), Soon));
        for (var number = 0; number < 5; number++)
            Assert.False(await second.ReserveAsync(Key(number), Soon));
        for (var number = 5; number < 15; number++)
            Assert.True(await second.ReserveAsync(Key(number), Soon));
    }

    [Fact]
    public async Task The_bound_of_an_owner_holds_over_all_nodes_and_over_a_restart()
    {
        var limits = new ReplayLimits { LivePerOwner = 100, ExchangeEvery = TimeSpan.Zero };
        using var second = Open(Clock, limits);
        using (var first = Open(Clock, limits))
        {
            for (var number = 0; number < 60; number++)
                Assert.True(await first.ReserveAsync(Key(number), Soon));
            for (var number = 60; number < 99; number++)
                Assert.True(await second.ReserveAsync(Key(number), Soon));
            Assert.True(await first.ReserveAsync(Key(1, "anss-two"), Soon)); // tells what stood before it
        }
        Assert.True(await second.ReserveAsync(Key(2, "anss-two"), Soon));
        Assert.True(await second.ReserveAsync(Key(99), Soon));
        await Assert.ThrowsAsync<ReplayOwnerFull>(() => second.ReserveAsync(Key(100), Soon).AsTask());
        using var restarted = Open(Clock, limits);
        await Assert.ThrowsAsync<ReplayOwnerFull>(() => Several(restarted, 101, 103));
    }

    [Fact]
    public async Task Memory_is_bounded_however_many_ids_and_owners_there_are()
    {
        var limits = new ReplayLimits
        {
            Recent = 1000,
            CountedOwners = 32,
            LivePerOwner = 500,
            ExchangeEvery = TimeSpan.Zero,
        };
        using var guard = Open(Clock, limits);
        var writer = WriterOf(guard);
        for (var round = 0; round < 20; round++)
        {
            var batch = Enumerable
                .Range(round * 1000, 1000)
                .Select(number =>
                    guard.ReserveAsync(Key(number, $"owner-{number / 3}"), Soon + TimeSpan.FromSeconds(number % 240)).AsTask()
                );
            Assert.DoesNotContain(false, await Task.WhenAll(batch));
            Assert.InRange(writer.Recent.Count, 1, 1000);
            Clock.Advance(TimeSpan.FromSeconds(30));
        }
        Assert.InRange(writer.Owners.Size, 1, 16 * 3 * 32);
    }

    [Fact]
    public async Task A_closed_guard_refuses_to_answer()
    {
        var guard = Open();
        guard.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => guard.ReserveAsync(Key(1), Soon).AsTask());
    }

    private async Task Several(IReplayGuard guard, int from, int to)
    {
        for (var number = from; number < to; number++)
            await guard.ReserveAsync(Key(number), Soon);
    }

    private async Task<int> Accepted(ReplayKey key, params IReplayGuard[] guards)
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 48).Select(copy => Task.Run(() => guards[copy % guards.Length].ReserveAsync(key, Soon).AsTask()))
        );
        return answers.Count(static accepted => accepted);
    }

    private static string[] Told(string record) => File.Exists(record) ? File.ReadAllText(record).Split('\n')[..^1] : [];

    private static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 3000 && !condition(); i++)
            await Task.Delay(20);
        Assert.True(condition());
    }
}
