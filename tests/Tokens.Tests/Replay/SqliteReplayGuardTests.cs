using Microsoft.Data.Sqlite;
using Tokens.Replay;
using Tokens.Stores;
using Xunit;

namespace Tokens.Tests.Replay;

public sealed class SqliteReplayGuardTests : ReplayGuardLaws
{
    private string File => Path.Combine(Folder, "replay.db");

    private protected override Task<StoreSettings> MakeStore() => Task.FromResult(new StoreSettings { File = File });

    private protected override IReplayGuard Open(TimeProvider time, ReplayLimits limits) => SqliteReplayGuard.Open(File, time, limits);

    private protected override ReplayWriter WriterOf(IReplayGuard guard) => ((SqliteReplayGuard)guard).Writer;

    private protected override long Ask(string question)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        return (long)Run(connection, question.Replace("{replay}", "replay", StringComparison.Ordinal))!;
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_an_exception_and_never_a_guess_and_it_heals()
    {
        using var guard = ReplayStore.Open(Store, TimeProvider.System);
        Assert.True(guard.IsHealthy);
        using (var blocker = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            Run(blocker, "BEGIN EXCLUSIVE");
            await Assert.ThrowsAsync<ReplayUnavailable>(() =>
                guard.ReserveAsync(Key(1), TimeProvider.System.GetUtcNow().AddMinutes(1)).AsTask()
            );
            Assert.False(guard.IsHealthy);
        }
        // Another id: what became of the first one nobody knows.
        Assert.True(await guard.ReserveAsync(Key(2), TimeProvider.System.GetUtcNow().AddMinutes(1)));
        Assert.True(guard.IsHealthy);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_so_are_settings_with_two_stores_or_none()
    {
        System.IO.File.WriteAllText(File, new string('x', 4096));
        Assert.Throws<StoreRefused>(() => ReplayStore.Open(Store, Clock));
        Assert.Throws<StoreRefused>(() => ReplayStore.Open(new StoreSettings(), Clock));
        Assert.Throws<StoreRefused>(() => ReplayStore.Open(new StoreSettings { File = File, Postgres = "Host=localhost" }, Clock));
    }

    private static object? Run(SqliteConnection connection, string text)
    {
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }
}
