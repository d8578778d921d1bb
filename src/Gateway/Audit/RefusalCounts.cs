using System.Collections.Concurrent;
using Tokens.Operations;

namespace Gateway.Audit;

/// <summary>
/// Keeps a flood of one refusal from filling the disk (ledger page, section 3.3): of identical refusals the first few of a second get a
/// record each, the rest one record together, which is sealed when the second ends, at the latest when the gateway stops.
/// </summary>
/// <remarks>
/// <i>A crash loses what was counted since the last second began: the number of some refusals beyond the fifth, say, of a kind whose
/// first five are in the log. It never loses a disclosure: answers do not pass here.</i> Nothing is counted for a log that does not seal: a
/// refusal is only counted once another one like it has become durable in the same second.
/// </remarks>
internal sealed class RefusalCounts : IHostedService, IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<RefusalKind, RefusalCount> _counts = new();
    private readonly ConcurrentQueue<CountedRefusals> _late = new();

    // One round at a time: the timer does not wait for the round before.
    private readonly SemaphoreSlim _one = new(1);
    private readonly Sealing _sealing;
    private readonly BackgroundWork _background;
    private readonly int _each;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <summary>Starts counting.</summary>
    /// <param name="sealing">Where the records go.</param>
    /// <param name="options">How many of a kind get a record each.</param>
    /// <param name="background">Is told how each second ended.</param>
    /// <param name="time">Clock.</param>
    public RefusalCounts(Sealing sealing, GatewayOptions options, BackgroundWork background, TimeProvider time)
    {
        (_sealing, _each, _background, _time) = (sealing, options.RefusalsSealedEach, background, time);
        _timer = time.CreateTimer(_ => _ = _background.RunAsync("refusal-counts", SealCountedAsync), state: null, Window, Window);
    }

    /// <summary>Asks for a place: a record of its own, or the id of the record that it shares.</summary>
    public RefusalPlace Place(ExchangeFacts facts, Refusal refusal)
    {
        var kind = RefusalKind.Of(facts, refusal);
        while (true)
        {
            // One that has just ended takes no more: the next one of its kind begins anew.
            if (_counts.GetOrAdd(kind, static (_, each) => new RefusalCount(each), _each).Add(facts, refusal, _time) is { } place)
                return place;
            Thread.Yield();
        }
    }

    /// <summary>
    /// Counts a refusal that could not wait for a record: it shares one from the first on. Gives the id of that record, which is sealed
    /// when the second ends, or as soon as the log takes any.
    /// </summary>
    public string Follow(ExchangeFacts facts, Refusal refusal)
    {
        var kind = RefusalKind.Of(facts, refusal);
        while (true)
        {
            var count = _counts.GetOrAdd(kind, static (_, each) => new RefusalCount(each), _each);
            if (count.Follow(facts, refusal, _time) is { } record)
                return record;
            Thread.Yield();
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Seals what is counted. By now no request is under way any more.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => SealCountedAsync();

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _one.Dispose();
    }

    /// <summary>Ends the second. What cannot be sealed now is tried again at the end of the next, under its id.</summary>
    internal async Task SealCountedAsync()
    {
        foreach (var (kind, count) in _counts)
        {
            var (isIdle, group) = count.End();
            if (group is not null)
                _late.Enqueue(group);
            if (isIdle)
                _counts.TryRemove(new KeyValuePair<RefusalKind, RefusalCount>(kind, count));
        }

        await _one.WaitAsync();
        try
        {
            for (var most = _late.Count; most > 0 && _late.TryDequeue(out var group); most--)
                if (!await SealOrKeepAsync(group))
                    _late.Enqueue(group);
        }
        finally
        {
            _one.Release();
        }
    }

    // A group that cannot be sealed for whatever reason stays: its refusals were told, so their record must come.
    private async ValueTask<bool> SealOrKeepAsync(CountedRefusals group)
    {
        try
        {
            return await SealAsync(group);
        }
        catch (Exception)
        {
            _late.Enqueue(group);
            throw;
        }
    }

    private async ValueTask<bool> SealAsync(CountedRefusals group)
    {
        if (!_sealing.TryReserve(1, out var seat))
            return false;
        using (seat)
            return (await _sealing.SealAsync(group, seat)).Allows(out _, out _);
    }
}
