using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Ledger.Notes;
using Ledger.Writing;

namespace Ledger;

/// <summary>
/// The ledger of the process that owns the log. One thread writes, one publishes. Life of a record, with the steps of the ledger page §7:
/// <code>
/// 1 TryReserve     a seat, before anything else is done for the request
/// 2 SealedRecord   bytes and leaf hash, on the request's thread
/// 3 AppendAsync    into the group that fills while the disk syncs; no timer
/// 4 Add            the writer copies, hashes its copy, compares
/// 5 Commit         tree, root, signed checkpoint
/// 6                one positioned write     crash: torn tail, nobody was answered
/// 7                one fdatasync            crash after: durable, answers never left
/// 8 Complete       the group's waiters get their receipts
/// 9 Publish        tiles, bundles, checkpoint, anchor
/// </code>
/// </summary>
public sealed class LedgerWriter : ILedger, IAsyncDisposable, IDisposable
{
    /// <summary>Most records in one append.</summary>
    public const int LargestAppend = 5000;

    private const int LargestAppendBytes = 16 << 20;
    private readonly LedgerOptions _options;
    private readonly GroupQueue _queue;
    private readonly WriterLoop _loop;
    private ClockRecords? _clock;

    private LedgerWriter(LedgerOptions options, LogKey keys, TimeProvider time)
    {
        this._options = options;
        Key = keys.Verifier(options.Origin);
        _queue = new GroupQueue(options);
        _loop = new WriterLoop(options, keys, time, _queue);
    }

    /// <inheritdoc/>
    public string Origin => _options.Origin;

    /// <summary>The key that verifies this log's receipts and checkpoints.</summary>
    public VerifierKey Key { get; }

    /// <inheritdoc/>
    public LedgerState State => _loop.State;

    /// <inheritdoc/>
    public PublishedCheckpoint? Published => _loop.Published;

    /// <inheritdoc/>
    public long Size => _loop.Size;

    /// <summary>Why the log is damaged, when it is.</summary>
    public LedgerDamaged? Damage => _loop.Damage;

    /// <summary>
    /// Opens a log, recovering it as needed, seals <c>start</c> (behind <c>recover</c>, if bytes were cut) and begins to take records.
    /// The keys are used until the writer is disposed of, and not disposed of by it.
    /// </summary>
    /// <exception cref="LedgerDamaged">Start is refused: only a person may decide (ledger page §9).</exception>
    /// <exception cref="LedgerUnavailable">Another process owns the log.</exception>
    /// <exception cref="DurabilityLost">The disk fails.</exception>
    public static LedgerWriter Open(LedgerOptions options, LogKey keys, TimeProvider time)
    {
        if (
            !SignedNote.IsKeyName(options.Origin)
            || options.Origin.Length > 255
            || options.Origin.Any(static c => !char.IsAscii(c) || c is '"' or '\\')
        )
        {
            throw new ArgumentException("An origin is ASCII without white space, plus sign or quotation mark.", nameof(options));
        }

        if (options.SegmentBytes < 1 << 16 || options.SegmentBytes % 4096 != 0)
        {
            throw new ArgumentException("A segment has at least 64 KiB, in blocks of 4 KiB.", nameof(options));
        }

        var writer = new LedgerWriter(options, keys, time);
        writer._loop.Open();
        writer._clock = new ClockRecords(writer, time, options.ClockEvery);
        return writer;
    }

    /// <inheritdoc/>
    public bool TryReserve(int records, [NotNullWhen(true)] out Reservation? reservation) =>
        TryReserve(records, essential: false, out reservation);

    /// <summary>
    /// As the other; <paramref name="essential"/> records (officers', the log's own) may use the space below the stop line.
    /// </summary>
    public bool TryReserve(int records, bool essential, [NotNullWhen(true)] out Reservation? reservation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(records, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(records, LargestAppend);
        reservation = null;
        if (_loop.Accepts(records, essential) && _queue.TryReserve(records))
        {
            reservation = new Seat(_queue, records);
            return true;
        }

        _loop.CountRefused();
        return false;
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<IReadOnlyList<Receipt>> AppendAsync(Reservation reservation, IReadOnlyList<SealedRecord> records)
    {
        if (reservation is not Seat seat || seat.Queue != _queue)
        {
            throw new ArgumentException("The reservation is of another ledger.", nameof(reservation));
        }

        var size = SizeOf(records, seat.Records);
        if (!seat.TryUse())
        {
            throw new InvalidOperationException("The reservation was used or given back before.");
        }

        seat.Entries = records;
        var group = _loop.IsOpen ? _queue.Add(seat, size) : null;
        if (group is null)
        {
            _queue.GiveBack(seat.Records);
            _loop.CountRefused();
            throw new LedgerUnavailable("the ledger is not open");
        }

        return seat.Sealed(await group.Done.Task);
    }

    /// <summary>Waits until a checkpoint of at least <paramref name="size"/> records is published, and asks for it to happen now.</summary>
    /// <exception cref="LedgerUnavailable">The ledger closed or failed before.</exception>
    public async Task<PublishedCheckpoint> WhenPublished(long size, CancellationToken cancel = default)
    {
        while (true)
        {
            if (Published is { } published && published.Size >= size)
            {
                return published;
            }

            if (State is LedgerState.Closed or LedgerState.Damaged)
            {
                throw new LedgerUnavailable("the ledger is closed");
            }

            _loop.Nudge();
            await Task.Delay(5, cancel);
        }
    }

    /// <summary>
    /// Stops the log at once because others hold another history of it (ledger page §10, N5): what waits is not sealed, nothing more is
    /// signed, <see cref="State"/> is <see cref="LedgerState.Damaged"/>. Only a new start, which asks the witnesses, opens it again.
    /// </summary>
    public void Halt(LedgerDamaged cause) => _loop.Halt(cause);

    /// <summary>Seals what waits, then <c>stop</c>, publishes, marks the stop clean and releases the log.</summary>
    public void Dispose()
    {
        _clock?.Dispose();
        _loop.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => new(Task.Run(Dispose));

    private int SizeOf(IReadOnlyList<SealedRecord> records, int reserved)
    {
        if (records.Count < 1 || records.Count > reserved)
        {
            throw new ArgumentException($"{records.Count} records for {reserved} seats.", nameof(records));
        }

        var (size, frames) = (0, 0);
        for (var i = 0; i < records.Count; i++)
        {
            size += records[i].Text.Length;
            frames += Journal.Frame.Extent(records[i].Text.Length);
        }

        // A group may carry a few records of the log's own and its commit beside a large append: 8 KiB are kept for them.
        return size <= LargestAppendBytes && frames <= Journal.JournalWriter.LargestGroup(_options.SegmentBytes) - 8192
            ? size
            : throw new ArgumentException($"One append of {size} bytes is more than this log takes.", nameof(records));
    }
}
