namespace Tokens.Replay;

/// <summary>
/// Both stores sweep in key order, a few rows with each batch: no second index is written, and the cost is the same with a thousand rows
/// and with ten million.
/// </summary>
internal static class ReplaySweep
{
    /// <summary>
    /// Under load a sweep is made after so many rows, not with every batch: its fixed part is then shared. A lone row always sweeps.
    /// </summary>
    internal const int Every = 64;

    /// <summary>
    /// Rows to look at with a batch: four times what it adds, so that the table cannot outgrow what is alive by more than a third.
    /// </summary>
    internal static int RowsFor(int added) => 256 + 4 * added;
}

/// <summary>Handles compared as the stores compare them: byte by byte.</summary>
internal sealed class Handles : IComparer<byte[]>, IEqualityComparer<byte[]>
{
    internal static readonly Handles Order = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj) => BitConverter.ToInt32(obj);
}
