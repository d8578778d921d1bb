using System.Diagnostics.CodeAnalysis;

namespace Tokens.Replay;

/// <summary>
/// Those who wait for the one thread that serves them. Whoever comes while that thread is at work wakes nobody: it looks for itself
/// when it is done.
/// </summary>
/// <param name="limit">How many may wait.</param>
/// <typeparam name="T">Who waits.</typeparam>
internal sealed class WaitingLine<T>(int limit)
{
    private readonly object _gate = new();
    private readonly Queue<T> _line = new();
    private bool _isWatched;
    private bool _hasEnded;

    /// <summary>Those who wait now.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
                return _line.Count;
        }
    }

    /// <summary>Lines up; false when too many wait or the line has ended.</summary>
    internal bool TryAdd(T one)
    {
        lock (_gate)
        {
            if (_hasEnded || _line.Count >= limit)
                return false;
            _line.Enqueue(one);
            if (_isWatched)
                Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Waits for the first; false when the line has ended and everybody was served.</summary>
    internal bool Wait()
    {
        lock (_gate)
        {
            while (_line.Count == 0 && !_hasEnded)
            {
                _isWatched = true;
                Monitor.Wait(_gate);
            }
            _isWatched = false;
            return _line.Count > 0;
        }
    }

    /// <summary>Takes the next one, without waiting.</summary>
    internal bool TryTake([MaybeNullWhen(false)] out T one)
    {
        lock (_gate)
            return _line.TryDequeue(out one);
    }

    /// <summary>Moves those who wait into <paramref name="taken"/>, until it holds <paramref name="most"/>.</summary>
    internal void Take(List<T> taken, int most)
    {
        lock (_gate)
            while (taken.Count < most && _line.TryDequeue(out var one))
                taken.Add(one);
    }

    /// <summary>Nobody lines up any more; those who wait are still served.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _hasEnded = true;
            Monitor.PulseAll(_gate);
        }
    }
}
