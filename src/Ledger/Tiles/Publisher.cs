using Ledger.Journal;

namespace Ledger.Tiles;

/// <summary>
/// The second thread of a log (ledger page §7): tiles and bundles as they fill, every second the partial ones and <c>checkpoint</c>, every
/// minute a durable publication, after which journal segments go. Any failure but the anchor's ends it and poisons the writer.
/// </summary>
internal sealed class Publisher : IDisposable
{
    private readonly LedgerOptions options;
    private readonly TimeProvider time;
    private readonly PublicationFeed feed;
    private readonly TileStack tiles;
    private readonly Republication behind;
    private readonly LogFiles files;
    private readonly Segments segments;
    private readonly CheckpointSigner signer;
    private readonly Action tick;
    private readonly Action<Exception> failed;
    private readonly Thread thread;
    private readonly List<EntryBundle> bundles = [];
    private long publishedAt;
    private long durableAt;
    private long bytesSince;
    private bool anchored;
    private volatile PublishedCheckpoint? published;

    public Publisher(
        LedgerOptions options, TimeProvider time, PublicationFeed feed, TileStack tiles, LogFiles files, Segments segments, Republication behind,
        (CheckpointSigner Signer, Action Tick, Action<Exception> Failed) host)
    {
        (this.options, this.time, this.feed, this.tiles, this.files, this.segments, this.behind) = (options, time, feed, tiles, files, segments, behind);
        (signer, tick, failed) = host;
        durableAt = time.GetTimestamp();
        thread = new Thread(Run) { IsBackground = true, Name = "ledger publisher" };
    }

    /// <summary>The newest published checkpoint of this run.</summary>
    public PublishedCheckpoint? Published => published;

    public void Start() => thread.Start();

    /// <summary>Publishes what is durable and ends the thread.</summary>
    public void Dispose()
    {
        feed.Close();
        if (thread.IsAlive)
        {
            thread.Join();
        }
    }

    private void Run()
    {
        try
        {
            behind.Write(tiles);
            PublishCheckpoint();
            var open = true;
            while (open)
            {
                var wait = options.PublishEvery - time.GetElapsedTime(publishedAt);
                open = feed.Take(wait, bundles, out var asked);
                AddFull();
                if (asked || !open || time.GetElapsedTime(publishedAt) >= options.PublishEvery)
                {
                    PublishCheckpoint();
                    tick();
                }

                if (time.GetElapsedTime(durableAt) >= options.DurableEvery || bytesSince >= options.DurableBytes)
                {
                    PublishDurably();
                }
            }
        }
        catch (Exception e)
        {
            failed(e);
            feed.Close();
        }
    }

    private void AddFull()
    {
        foreach (var bundle in bundles)
        {
            tiles.AddFull(bundle);
            bytesSince += bundle.Bytes.Length;
        }

        feed.Recycle(bundles);
    }

    private void PublishCheckpoint()
    {
        publishedAt = time.GetTimestamp();
        var head = feed.Snapshot(bundles, out var partial);
        AddFull();
        if (head is not null && head.Size != published?.Size)
        {
            tiles.WritePartials(partial);
            var note = signer.Publish(head);
            files.WriteCheckpoint(note);
            published = new PublishedCheckpoint(head.Size, head.Root, note, time.GetUtcNow());
            anchored = false;
        }

        if (!anchored && published is { } newest)
        {
            try
            {
                files.WriteAnchor(newest.Note);
                anchored = true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or DurabilityLost)
            {
                // The anchor's volume is another one: its trouble must not stop the log. Tried again each second.
            }
        }
    }

    /// <summary>Crash after the sync and before <c>published</c>: the same tiles are written again. After it: segments are deleted next time.</summary>
    private void PublishDurably()
    {
        durableAt = time.GetTimestamp();
        bytesSince = 0;
        if (published is not { } newest)
        {
            return;
        }

        files.SyncAll();
        files.WritePublished(newest.Size);
        var whole = newest.Size - newest.Size % TilePath.Width;
        var numbers = segments.Numbers();
        for (var i = 0; i + 1 < numbers.Count; i++)
        {
            // A segment ends where the next one begins; one whose successor is unused is the writer's own. The successor must hold something
            // durable: were its first group torn by a power loss, nothing would say any more where the journal begins.
            if (!SegmentHeader.TryReadSize(segments.ReadHead(numbers[i + 1]), numbers[i + 1], options.Origin, out var end) || end > whole || end >= newest.Size)
            {
                return;
            }

            segments.Delete(numbers[i]);
        }
    }
}
