using Tokens.Status;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Status;

public sealed class TokenStatusTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("status-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task OA_61_TH_03_What_one_process_stops_the_others_see_within_seconds()
    {
        var file = Path.Combine(_folder, "status.db");
        using ITokenStatus writer = SqliteTokenStatus.Open(file, TimeProvider.System);
        using ITokenStatus reader = SqliteTokenStatus.Open(file, TimeProvider.System);
        var soon = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(5);
        await writer.Revoke("j", soon);
        await writer.DenyKey("k", soon);
        await writer.Suspend(StoppedKind.Agreement, "A-1", "drill");
        Assert.True(writer.Current.IsRevoked("j"));
        for (var i = 0; i < 500 && !reader.Current.IsSuspended(StoppedKind.Agreement, "A-1"); i++) await Task.Delay(20);
        Assert.True(reader.Current.IsRevoked("j"));
        Assert.True(reader.Current.IsKeyDenied("k"));
        Assert.True(reader.Current.IsSuspended(StoppedKind.Agreement, "A-1"));
        Assert.False(reader.Current.IsSuspended(StoppedKind.Client, "A-1"));
        await writer.Lift(StoppedKind.Agreement, "A-1");
        for (var i = 0; i < 500 && reader.Current.IsSuspended(StoppedKind.Agreement, "A-1"); i++) await Task.Delay(20);
        Assert.False(reader.Current.IsSuspended(StoppedKind.Agreement, "A-1"));
        Assert.True(reader.IsFresh);
    }

    [Fact]
    public async Task A_list_that_survives_a_restart_and_forgets_what_has_expired()
    {
        var (clock, file) = (new ManualClock(), Path.Combine(_folder, "status.db"));
        using (ITokenStatus first = SqliteTokenStatus.Open(file, clock))
        {
            await first.Revoke("old", clock.Now + TimeSpan.FromMinutes(1));
            await first.Revoke("young", clock.Now + TimeSpan.FromMinutes(5));
        }
        clock.Advance(TimeSpan.FromMinutes(2));
        using ITokenStatus second = SqliteTokenStatus.Open(file, clock);
        Assert.False(second.Current.IsRevoked("old"));
        Assert.True(second.Current.IsRevoked("young"));
        clock.Advance(TimeSpan.FromSeconds(61));
        await second.Revoke("again", clock.Now + TimeSpan.FromMinutes(5));
        Assert.True(second.IsFresh);
    }
}
