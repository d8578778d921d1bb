using System.Globalization;
using Microsoft.Data.Sqlite;
using Tokens.Replay;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Replay;

public sealed class SqliteReplayGuardTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("replay-").FullName;
    private readonly ManualClock _clock = new();

    private string File => Path.Combine(_folder, "replay.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ReplayKey Key(int number, string owner = "anss-one") => ReplayKey.Of(ReplayKind.Assertion, owner, number.ToString(CultureInfo.InvariantCulture));

    private DateTimeOffset Soon => _clock.Now + TimeSpan.FromMinutes(10);

    [Fact]
    public async Task OA_24_TH_07_Of_48_parallel_copies_exactly_one_is_accepted_in_each_of_400_rounds_and_none_after_a_restart()
    {
        const int rounds = 400;
        using (var guard = SqliteReplayGuard.Open(File, _clock))
            for (var round = 0; round < rounds; round++)
                Assert.Equal(1, await Accepted(guard, Key(round)));
        using var restarted = SqliteReplayGuard.Open(File, _clock);
        for (var round = 0; round < rounds; round++) Assert.False(await restarted.ReserveAsync(Key(round), Soon));
        Assert.True(await restarted.ReserveAsync(Key(rounds), Soon));
    }

    [Fact]
    public async Task OA_24_Two_processes_on_one_file_accept_each_id_once_between_them()
    {
        using var first = SqliteReplayGuard.Open(File, _clock);
        using var second = SqliteReplayGuard.Open(File, _clock);
        for (var round = 0; round < 100; round++)
        {
            var both = await Task.WhenAll(Accepted(first, Key(round)), Accepted(second, Key(round)));
            Assert.Equal(1, both.Sum());
        }
    }

    [Fact]
    public async Task OA_24_The_same_id_of_another_owner_or_kind_is_no_replay()
    {
        using var guard = SqliteReplayGuard.Open(File, _clock);
        Assert.True(await guard.ReserveAsync(Key(1), Soon));
        Assert.True(await guard.ReserveAsync(Key(1, "anss-two"), Soon));
        Assert.True(await guard.ReserveAsync(ReplayKey.Of(ReplayKind.Proof, "anss-one", "1"), Soon));
        Assert.False(await guard.ReserveAsync(Key(1), Soon));
    }

    [Fact]
    public async Task What_may_be_forgotten_is_swept_and_what_may_not_stays()
    {
        using (var guard = SqliteReplayGuard.Open(File, _clock))
        {
            await Task.WhenAll(Enumerable.Range(0, 3000).Select(number => guard.ReserveAsync(Key(number), Soon).AsTask()));
            _clock.Advance(TimeSpan.FromMinutes(11));
            for (var number = 10_000; number < 10_050; number++) await guard.ReserveAsync(Key(number), Soon);
        }
        Assert.InRange(Rows(), 50, 60);
        using var restarted = SqliteReplayGuard.Open(File, _clock);
        Assert.False(await restarted.ReserveAsync(Key(10_049), Soon));
    }

    [Fact]
    public async Task Nothing_is_remembered_longer_than_fifteen_minutes()
    {
        using (var guard = SqliteReplayGuard.Open(File, _clock)) await guard.ReserveAsync(Key(1), _clock.Now + TimeSpan.FromDays(300));
        Assert.Equal((_clock.Now + SqliteReplayGuard.MaxMemory).ToUnixTimeSeconds(), Ask("SELECT forget FROM replay"));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_an_exception_and_never_a_guess_and_it_heals()
    {
        using var guard = SqliteReplayGuard.Open(File, _clock);
        using (var blocker = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            Run(blocker, "BEGIN EXCLUSIVE");
            await Assert.ThrowsAsync<ReplayUnavailable>(() => guard.ReserveAsync(Key(1), Soon).AsTask());
            Assert.False(guard.IsHealthy);
        }
        Assert.True(await guard.ReserveAsync(Key(1), Soon));
        Assert.True(guard.IsHealthy);
    }

    [Fact]
    public async Task A_closed_guard_refuses_to_answer()
    {
        var guard = SqliteReplayGuard.Open(File, _clock);
        guard.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => guard.ReserveAsync(Key(1), Soon).AsTask());
    }

    private async Task<int> Accepted(SqliteReplayGuard guard, ReplayKey key)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 48).Select(_ => Task.Run(() => guard.ReserveAsync(key, Soon).AsTask())));
        return answers.Count(static accepted => accepted);
    }

    private long Rows() => Ask("SELECT count(*) FROM replay");

    private long Ask(string question)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        return (long)Run(connection, question)!;
    }

    private static object? Run(SqliteConnection connection, string text)
    {
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }
}
