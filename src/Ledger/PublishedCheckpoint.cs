namespace Ledger;

/// <summary>A checkpoint that outsiders can fetch, with its signatures.</summary>
/// <param name="Size">Tree size.</param>
/// <param name="Root">Root at that size.</param>
/// <param name="Note">The signed note, as the file <c>checkpoint</c> holds it.</param>
/// <param name="At">When it was published.</param>
public sealed record PublishedCheckpoint(long Size, TreeHash Root, string Note, DateTimeOffset At);
