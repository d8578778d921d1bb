using FsCheck;
using FsCheck.Fluent;
using Tokens.Replay;
using Xunit;

namespace Tokens.Tests.Replay;

public sealed class WaitingLineTests
{
    [Fact]
    public void Those_who_line_up_are_taken_in_order_each_once_and_never_more_than_asked_for() =>
        Prop.ForAll<int[], PositiveInt>(
                (all, most) =>
                {
                    var line = new WaitingLine<int>(all.Length + 1);
                    foreach (var one in all)
                        Assert.True(line.TryAdd(one));
                    line.End();
                    var (served, taken) = (new List<int>(), new List<int>());
                    while (line.Wait())
                    {
                        line.Take(taken, most.Get);
                        Assert.InRange(taken.Count, 1, most.Get);
                        served.AddRange(taken);
                        taken.Clear();
                    }
                    Assert.Equal(all, served);
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_full_line_and_one_that_has_ended_take_nobody()
    {
        var line = new WaitingLine<int>(2);
        Assert.True(line.TryAdd(1) && line.TryAdd(2));
        Assert.False(line.TryAdd(3));
        Assert.True(line.TryTake(out var first));
        Assert.Equal(1, first);
        Assert.True(line.TryAdd(3));
        line.End();
        Assert.True(line.TryTake(out _));
        Assert.False(line.TryAdd(4));
        Assert.True(line.Wait());
        Assert.True(line.TryTake(out var last));
        Assert.Equal(3, last);
        Assert.False(line.Wait());
    }

    [Fact]
    public async Task Nobody_is_left_standing_however_the_comings_and_the_waits_interleave()
    {
        const int callers = 4,
            each = 20_000;
        var line = new WaitingLine<TaskCompletionSource>(callers);
        var server = new Thread(() =>
        {
            while (line.Wait())
                while (line.TryTake(out var one))
                    one.SetResult();
        });
        server.Start();
        await Task.WhenAll(
            Enumerable
                .Range(0, callers)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        for (var i = 0; i < each; i++)
                        {
                            var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                            Assert.True(line.TryAdd(mine));
                            await mine.Task.WaitAsync(TimeSpan.FromSeconds(30));
                        }
                    })
                )
        );
        line.End();
        Assert.True(server.Join(TimeSpan.FromSeconds(30)));
    }
}
