namespace AuditIndex.Filling;

/// <summary>
/// Gathers records into runs: consecutive positions of one local month, at most so many, with decisions folded into the record before them.
/// A record and its decision never part.
/// </summary>
internal sealed class RunBuilder(int most, Action<long, long, IReadOnlyList<IndexedRecord>> apply)
{
    private List<IndexedRecord> _run = [];
    private long _next;

    public void Add(IndexedRecord record)
    {
        if (_run.Count > 0 && _run[^1].IsExplainedBy(record))
        {
            _run[^1].Fold(record);
            _next = record.Index + 1;
            return;
        }

        if (_run.Count >= most || (_run.Count > 0 && _run[^1].Local.Month != record.Local.Month))
        {
            End();
        }

        _run.Add(record);
        _next = record.Index + 1;
    }

    public void End()
    {
        if (_run.Count > 0)
        {
            apply(_run[0].Index, _next, _run);
            _run = [];
        }
    }
}
