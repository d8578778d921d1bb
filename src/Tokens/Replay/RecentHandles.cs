using System.Collections.Concurrent;

namespace Tokens.Replay;

/// <summary>
/// The latest handles of this process, to answer repeats without touching the disk. It can only say "seen", never "new". Two generations,
/// so memory is bounded without a sweep. Thread-safe.
/// </summary>
/// <param name="limit">Handles at most.</param>
internal sealed class RecentHandles(int limit)
{
    private volatile ConcurrentDictionary<ReplayKey, byte> _young = new();
    private volatile ConcurrentDictionary<ReplayKey, byte> _old = new();
    private int _count;

    internal int Count => _young.Count + _old.Count;

    internal bool Saw(ReplayKey key) => _young.ContainsKey(key) || _old.ContainsKey(key);

    internal void Add(ReplayKey key)
    {
        if (!_young.TryAdd(key, 0) || Interlocked.Increment(ref _count) < limit / 2)
            return;
        Interlocked.Exchange(ref _count, 0);
        _old = _young;
        _young = new();
    }
}
