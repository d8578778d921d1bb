namespace Tokens.Transport;

/// <summary>
/// A few seats for dear work that strangers can ask for. Who finds none waits, and the seats go round by source: one that asks for much
/// waits for itself, and nobody waits for more than one piece of work of every other source. Thread-safe.
/// </summary>
/// <param name="seats">Pieces of work at once.</param>
public sealed class FairTurns(int seats)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SourceAddress, Queue<TaskCompletionSource>> _waiting = [];
    private readonly Queue<SourceAddress> _round = []; // the sources with somebody waiting, each once
    private int _taken;

    /// <summary>Takes a seat, when it is the turn of its source. Whoever has one gives it back with <see cref="Give"/>.</summary>
    /// <exception cref="OperationCanceledException">It was given up before.</exception>
    public ValueTask Take(SourceAddress source, CancellationToken cancellation)
    {
        TaskCompletionSource waiter;
        lock (_gate)
        {
            if (_taken < seats)
            {
                _taken++; // while a seat is free nobody waits
                return ValueTask.CompletedTask;
            }
            waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_waiting.TryGetValue(source, out var line))
            {
                _waiting.Add(source, line = []);
                _round.Enqueue(source);
            }
            line.Enqueue(waiter);
        }
        return Wait(waiter, cancellation);
    }

    /// <summary>Gives a seat back: to the next source that waits, or to whoever comes.</summary>
    public void Give()
    {
        lock (_gate)
        {
            while (_round.TryDequeue(out var source))
            {
                var line = _waiting[source];
                var isGiven = false;
                while (!isGiven && line.TryDequeue(out var waiter))
                    isGiven = waiter.TrySetResult(); // false: it was given up
                if (line.Count > 0)
                    _round.Enqueue(source);
                else
                    _waiting.Remove(source);
                if (isGiven)
                    return;
            }
            _taken--;
        }
    }

    private static async ValueTask Wait(TaskCompletionSource waiter, CancellationToken cancellation)
    {
        await using var given = cancellation.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token),
            waiter
        );
        await waiter.Task;
    }
}
