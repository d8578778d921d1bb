namespace AuditIndex.Filling;

/// <summary>Ranges of a log that are applied. A file of the index that was deleted leaves a gap, and only the gap is filled again.</summary>
internal sealed class SpanSet
{
    private readonly List<(long First, long Next)> spans = [];

    public IReadOnlyList<(long First, long Next)> Spans => spans;

    /// <summary>The first position that is missing.</summary>
    public long Contiguous => spans.Count > 0 && spans[0].First == 0 ? spans[0].Next : 0;

    public bool Contains(long index)
    {
        foreach (var (first, next) in spans)
        {
            if (index >= first && index < next)
            {
                return true;
            }
        }

        return false;
    }

    public bool Overlaps(long first, long next) => spans.Exists(span => span.First < next && first < span.Next);

    /// <summary>Adds a range and joins it with those it touches; the joined one.</summary>
    public (long First, long Next) Add(long first, long next)
    {
        var at = spans.FindIndex(span => span.Next >= first);
        at = at < 0 ? spans.Count : at;
        while (at < spans.Count && spans[at].First <= next)
        {
            (first, next) = (Math.Min(first, spans[at].First), Math.Max(next, spans[at].Next));
            spans.RemoveAt(at);
        }

        spans.Insert(at, (first, next));
        return (first, next);
    }
}
