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
    private readonly LogFiles files;
    private readonly Segments segments;
    private readonly SegmentPool pool;
    private readonly JournalWriter journal;
    private readonly PublicationFeed feed;
    private readonly Publisher publisher;
    private readonly CheckpointSigner signer;
    private readonly TileFiles tileFiles;
    private readonly long published;
    private readonly GroupBuffer buffer = new();
    private readonly RightEdge edge;
    private volatile Exception? fault;

    private LogSession(LedgerOptions options, LogKey keys, TimeProvider time, Action<LogSession> tick, bool healing)
    {
        Directory.CreateDirectory(options.Directory);
        files = new LogFiles(options);
        segments = new Segments(options.Directory);
        try
        {
            Found = Recovery.Run(options, files, segments, keys.Verifier(options.Origin), out var clean);
            WasClean = clean;
            edge = Found.Edge;
            signer = new CheckpointSigner(options.Origin, keys);
            published = files.Published();
            tileFiles = new TileFiles(options.Directory);
            var whole = published / TilePath.Width * TilePath.Width;
            var tiles = new TileStack(options.Directory, whole);
            var behind = new Republication(segments, Found, whole);
            feed = new PublicationFeed(Found.Filling, options.QueueBundles);
            if (healing)
            {
                // What failed may have been publication: it must succeed before anything is accepted again.
                behind.Write(tiles);
            }

            feed.Recovered(Found.Head);
            var ahead = segments.Numbers().Count(number => number > Found.Segment);
            journal = new JournalWriter(segments, pool = new SegmentPool(segments, Found.Segment + 1, ahead, options), options.Origin, Found.Segment, Found.Offset);
            publisher = new Publisher(options, time, feed, tiles, files, segments, behind, (new CheckpointSigner(options.Origin, keys), () => tick(this), Fail));
            pool.WaitReady();
        }
        catch
        {
            // Above all the filler's thread must not outlive this attempt: it would put an empty segment where the next one writes.
            pool?.Dispose();
            journal?.Dispose();
            segments.Dispose();
            files.Dispose();
            throw;
        }
    }

    /// <summary>What recovery found.</summary>
    public Replayed Found { get; }

    /// <summary>Whether the last run ended cleanly.</summary>
    public bool WasClean { get; }

    /// <summary>Leaves in the tree, the group being built included.</summary>
    public long Size => edge.Size;

    /// <summary>Whether so many records, each as long as can be, have room without waiting for a new segment.</summary>
    public bool HasRoom(int records) => pool.IsReady || journal.Remaining > (records + 8L) * LongestFrame;

    /// <summary>How long the last sync took.</summary>
    public TimeSpan LastSync => journal.LastSync;

    /// <summary>Records durable and not yet published, roughly: read by other threads.</summary>
    public long Lag => Math.Max(0, edge.Size - (Published?.Size ?? edge.Size));

    /// <summary>Records in the group being built.</summary>
    public int Records => buffer.Count;

    /// <summary>Whether publication failed.</summary>
    public bool HasFault => fault is not null;

    /// <summary>The newest published checkpoint of this session.</summary>
    public PublishedCheckpoint? Published => publisher.Published;

    /// <summary>Opens the log.</summary>
    /// <param name="options">Where.</param>
    /// <param name="keys">With which keys.</param>
    /// <param name="time">Clock.</param>
    /// <param name="tick">Called about once a second by the publisher's thread.</param>
    /// <param name="healing">After a failure: everything sealed so far is published before it returns, not behind its back.</param>
    public static LogSession Open(LedgerOptions options, LogKey keys, TimeProvider time, Action<LogSession> tick, bool healing) => new(options, keys, time, tick, healing);

    /// <summary>Adds a record to the group being built; its index.</summary>
    /// <exception cref="DurabilityLost">The copy that would be written does not have the caller's leaf hash.</exception>
    public long Add(in SealedRecord record)
    {
        var index = edge.Size;
        var leaf = buffer.Add(record.Text.Span, index);
        if (leaf != record.Leaf)
        {
            throw new DurabilityLost("leaf comparison", 0);
        }

        edge.Push(leaf);
        return index;
    }

    /// <summary>Signs and writes the group; returns when it is durable.</summary>
    public SignedHead Commit()
    {
        if (fault is { } cause)
        {
            throw new DurabilityLost("publication", 0, cause);
        }

        var head = signer.Sign(edge.Size, edge.Root(), out var note);
        var before = edge.Size - buffer.Count;
        buffer.Commit(note, edge.Size);
        journal.Write(buffer, before);
        return head;
    }

    /// <summary>Hands the durable group to the publisher and begins the next one.</summary>
    public void Publish(SignedHead head)
    {
        feed.Add(buffer, head);
        buffer.Clear();
    }

    /// <summary>Starts publication once the first records of the run are durable.</summary>
    public void StartPublisher()
    {
        tileFiles.DropPartials(published, edge.Size);
        publisher.Start();
    }

    /// <summary>Asks for a publication now.</summary>
    public void Nudge() => feed.Nudge();

    /// <summary>Throws when publication failed.</summary>
    public void Check()
    {
        if (fault is { } cause)
        {
            throw new DurabilityLost("publication", 0, cause);
        }
    }

    /// <summary>After the last record of the run: publishes and marks the stop as clean.</summary>
    public void Stop()
    {
        publisher.Dispose();
        Check();
        files.WriteClean(edge.Size);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        publisher.Dispose();
        pool.Dispose();
        journal.Dispose();
        segments.Dispose();
        files.Dispose();
    }

    private void Fail(Exception cause) => fault = cause;
}
