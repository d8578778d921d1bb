using Ledger.Journal;

namespace Ledger.Tiles;

/// <summary>
/// The second thread of a log (ledger page §7): tiles and bundles as they fill, every second the partial ones and <c>checkpoint</c>, every
/// minute a durable publication, after which journal segments go. Any failure but the anchor's ends it and poisons the writer.
/// </summary>
internal sealed class Publisher : IDisposable
{
    private readonly LedgerOptions _options;
    private readonly TimeProvider _time;
    private readonly PublicationFeed _feed;
    private readonly TileStack _tiles;
    private readonly Republication _behind;
    private readonly LogFiles _files;
    private readonly Segments _segments;
    private readonly CheckpointSigner _signer;
    private readonly Action _tick;
    private readonly Action<Exception> _failed;
    private readonly Thread _thread;
    private readonly List<EntryBundle> _bundles = [];
    private long _publishedAt;
    private long _durableAt;
    private long _bytesSince;
    private bool _anchored;
    private volatile PublishedCheckpoint? _published;

    public Publisher(
        LedgerOptions options,
        TimeProvider time,
        PublicationFeed feed,
        TileStack tiles,
        LogFiles files,
        Segments segments,
        Republication behind,
        (CheckpointSigner Signer, Action Tick, Action<Exception> Failed) host
    )
    {
        (this._options, this._time, this._feed, this._tiles, this._files, this._segments, this._behind) = (
            options,
            time,
            feed,
            tiles,
            files,
            segments,
            behind
        );
        (_signer, _tick, _failed) = host;
        _durableAt = time.GetTimestamp();
        _thread = new Thread(Run) { IsBackground = true, Name = "ledger publisher" };
    }

    /// <summary>The newest published checkpoint of this run.</summary>
    public PublishedCheckpoint? Published => _published;

    public void Start() => _thread.Start();

    /// <summary>Publishes what is durable and ends the thread.</summary>
    public void Dispose()
    {
        _feed.Close();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }
    }

    private void Run()
    {
        try
        {
            _behind.Write(_tiles);
            PublishCheckpoint();
            var open = true;
            while (open)
            {
                var wait = _options.PublishEvery - _time.GetElapsedTime(_publishedAt);
                open = _feed.Take(wait, _bundles, out var asked);
                AddFull();
                if (asked || !open || _time.GetElapsedTime(_publishedAt) >= _options.PublishEvery)
                {
                    PublishCheckpoint();
                    _tick();
                }

                if (_time.GetElapsedTime(_durableAt) >= _options.DurableEvery || _bytesSince >= _options.DurableBytes)
                {
                    PublishDurably();
                }
            }
        }
        catch (Exception e)
        {
            _failed(e);
            _feed.Close();
        }
    }

    private void AddFull()
    {
        foreach (var bundle in _bundles)
        {
            _tiles.AddFull(bundle);
            _bytesSince += bundle.Bytes.Length;
        }

        _feed.Recycle(_bundles);
    }

    private void PublishCheckpoint()
    {
        _publishedAt = _time.GetTimestamp();
        var head = _feed.Snapshot(_bundles, out var partial);
        AddFull();
        if (head is not null && head.Size != _published?.Size)
        {
            _tiles.WritePartials(partial);
            var note = _signer.Publish(head);
            _files.WriteCheckpoint(note);
            _published = new PublishedCheckpoint(head.Size, head.Root, note, _time.GetUtcNow());
            _anchored = false;
        }

        if (!_anchored && _published is { } newest)
        {
            try
            {
                _files.WriteAnchor(newest.Note);
                _anchored = true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or DurabilityLost)
            {
                // The anchor's volume is another one: its trouble must not stop the log. Tried again each second.
            }
        }
    }

    /// <summary>
    /// Crash after the sync and before <c>published</c>: the same tiles are written again. After it: segments are deleted next time.
    /// </summary>
    private void PublishDurably()
    {
        _durableAt = _time.GetTimestamp();
        _bytesSince = 0;
        if (_published is not { } newest)
        {
            return;
        }

        _files.SyncAll();
        _files.WritePublished(newest.Size);
        var whole = newest.Size - newest.Size % TilePath.Width;
        var numbers = _segments.Numbers();
        for (var i = 0; i + 1 < numbers.Count; i++)
        {
            // A segment ends where the next one begins; one whose successor is unused is the writer's own. The successor must hold
            // something durable: were its first group torn by a power loss, nothing would say any more where the journal begins.
            if (
                !SegmentHeader.TryReadSize(_segments.ReadHead(numbers[i + 1]), numbers[i + 1], _options.Origin, out var end)
                || end > whole
                || end >= newest.Size
            )
            {
                return;
            }

            _segments.Delete(numbers[i]);
        }
    }
}
