namespace AuditIndex.Filling;

/// <summary>
/// Gathers records into runs: consecutive positions of one local month, at most so many, with decisions folded into the record before them.
/// A record and its decision never part.
/// </summary>
internal sealed class RunBuilder(int most, Action<long, long, IReadOnlyList<IndexedRecord>> apply)
{
    private List<IndexedRecord> run = [];
    private long next;

    public void Add(IndexedRecord record)
    {
        if (run.Count > 0 && run[^1].IsExplainedBy(record))
        {
            run[^1].Fold(record);
            next = record.Index + 1;
            return;
        }

        if (run.Count >= most || (run.Count > 0 && run[^1].Local.Month != record.Local.Month))
        {
            End();
        }

        run.Add(record);
        next = record.Index + 1;
    }

    public void End()
    {
        if (run.Count > 0)
        {
            apply(run[0].Index, next, run);
            run = [];
        }
    }
}
