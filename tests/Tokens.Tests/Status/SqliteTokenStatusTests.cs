using Microsoft.Data.Sqlite;
using Tokens.Status;
using Tokens.Stores;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Status;

public sealed class SqliteTokenStatusTests : TokenStatusLaws
{
    private string File => Path.Combine(Folder, "status.db");

    private protected override Task<StoreSettings> MakeStore() => Task.FromResult(new StoreSettings { File = File });

    private protected override long CountRevoked()
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        return (long)Run(connection, "SELECT count(*) FROM revoked")!;
    }

    [Fact]
    public async Task A_change_that_is_not_known_to_be_durable_is_an_exception_and_the_list_stays_readable()
    {
        using var status = Open();
        await status.Suspend(StoppedKind.Client, "c", "drill");
        using (var blocker = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            Run(blocker, "BEGIN EXCLUSIVE");
            await Assert.ThrowsAsync<StatusUnavailable>(() => status.Suspend(StoppedKind.Client, "d", "drill").AsTask());
        }
        Assert.True(status.Current.IsSuspended(StoppedKind.Client, "c"));
        Assert.False(status.Current.IsSuspended(StoppedKind.Client, "d"));
        await status.Suspend(StoppedKind.Client, "d", "drill");
        Assert.True(status.Current.IsSuspended(StoppedKind.Client, "d"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_was_taken_away_or_replaced_is_not_believed(bool replaced)
    {
        var clock = new ManualClock();
        using var status = Open(clock);
        await status.Suspend(StoppedKind.Client, "c", "drill");
        Assert.True(status.IsFresh);
        foreach (var file in Directory.EnumerateFiles(Folder, "status.db*").ToArray())
            System.IO.File.Delete(file);
        using var other = replaced ? Open(clock) : null;
        await Assert.ThrowsAsync<StatusUnavailable>(() => status.Suspend(StoppedKind.Client, "d", "drill").AsTask());
        clock.Advance(ITokenStatus.StaleAfter + TimeSpan.FromSeconds(2));
        Assert.False(status.IsFresh);
        Assert.True(status.Current.IsSuspended(StoppedKind.Client, "c"));
    }

    private static object? Run(SqliteConnection connection, string text)
    {
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }
}
