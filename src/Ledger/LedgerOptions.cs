namespace Ledger;

/// <summary>Where a log lives and how it is run. The defaults are those of the ledger page, §7.</summary>
public sealed class LedgerOptions
{
    /// <summary>Folder of the log: the one that will hold <c>checkpoint</c> and <c>tile/</c>.</summary>
    public required string Directory { get; set; }

    /// <summary>Origin line, <c>&lt;agency domain&gt;/audit/&lt;year&gt;/&lt;node&gt;</c>: ASCII, no white space, no plus sign.</summary>
    public required string Origin { get; set; }

    /// <summary>
    /// File on another volume that gets a copy of each published checkpoint; a restored backup of the log contradicts it.
    /// </summary>
    public string? AnchorFile { get; set; }

    /// <summary>
    /// Checkpoints that others hold of this log, above all those that witnesses cosigned last. What is on disk must continue each of them,
    /// else the start is refused: it would sign a second history (ledger page §10, N4).
    /// </summary>
    public IReadOnlyList<string> MustExtend { get; set; } = [];

    /// <summary>
    /// Bytes of a journal segment, a multiple of 4,096. It must hold the largest append: for one of 5,000 records at least 16 MiB.
    /// </summary>
    public int SegmentBytes { get; set; } = 64 << 20;

    /// <summary>Segments kept ready behind the present one.</summary>
    public int SpareSegments { get; set; } = 2;

    /// <summary>Records that may be reserved or waiting.</summary>
    public int QueueRecords { get; set; } = 16_384;

    /// <summary>Bytes that may be waiting.</summary>
    public long QueueBytes { get; set; } = 64 << 20;

    /// <summary>Full bundles of 256 records that may wait for publication before the writer waits too.</summary>
    public int QueueBundles { get; set; } = 256;

    /// <summary>Records after which a group is closed.</summary>
    public int GroupRecords { get; set; } = 4096;

    /// <summary>Bytes after which a group is closed.</summary>
    public int GroupBytes { get; set; } = 4 << 20;

    /// <summary>Time between publications of the checkpoint.</summary>
    public TimeSpan PublishEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between durable publications, after which journal segments are deleted.</summary>
    public TimeSpan DurableEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Bytes after which a durable publication is made before its time.</summary>
    public long DurableBytes { get; set; } = 64 << 20;

    /// <summary>
    /// Time between <c>clock</c> records: a quiet log grows all the same, and its freshness can be judged (ledger page §3.3).
    /// </summary>
    public TimeSpan ClockEvery { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Free bytes below which exchanges are refused.</summary>
    public long StopFreeBytes { get; set; } = 256 << 20;

    /// <summary>Free share of the volume below which exchanges are refused; the larger of both lines holds.</summary>
    public double StopFreeShare { get; set; } = 0.01;

    /// <summary>Longest pause between attempts to open the log again after a failure.</summary>
    public TimeSpan HealAtMost { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Version of the program, written into the record <c>start</c>.</summary>
    public string ProgramVersion { get; set; } = "1.0.0";

    /// <summary>Digest of the active registry set (the record's <c>pol</c>, 22 characters), written into <c>start</c> when known.</summary>
    public string? Policy { get; set; }

    /// <summary>
    /// Final checkpoint of the log of the year before; the first record of a new log names it as <c>prev</c> (ledger page §3.3).
    /// </summary>
    public Notes.Checkpoint? Previous { get; set; }
}
