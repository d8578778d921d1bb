namespace Tokens.Replay;

/// <summary>The bounds of a replay guard. Shipped values; tests make them small.</summary>
internal sealed record ReplayLimits
{
    /// <summary>Longest memory. Assertions live ten minutes at most.</summary>
    internal static readonly TimeSpan MaxMemory = TimeSpan.FromMinutes(15);

    /// <summary>Reservations that may wait.</summary>
    internal int Queue { get; init; } = 16_384;

    /// <summary>Reservations of one transaction.</summary>
    internal int Batch { get; init; } = 1024;

    /// <summary>Handles kept in memory to answer repeats.</summary>
    internal int Recent { get; init; } = 65_536;

    /// <summary>Live ids of one owner.</summary>
    internal int LivePerOwner { get; init; } = 100_000;

    /// <summary>Owners counted in each slot of time; see <see cref="OwnerCounts"/> for what that means for the rest.</summary>
    internal int CountedOwners { get; init; } = 1024;

    /// <summary>A batch that takes longer fails for those who wait for it.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Time between exchanges of counts with the store's other writers.</summary>
    internal TimeSpan ExchangeEvery { get; init; } = TimeSpan.FromSeconds(1);
}
