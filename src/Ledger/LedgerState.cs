namespace Ledger;

/// <summary>What a ledger can do now.</summary>
public enum LedgerState
{
    /// <summary>Records are sealed.</summary>
    Open,

    /// <summary>
    /// Free space is below the stop line: exchanges are refused, records that keep the log itself in order still go through.
    /// </summary>
    LowSpace,

    /// <summary>A write or a sync failed; the writer opens the log again from disk until that works (ledger page §8).</summary>
    Healing,

    /// <summary>The log on disk contradicts itself or what was published. Only a person may decide; nothing is sealed.</summary>
    Damaged,

    /// <summary>Stopped.</summary>
    Closed,
}
