namespace AuditIndex.Filling;

/// <summary>
/// Ranges of a log that are applied. A file of the index that was deleted leaves a gap, and only the gap is filled again.
/// </summary>
internal sealed class SpanSet
{
    private readonly List<(long First, long Next)> _spans = [];

    public IReadOnlyList<(long First, long Next)> Spans => _spans;

    /// <summary>The first position that is missing.</summary>
    public long Contiguous => _spans.Count > 0 && _spans[0].First == 0 ? _spans[0].Next : 0;

    public bool Contains(long index)
    {
        foreach (var (first, next) in _spans)
        {
            if (index >= first && index < next)
            {
                return true;
            }
        }

        return false;
    }

    public bool Overlaps(long first, long next) => _spans.Exists(span => span.First < next && first < span.Next);

    /// <summary>Adds a range and joins it with those it touches; the joined one.</summary>
    public (long First, long Next) Add(long first, long next)
    {
        var at = _spans.FindIndex(span => span.Next >= first);
        at = at < 0 ? _spans.Count : at;
        while (at < _spans.Count && _spans[at].First <= next)
        {
            (first, next) = (Math.Min(first, _spans[at].First), Math.Max(next, _spans[at].Next));
            _spans.RemoveAt(at);
        }

        _spans.Insert(at, (first, next));
        return (first, next);
    }
}
