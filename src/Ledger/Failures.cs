namespace Ledger;

/// <summary>The ordinary failure: this record is not known to be durable, so nothing that depends on it may be released (AUD-01, AUD-02).</summary>
public sealed class LedgerUnavailable(string reason, Exception? cause = null) : Exception(reason, cause);

/// <summary>A write or a sync failed. Inside the writer: it poisons the open files, which are never used again (hardening page §4.1).</summary>
public sealed class DurabilityLost(string call, int errno, Exception? cause = null)
    : Exception($"{call} failed with errno {errno}", cause)
{
    /// <summary>The operating system's error number, 0 when the platform did not give one.</summary>
    public int Errno { get; } = errno;
}

/// <summary>What stands on disk cannot be what was written: start is refused and a person decides (ledger page §9).</summary>
public sealed class LedgerDamaged(string place, string what, Exception? cause = null) : Exception($"{place}: {what}", cause)
{
    /// <summary>Where: file, and offset or record index.</summary>
    public string Place { get; } = place;
}
