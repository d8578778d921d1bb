using Gateway.Requests;

namespace Gateway.Batches;

/// <summary>How far a batch has been worked off.</summary>
/// <param name="reader">Reader that remembers the references seen.</param>
/// <param name="lines">The lines that are left.</param>
internal sealed class BatchCursor(BatchReader reader, IEnumerator<ReadOnlyMemory<byte>> lines)
{
    private readonly List<(BatchLine Line, int Number)> _chunk = [];
    private int _number;

    /// <summary>The chunk under way: kept until <see cref="Advance"/>, so that one whose records could not be sealed is asked again.</summary>
    public IReadOnlyList<(BatchLine Line, int Number)> Chunk(int size, DateOnly today)
    {
        while (_chunk.Count < size && lines.MoveNext()) _chunk.Add((reader.Read(lines.Current, ++_number, today), _number));
        return _chunk;
    }

    /// <summary>The records of the chunk's first lines are durable; the others come again.</summary>
    public void Advance(int lines) => _chunk.RemoveRange(0, lines);
}
