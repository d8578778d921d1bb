using Gateway.Admission;
using Xunit;

namespace Gateway.Tests.Admission;

public sealed class FairSeatsTests
{
    private static readonly TimeSpan Ever = Timeout.InfiniteTimeSpan;

    [Fact]
    public async Task Seats_go_round_by_client_however_many_callers_one_of_them_has()
    {
        var (seats, order) = (new FairSeats(1, TimeProvider.System), new List<string>());
        var (noisy, quiet, third) = (seats.LaneOf("noisy"), seats.LaneOf("quiet"), seats.LaneOf("third"));
        Assert.True(await Enter(seats, noisy));
        var waiting = new List<Task>();
        for (var caller = 0; caller < 5; caller++)
            waiting.Add(InTurn(seats, noisy, order));
        waiting.Add(InTurn(seats, quiet, order));
        waiting.Add(InTurn(seats, quiet, order));
        waiting.Add(InTurn(seats, third, order));
        Assert.Equal(8, seats.Waiting);
        seats.Leave(noisy);
        await Task.WhenAll(waiting);
        Assert.Equal(["noisy", "quiet", "third", "noisy", "quiet", "noisy", "noisy", "noisy"], order);
        Assert.Equal(0, seats.Waiting);
    }

    [Fact]
    public async Task A_seat_goes_to_the_client_that_has_the_fewest()
    {
        var seats = new FairSeats(3, TimeProvider.System);
        var (slow, quick) = (seats.LaneOf("slow"), seats.LaneOf("quick"));
        for (var seat = 0; seat < 3; seat++)
            Assert.True(await Enter(seats, slow));
        var (more, first) = (Enter(seats, slow), Enter(seats, quick));
        seats.Leave(slow);
        Assert.Same(first, await Task.WhenAny(first, more)); // the other one would wait for ever
        Assert.True(await first);
        Assert.False(more.IsCompleted);
        seats.Leave(quick);
        Assert.True(await more);
    }

    [Fact]
    public async Task Who_hangs_up_leaves_the_queue_at_once_and_is_not_in_the_way()
    {
        var seats = new FairSeats(1, TimeProvider.System);
        var (gone, here) = (seats.LaneOf("gone"), seats.LaneOf("here"));
        Assert.True(await Enter(seats, here));
        using var hangUp = new CancellationTokenSource();
        var leaving = Enumerable.Range(0, 100).Select(_ => seats.EnterAsync(gone, Ever, hangUp.Token).AsTask()).ToList();
        var staying = Enter(seats, here);
        await hangUp.CancelAsync();
        Assert.Equal(1, seats.Waiting);
        foreach (var one in leaving)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        seats.Leave(here);
        Assert.True(await staying);
        Assert.Equal((0, 1), (gone.Taken, here.Taken));
    }

    [Fact]
    public async Task A_caller_waits_until_its_own_time_is_over_and_no_longer()
    {
        var seats = new FairSeats(1, TimeProvider.System);
        var lane = seats.LaneOf("one");
        Assert.True(await Enter(seats, lane));
        var patient = Enter(seats, lane);
        Assert.False(await seats.EnterAsync(lane, TimeSpan.FromMilliseconds(20), CancellationToken.None));
        Assert.False(await seats.EnterAsync(lane, TimeSpan.Zero, CancellationToken.None));
        Assert.False(patient.IsCompleted);
        seats.Leave(lane);
        Assert.True(await patient);
    }

    [Fact]
    public async Task Batches_leave_half_of_the_seats_to_single_questions()
    {
        var seats = new FairSeats(4, TimeProvider.System);
        var (bulk, otherBulk, single) = (seats.BulkLaneOf("one"), seats.BulkLaneOf("other"), seats.LaneOf("one"));
        Assert.True(await Enter(seats, bulk));
        Assert.True(await Enter(seats, otherBulk));
        var third = Enter(seats, bulk);
        Assert.False(third.IsCompleted);
        for (var question = 0; question < 2; question++)
            Assert.True(await Enter(seats, single));
        seats.Leave(single);
        Assert.False(third.IsCompleted);
        seats.Leave(otherBulk);
        Assert.True(await third);
    }

    [Fact]
    public async Task A_batch_that_goes_on_counts_among_the_batches_again()
    {
        var seats = new FairSeats(2, TimeProvider.System);
        var bulk = seats.BulkLaneOf("one");
        Assert.True(await Enter(seats, bulk));
        // It waits for somebody else, and goes on.
        seats.Leave(bulk);
        seats.Return(bulk);
        var second = Enter(seats, seats.BulkLaneOf("other"));
        Assert.False(second.IsCompleted);
        seats.Leave(bulk);
        Assert.True(await second);
    }

    [Fact]
    public async Task What_goes_on_takes_its_seat_back_and_who_begins_waits_for_that()
    {
        var seats = new FairSeats(1, TimeProvider.System);
        var (away, begins) = (seats.LaneOf("away"), seats.LaneOf("begins"));
        Assert.True(await Enter(seats, away));
        var turn = new Turn(client: null, arrivedAt: 0, TimeSpan.Zero, seats, away);
        var elsewhere = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waits = turn.Outside(turn.Outside(new ValueTask<int>(elsewhere.Task))).AsTask();
        Assert.True(await Enter(seats, begins));
        elsewhere.SetResult(1);
        Assert.Equal(1, await waits);
        var next = Enter(seats, begins);
        seats.Leave(begins);
        Assert.False(next.IsCompleted);
        turn.Dispose();
        turn.Dispose();
        Assert.True(await next);
        Assert.Equal((0, 1), (away.Taken, begins.Taken));
    }

    [Fact]
    public async Task Under_many_threads_no_seat_is_given_twice_and_none_is_lost()
    {
        const int Seats = 3;
        var seats = new FairSeats(Seats, TimeProvider.System);
        var (inside, most, entered) = (0, 0, 0);
        var callers = Enumerable
            .Range(0, 64)
            .Select(number =>
                Task.Run(async () =>
                {
                    var random = new Random(number);
                    var lane = number % 4 == 0 ? seats.BulkLaneOf("bulk") : seats.LaneOf($"client-{number % 3}");
                    for (var call = 0; call < 400; call++)
                    {
                        using var hangUp = new CancellationTokenSource();
                        var entering = seats.EnterAsync(lane, random.Next(4) == 0 ? TimeSpan.FromMilliseconds(1) : Ever, hangUp.Token);
                        if (random.Next(4) == 0)
                            await hangUp.CancelAsync();
                        try
                        {
                            if (!await entering)
                                continue;
                        }
                        catch (OperationCanceledException)
                        {
                            continue;
                        }

                        var now = Interlocked.Increment(ref inside);
                        for (var seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
                            Interlocked.CompareExchange(ref most, now, seen);
                        if (random.Next(8) == 0)
                            await Task.Yield();
                        Interlocked.Increment(ref entered);
                        Interlocked.Decrement(ref inside);
                        seats.Leave(lane);
                    }
                })
            );
        await Task.WhenAll(callers);
        Assert.InRange(most, 1, Seats);
        Assert.Equal(0, seats.Waiting);
        for (var seat = 0; seat < Seats; seat++)
            Assert.True(await Enter(seats, seats.LaneOf("after")));
        Assert.False(Enter(seats, seats.LaneOf("after")).IsCompleted);
    }

    private static Task<bool> Enter(FairSeats seats, FairLane lane) => seats.EnterAsync(lane, Ever, CancellationToken.None).AsTask();

    private static async Task InTurn(FairSeats seats, FairLane lane, List<string> order)
    {
        Assert.True(await Enter(seats, lane));
        order.Add(lane.Client);
        seats.Leave(lane);
    }
}
