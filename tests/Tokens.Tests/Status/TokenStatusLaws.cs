using Tokens.Status;
using Tokens.Stores;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Status;

/// <summary>What holds for every store.</summary>
[Trait("Tier", "Whole")]
public abstract class TokenStatusLaws : IAsyncLifetime
{
    private protected string Folder { get; } = Directory.CreateTempSubdirectory("status-").FullName;
    private protected StoreSettings Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await MakeStore();

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected abstract Task<StoreSettings> MakeStore();
    private protected abstract long CountRevoked();

    private protected ITokenStatus Open(TimeProvider? time = null) => StatusStore.Open(Store, time ?? TimeProvider.System);

    [Fact]
    public async Task OA_61_TH_03_What_one_node_stops_the_others_see_within_seconds()
    {
        using var writer = Open();
        using var reader = Open();
        var soon = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(5);
        await writer.Revoke("j", soon);
        await writer.DenyKey("k", soon);
        await writer.Suspend(StoppedKind.Agreement, "A-1", "drill");
        Assert.True(writer.Current.IsRevoked("j"));
        await Until(() => reader.Current.IsSuspended(StoppedKind.Agreement, "A-1"));
        Assert.True(reader.Current.IsRevoked("j"));
        Assert.True(reader.Current.IsKeyDenied("k"));
        Assert.False(reader.Current.IsSuspended(StoppedKind.Client, "A-1"));
        var suspension = Assert.Single(reader.Current.Suspensions);
        Assert.Equal((StoppedKind.Agreement, "A-1", "drill"), (suspension.Kind, suspension.Id, suspension.Reason));
        await writer.Lift(StoppedKind.Agreement, "A-1");
        await Until(() => !reader.Current.IsSuspended(StoppedKind.Agreement, "A-1"));
        Assert.True(reader.IsFresh);
    }

    [Fact]
    public async Task OA_61_What_another_process_stops_is_seen_here_within_seconds()
    {
        using var reader = Open();
        using var process = OtherProcess.Start(new Order("suspend", Store, Path.Combine(Folder, "record")));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        await Until(() => reader.Current.IsSuspended(StoppedKind.Client, "anss-other"));
    }

    [Fact]
    public async Task A_list_that_survives_a_restart_and_forgets_what_has_expired()
    {
        var clock = new ManualClock();
        using (var first = Open(clock))
        {
            await first.Revoke("old", clock.Now + TimeSpan.FromMinutes(1));
            await first.Revoke("young", clock.Now + TimeSpan.FromMinutes(5));
        }
        clock.Advance(TimeSpan.FromMinutes(2));
        using var second = Open(clock);
        Assert.False(second.Current.IsRevoked("old"));
        Assert.True(second.Current.IsRevoked("young"));
        clock.Advance(TimeSpan.FromHours(2));
        await second.Revoke("again", clock.Now + TimeSpan.FromMinutes(5));
        Assert.True(second.IsFresh);
        Assert.Equal(1, CountRevoked());
    }

    [Fact]
    public async Task A_second_suspension_keeps_the_first_and_a_key_is_denied_until_the_later_time()
    {
        var clock = new ManualClock();
        using var status = Open(clock);
        await status.Suspend(StoppedKind.Issuer, "i", "first");
        await status.Suspend(StoppedKind.Issuer, "i", "second");
        Assert.Equal("first", Assert.Single(status.Current.Suspensions).Reason);
        await status.DenyKey("k", clock.Now + TimeSpan.FromMinutes(5));
        await status.DenyKey("k", clock.Now + TimeSpan.FromMinutes(1));
        clock.Advance(TimeSpan.FromMinutes(3));
        await status.Lift(StoppedKind.Client, "nobody");
        Assert.True(status.Current.IsKeyDenied("k"));
    }

    [Fact]
    public async Task A_partys_newest_word_counts_on_every_node_and_the_same_again_changes_nothing()
    {
        var clock = new ManualClock();
        using var writer = Open(clock);
        using var reader = Open();
        var first = new PartyAct("A-1", "menps", Stops: true, clock.Now, "s-1", "drill", Until: null, "a.b.1");
        Assert.True(await writer.Say(first));
        Assert.True(writer.Current.IsSuspended(StoppedKind.Agreement, "A-1"));
        await Until(() => reader.Current.IsSuspended(StoppedKind.Agreement, "A-1"));
        Assert.Equal(first with { IssuedAt = reader.Current.SaidBy("A-1", "menps")!.IssuedAt }, reader.Current.SaidBy("A-1", "menps"));
        Assert.True(await writer.Say(first));
        Assert.False(await writer.Say(first with { StatementId = "s-2", Statement = "a.b.2", Stops = false }));
        Assert.True(
            await reader.Say(
                first with
                {
                    IssuedAt = first.IssuedAt.AddSeconds(1),
                    StatementId = "s-3",
                    Statement = "a.b.3",
                    Stops = false,
                }
            )
        );
        Assert.False(reader.Current.IsSuspended(StoppedKind.Agreement, "A-1"));
        Assert.False(await writer.Say(first));
        await writer.Suspend(StoppedKind.Agreement, "A-1", "drill");
        Assert.True(await writer.Say(first with { Party = "anss" }));
        await writer.Lift(StoppedKind.Agreement, "A-1");
        Assert.True(writer.Current.IsSuspended(StoppedKind.Agreement, "A-1"));
        Assert.False(writer.Current.IsSuspendedByOperators(StoppedKind.Agreement, "A-1"));
        Assert.False(writer.Current.IsSuspended(StoppedKind.Client, "A-1"));
    }

    [Fact]
    public async Task A_partys_stop_with_an_end_ends_by_itself()
    {
        var end = TimeProvider.System.GetUtcNow().AddSeconds(3);
        using var status = Open();
        Assert.True(await status.Say(new PartyAct("A-1", "menps", Stops: true, end.AddMinutes(-1), "s-1", "drill", end, "a.b.1")));
        Assert.True(status.Current.IsSuspended(StoppedKind.Agreement, "A-1"));
        await Until(() => !status.Current.IsSuspended(StoppedKind.Agreement, "A-1"));
        Assert.NotNull(status.Current.SaidBy("A-1", "menps"));
    }

    private protected static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 1500 && !condition(); i++)
            await Task.Delay(20);
        Assert.True(condition());
    }
}
