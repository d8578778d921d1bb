using Gateway.Authorization;
using Gateway.Requests;

namespace Gateway.Batches;

/// <summary>How far a batch has been worked off.</summary>
/// <param name="reader">Reader that remembers the references seen.</param>
/// <param name="lines">The lines that are left.</param>
internal sealed class BatchCursor(BatchReader reader, IEnumerator<ReadOnlyMemory<byte>> lines)
{
    private readonly List<(ReadOnlyMemory<byte> Line, int Number)> _chunk = [];
    private int _number;
    private bool _isRead;

    /// <summary>How many lines the next chunk has, <paramref name="size"/> at most; 0 when every line was worked off.</summary>
    public int Left(int size)
    {
        while (_chunk.Count < size && !_isRead)
        {
            if (lines.MoveNext())
                _chunk.Add((lines.Current, ++_number));
            else
                _isRead = true;
        }

        return Math.Min(size, _chunk.Count);
    }

    /// <summary>
    /// The chunk under way, read as these terms demand: kept until <see cref="Advance"/>, so that one whose records could not be sealed is
    /// asked again.
    /// </summary>
    public IEnumerable<(BatchLine Line, int Number)> Chunk(int size, Entitlement terms, DateOnly today)
    {
        var under = reader.Under(terms.Registry.Operations[terms.Operation.BatchOf!], terms.Grant, terms.Granted);
        return _chunk.Take(Left(size)).Select(line => (under.Read(line.Line, line.Number, today), line.Number));
    }

    /// <summary>The records of the chunk's first lines are durable; the others come again.</summary>
    public void Advance(int lines) => _chunk.RemoveRange(0, lines);
}
