namespace Tokens.Replay;

/// <summary>One connection to the table of handles. Used by one thread; after an exception it is thrown away.</summary>
internal interface IReplayTable : IDisposable
{
    /// <summary>Puts the handles there in one transaction, which is durable when this returns, and forgets a few that are past.</summary>
    /// <param name="rows">Distinct handles.</param>
    /// <param name="now">Unix seconds: what is to be forgotten before them may go.</param>
    /// <returns>For each row, whether this call put it there.</returns>
    bool[] Insert(IReadOnlyList<ReplayRow> rows, long now);

    /// <summary>
    /// Tells the other writers of this store how much this one has counted for its larger owners, and learns what they have.
    /// </summary>
    /// <param name="writer">This writer; a new number at each start, so that what it counted in an earlier life counts as
    /// another's.</param>
    /// <param name="changed">Counts that differ from those told before.</param>
    /// <param name="slot">Slots before this one are over.</param>
    /// <returns>Live ids of each owner as the others have counted them.</returns>
    Dictionary<long, long> Exchange(long writer, IReadOnlyList<OwnerCount> changed, long slot);
}

/// <summary>One handle to put there.</summary>
/// <param name="Handle">Sixteen bytes.</param>
/// <param name="Forget">Unix seconds after which it may go.</param>
internal readonly record struct ReplayRow(byte[] Handle, long Forget);

/// <summary>Live ids of an owner that end in one slot of time.</summary>
internal readonly record struct OwnerCount(long Owner, long Slot, int Live);
