namespace Ledger;

/// <summary>
/// The ordinary failure: this record is not known to be durable, so nothing that depends on it may be released (AUD-01, AUD-02).
/// </summary>
public sealed class LedgerUnavailable(string reason, Exception? cause = null) : Exception(reason, cause);

/// <summary>
/// A write or a sync failed. Inside the writer: it poisons the open files, which are never used again (hardening page §4.1).
/// </summary>
public sealed class DurabilityLost(string call, int errno, Exception? cause = null) : Exception($"{call} failed with errno {errno}", cause)
{
    /// <summary>The operating system's error number, 0 when the platform did not give one.</summary>
    public int Errno { get; } = errno;
}

/// <summary>What stands on disk cannot be what was written: start is refused and a person decides (ledger page §9).</summary>
public sealed class LedgerDamaged(string place, string what, Exception? cause = null) : Exception($"{place}: {what}", cause)
{
    /// <summary>Where: file, and offset or record index.</summary>
    public string Place { get; } = place;

    /// <summary>What, for whoever says it in other words.</summary>
    public DamageKind Kind { get; init; }
}

/// <summary>What is wrong with a log that is shown.</summary>
public enum DamageKind
{
    /// <summary>Anything else.</summary>
    Other,

    /// <summary>There is no checkpoint.</summary>
    CheckpointMissing,

    /// <summary>The checkpoint is no signed note of a tree.</summary>
    CheckpointMalformed,

    /// <summary>Nobody trusts the log of the checkpoint.</summary>
    LogUnknown,

    /// <summary>The checkpoint is not signed by a trusted key.</summary>
    CheckpointUnsigned,

    /// <summary>The checkpoint lacks cosignatures of witnesses.</summary>
    CheckpointUncosigned,

    /// <summary>The records do not give the root.</summary>
    RootDiffers,

    /// <summary>Hashes or records are missing.</summary>
    TileMissing,

    /// <summary>A file is shorter or longer than it must be.</summary>
    LengthWrong,

    /// <summary>A record does not have its hash.</summary>
    RecordChanged,

    /// <summary>A hash is not that of what lies below it.</summary>
    HashDiffers,

    /// <summary>It cannot be read.</summary>
    Unreadable,

    /// <summary>The server does not show this to the asking certificate.</summary>
    ServerForbids,

    /// <summary>The server answers with another error.</summary>
    ServerRefuses,

    /// <summary>The server's certificate is of an authority that is not trusted.</summary>
    ServerUntrusted,

    /// <summary>The server does not answer.</summary>
    ServerSilent,
}
