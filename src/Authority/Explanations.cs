using System.Collections.Concurrent;
using Tokens.Transport;

namespace Authority;

/// <summary>A refusal as its client may have it explained: the exact reason that the answer did not tell.</summary>
/// <param name="RequestId">Id of its record, told with the refusal.</param>
/// <param name="At">When.</param>
/// <param name="Refusal">Code, rule and what was told.</param>
public sealed record ExplainedRefusal(string RequestId, DateTimeOffset At, TokenRefusal Refusal);

/// <summary>
/// The refusals of the last day by the client that they name, so that a partner who has proved who it is learns the exact reason of a
/// refusal that told it little. Bounded memory: so many of each client, the oldest go first; apart from them so many that only name it, of
/// which the source that has most gives way, so that a stranger who names a client pushes out his own. A refusal that names no client here
/// is kept where nobody can ask for it, so that a stranger learns nothing from the time it takes. Thread-safe.
/// </summary>
/// <param name="time">Clock.</param>
public sealed class Explanations(TimeProvider time)
{
    /// <summary>How long a refusal can be explained.</summary>
    public static readonly TimeSpan KeepFor = TimeSpan.FromHours(24);

    /// <summary>Refusals kept of one client, and as many that name it.</summary>
    public const int KeptEach = 256;
    private readonly ConcurrentDictionary<string, Kept> _clients = new(StringComparer.Ordinal);

    /// <summary>Keeps a refusal of a client that had proved who it is.</summary>
    /// <param name="client">The client.</param>
    /// <param name="id">Request id.</param>
    /// <param name="refusal">The refusal.</param>
    /// <param name="now">When.</param>
    internal void Keep(string client, string id, TokenRefusal refusal, DateTimeOffset now)
    {
        var kept = _clients.GetOrAdd(client, static _ => new());
        lock (kept)
        {
            while (kept.Own.Count >= KeptEach || (kept.Own.TryPeek(out var oldest) && now - oldest.At > KeepFor))
                kept.Own.Dequeue();
            kept.Own.Enqueue(new(id, now, refusal with { Choices = [] }));
        }
    }

    /// <summary>Keeps a refusal of somebody who had proved nothing.</summary>
    /// <param name="client">Registered client that it names; null when it names none.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="id">Request id.</param>
    /// <param name="refusal">The refusal.</param>
    /// <param name="now">When.</param>
    internal void KeepNamed(string? client, SourceAddress source, string id, TokenRefusal refusal, DateTimeOffset now)
    {
        var kept = _clients.GetOrAdd(client ?? "", static _ => new());
        lock (kept)
        {
            kept.Named.RemoveAll(one => now - one.Refusal.At > KeepFor);
            if (kept.Named.Count >= KeptEach)
            {
                var most = kept.Named.CountBy(static one => one.Source).MaxBy(static count => count.Value).Key;
                kept.Named.RemoveAt(kept.Named.FindIndex(one => one.Source == most));
            }
            kept.Named.Add((source, new(id, now, refusal)));
        }
    }

    /// <summary>The refusal with this id if it names this client; null for another's, an unknown and an old one alike.</summary>
    public ExplainedRefusal? Find(string client, string requestId)
    {
        if (client.Length == 0 || !_clients.TryGetValue(client, out var kept))
            return null;
        lock (kept)
        {
            return kept
                .Own.Concat(kept.Named.Select(static one => one.Refusal))
                .FirstOrDefault(refusal => refusal.RequestId == requestId && time.GetUtcNow() - refusal.At <= KeepFor);
        }
    }

    private sealed class Kept
    {
        internal Queue<ExplainedRefusal> Own { get; } = [];
        internal List<(SourceAddress Source, ExplainedRefusal Refusal)> Named { get; } = [];
    }
}
