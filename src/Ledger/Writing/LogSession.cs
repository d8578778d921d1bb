using Ledger.Journal;
using Ledger.Tiles;

namespace Ledger.Writing;

/// <summary>
/// A log as opened once: journal, tree, publisher. Used by one thread. After any exception it is disposed of and a new one is opened from
/// disk; nothing of its memory is trusted again (ledger page §8).
/// </summary>
internal sealed class LogSession : IDisposable
{
    // A longest record in its frame, and a commit for it alone.
    private const int LongestFrame = SealedRecord.MaxBytes + 1024;
    private readonly LogFiles _files;
    private readonly Segments _segments;
    private readonly SegmentPool _pool;
    private readonly JournalWriter _journal;
    private readonly PublicationFeed _feed;
    private readonly Publisher _publisher;
    private readonly CheckpointSigner _signer;
    private readonly TileFiles _tileFiles;
    private readonly long _published;
    private readonly GroupBuffer _buffer = new();
    private readonly RightEdge _edge;
    private volatile Exception? _fault;

    private LogSession(LedgerOptions options, LogKey keys, TimeProvider time, Action<LogSession> tick, bool healing)
    {
        Directory.CreateDirectory(options.Directory);
        _files = new LogFiles(options);
        _segments = new Segments(options.Directory);
        try
        {
            Found = Recovery.Run(options, _files, _segments, keys.Verifier(options.Origin), out var clean);
            WasClean = clean;
            _edge = Found.Edge;
            _signer = new CheckpointSigner(options.Origin, keys);
            _published = _files.Published();
            _tileFiles = new TileFiles(options.Directory);
            var whole = _published / TilePath.Width * TilePath.Width;
            var tiles = new TileStack(options.Directory, whole);
            var behind = new Republication(_segments, Found, whole);
            _feed = new PublicationFeed(Found.Filling, options.QueueBundles);
            if (healing)
            {
                // What failed may have been publication: it must succeed before anything is accepted again.
                behind.Write(tiles);
            }

            _feed.Recovered(Found.Head);
            var ahead = _segments.Numbers().Count(number => number > Found.Segment);
            _journal = new JournalWriter(
                _segments,
                _pool = new SegmentPool(_segments, Found.Segment + 1, ahead, options),
                options.Origin,
                Found.Segment,
                Found.Offset
            );
            _publisher = new Publisher(
                options,
                time,
                _feed,
                tiles,
                _files,
                _segments,
                behind,
                (new CheckpointSigner(options.Origin, keys), () => tick(this), Fail)
            );
            _pool.WaitReady();
        }
        catch
        {
            // Above all the filler's thread must not outlive this attempt: it would put an empty segment where the next one writes.
            _pool?.Dispose();
            _journal?.Dispose();
            _segments.Dispose();
            _files.Dispose();
            throw;
        }
    }

    /// <summary>What recovery found.</summary>
    public Replayed Found { get; }

    /// <summary>Whether the last run ended cleanly.</summary>
    public bool WasClean { get; }

    /// <summary>Leaves in the tree, the group being built included.</summary>
    public long Size => _edge.Size;

    /// <summary>Whether so many records, each as long as can be, have room without waiting for a new segment.</summary>
    public bool HasRoom(int records) => _pool.IsReady || _journal.Remaining > (records + 8L) * LongestFrame;

    /// <summary>How long the last sync took.</summary>
    public TimeSpan LastSync => _journal.LastSync;

    /// <summary>Records durable and not yet published, roughly: read by other threads.</summary>
    public long Lag => Math.Max(0, _edge.Size - (Published?.Size ?? _edge.Size));

    /// <summary>Records in the group being built.</summary>
    public int Records => _buffer.Count;

    /// <summary>Whether publication failed.</summary>
    public bool HasFault => _fault is not null;

    /// <summary>The newest published checkpoint of this session.</summary>
    public PublishedCheckpoint? Published => _publisher.Published;

    /// <summary>Opens the log.</summary>
    /// <param name="options">Where.</param>
    /// <param name="keys">With which keys.</param>
    /// <param name="time">Clock.</param>
    /// <param name="tick">Called about once a second by the publisher's thread.</param>
    /// <param name="healing">After a failure: everything sealed so far is published before it returns, not behind its back.</param>
    public static LogSession Open(LedgerOptions options, LogKey keys, TimeProvider time, Action<LogSession> tick, bool healing) =>
        new(options, keys, time, tick, healing);

    /// <summary>Adds a record to the group being built; its index.</summary>
    /// <exception cref="DurabilityLost">The copy that would be written does not have the caller's leaf hash.</exception>
    public long Add(in SealedRecord record)
    {
        var index = _edge.Size;
        var leaf = _buffer.Add(record.Text.Span, index);
        if (leaf != record.Leaf)
        {
            throw new DurabilityLost("leaf comparison", 0);
        }

        _edge.Push(leaf);
        return index;
    }

    /// <summary>Signs and writes the group; returns when it is durable.</summary>
    public SignedHead Commit()
    {
        if (_fault is { } cause)
        {
            throw new DurabilityLost("publication", 0, cause);
        }

        var head = _signer.Sign(_edge.Size, _edge.Root(), out var note);
        var before = _edge.Size - _buffer.Count;
        _buffer.Commit(note, _edge.Size);
        _journal.Write(_buffer, before);
        return head;
    }

    /// <summary>Hands the durable group to the publisher and begins the next one.</summary>
    public void Publish(SignedHead head)
    {
        _feed.Add(_buffer, head);
        _buffer.Clear();
    }

    /// <summary>Starts publication once the first records of the run are durable.</summary>
    public void StartPublisher()
    {
        _tileFiles.DropPartials(_published, _edge.Size);
        _publisher.Start();
    }

    /// <summary>Asks for a publication now.</summary>
    public void Nudge() => _feed.Nudge();

    /// <summary>Throws when publication failed.</summary>
    public void Check()
    {
        if (_fault is { } cause)
        {
            throw new DurabilityLost("publication", 0, cause);
        }
    }

    /// <summary>After the last record of the run: publishes and marks the stop as clean.</summary>
    public void Stop()
    {
        _publisher.Dispose();
        Check();
        _files.WriteClean(_edge.Size);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _publisher.Dispose();
        _pool.Dispose();
        _journal.Dispose();
        _segments.Dispose();
        _files.Dispose();
    }

    private void Fail(Exception cause) => _fault = cause;
}
