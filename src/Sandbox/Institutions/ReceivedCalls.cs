using System.Collections.Immutable;
using System.Text;

namespace Sandbox.Institutions;

/// <summary>A call as an institution received it.</summary>
/// <param name="At">When.</param>
/// <param name="Path">Path.</param>
/// <param name="Headers">Header lines, names as sent.</param>
/// <param name="Body">Body as text.</param>
/// <param name="Refused">Why the assertion was refused; null when it was right.</param>
public sealed record ReceivedCall(
    DateTimeOffset At,
    string Path,
    ImmutableDictionary<string, string> Headers,
    string Body,
    string? Refused
);

/// <summary>The last calls that a stand-in received, so that a test can prove what did not arrive.</summary>
/// <param name="capacity">How many are remembered.</param>
public sealed class ReceivedCalls(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Queue<ReceivedCall> _calls = new();
    private long _total;

    /// <summary>All calls since start or <see cref="Clear"/>, remembered or not.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>Remembers a call.</summary>
    public void Add(HttpContext context, ReadOnlySpan<byte> body, DateTimeOffset at, string? refused)
    {
        Interlocked.Increment(ref _total);
        if (capacity == 0)
            return;
        var headers = context.Request.Headers.ToImmutableDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var call = new ReceivedCall(at, context.Request.Path, headers, Encoding.UTF8.GetString(body), refused);
        lock (_gate)
        {
            if (_calls.Count == capacity)
                _calls.Dequeue();
            _calls.Enqueue(call);
        }
    }

    /// <summary>What is remembered, oldest first.</summary>
    public ImmutableArray<ReceivedCall> All
    {
        get
        {
            lock (_gate)
                return [.. _calls];
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_gate)
            _calls.Clear();
        Interlocked.Exchange(ref _total, 0);
    }
}
