using Ledger.Tests.Support;
using Ledger.Writing;
using Xunit;

namespace Ledger.Tests;

/// <summary>
/// When the writer waits for the callers of the group before. How long it waits is not asserted: the disk's time is given.
/// </summary>
public sealed class CommitDelayTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(5);
    private readonly GroupQueue _queue = new(Some.Options("unused"));
    private readonly CommitDelay _delay;

    public CommitDelayTests() => _delay = new CommitDelay(_queue);

    [Fact]
    public void A_caller_alone_is_never_waited_for() => Assert.False(_delay.After(released: 1, waiting: 0, Slow));

    [Fact]
    public void On_a_fast_disk_nobody_is_waited_for() => Assert.False(_delay.After(64, 0, TimeSpan.FromMilliseconds(0.2)));

    [Fact]
    public void Callers_that_come_back_are_waited_for_each_time()
    {
        for (var i = 0; i < 10; i++)
        {
            Arrive(3);
            Assert.True(_delay.After(2, 1, Slow));
            _queue.Take(TimeSpan.Zero);
        }
    }

    [Fact]
    public void Half_of_them_are_enough_to_wait_again()
    {
        Arrive(3);
        Assert.True(_delay.After(4, 1, Slow));
        Assert.True(_delay.After(4, 1, Slow));
    }

    [Fact]
    public void Callers_that_do_not_come_back_are_waited_for_less_and_less()
    {
        // One that waited already is not one that came back.
        Arrive(1);
        var waited = Enumerable.Range(0, 400).Where(_ => _delay.After(2, 1, Slow)).ToList();
        Assert.Equal([0, 2, 5, 10, 19, 36, 69, 134, 199, 264, 329, 394], waited);
    }

    [Fact]
    public void Who_came_back_once_is_waited_for_again()
    {
        Assert.True(_delay.After(2, 0, Slow));
        Assert.False(_delay.After(2, 0, Slow));
        Arrive(2);
        Assert.True(_delay.After(2, 0, Slow));
        Assert.True(_delay.After(2, 0, Slow));
    }

    [Fact]
    public void Nothing_waits_when_the_writer_is_wanted_otherwise()
    {
        _queue.Poke();
        Assert.True(_queue.Holds(1000));
        _queue.Take(TimeSpan.Zero);
        Assert.False(_queue.Holds(1));
        _queue.End();
        Assert.True(_queue.Holds(1000));
    }

    [Fact]
    public void A_group_that_is_full_is_not_made_to_wait()
    {
        var options = Some.Options("unused");
        options.GroupRecords = 1;
        var full = new GroupQueue(options);
        full.Add(new Seat(full, 1) { Entries = [Some.Record(1)] }, 20);
        Assert.False(full.Holds(1000));
        full.Add(new Seat(full, 1) { Entries = [Some.Record(2)] }, 20);
        Assert.True(full.Holds(1000));
    }

    [Fact]
    public async Task A_disk_that_hung_for_an_hour_holds_nobody_up_for_a_quarter_of_it() =>
        Assert.True(
            await Task.Run(() => _delay.After(2, 0, TimeSpan.FromHours(1)))
                .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)
        );

    private void Arrive(int appends)
    {
        for (var i = 0; i < appends; i++)
        {
            _queue.Add(new Seat(_queue, 1) { Entries = [Some.Record(i)] }, 20);
        }
    }
}
