using System.Collections.Concurrent;
using Ledger.Journal;
using Ledger.Tests.Support;
using Ledger.Tiles;
using Xunit;

namespace Ledger.Tests;

/// <summary>When a journal segment may go (ledger page §7): only when everything in it stands in full bundles that are durable.</summary>
public sealed class PublisherTests : IDisposable
{
    private readonly TempFolder _folder = new(memory: true);
    private readonly LogKey _keys = The.LogKey();
    private readonly ConcurrentQueue<Exception> _failures = new();

    public void Dispose()
    {
        _keys.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(600, new[] { 0, 300, 512, 590 }, new[] { 2, 3 })] // 512 records stand in full bundles: what ends there or before goes
    [InlineData(600, new[] { 0, 300, 513 }, new[] { 1, 2 })] // one of its records stands in a bundle that is not full
    [InlineData(600, new[] { 0, 300, 600 }, new[] { 1, 2 })] // the last durable record is its own
    [InlineData(512, new[] { 0, 300, 512 }, new[] { 1, 2 })] // all full, but nothing durable stands in the successor yet
    [InlineData(513, new[] { 0, 300, 512 }, new[] { 2 })] // and now there does
    [InlineData(600, new[] { 0, 256, 700 }, new[] { 1, 2 })] // the successor of the second was written and is not durable
    [InlineData(255, new[] { 0, 100, 200 }, new[] { 0, 1, 2 })] // no full bundle
    [InlineData(600, new[] { 0, 300, -1, -1 }, new[] { 1, 2, 3 })] // the writer's own segment, before spares
    public void A_segment_goes_when_all_of_it_is_in_durable_full_bundles_and_its_successor_holds_something_durable(
        int records,
        int[] starts,
        int[] left
    )
    {
        Assert.Equal(left, Publish(records, starts));
        Assert.Empty(_failures);
    }

    [Fact]
    public void What_was_sealed_after_the_checkpoint_does_not_let_a_segment_go()
    {
        // The checkpoint covers 600 records; the journal is at 2,000 by now.
        Assert.Equal([1, 2, 3], Publish(600, [0, 512, 1024, 1500]));
    }

    [Fact]
    public void No_segment_goes_while_the_durable_size_cannot_be_written_down()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "published"));
        Assert.Equal([0, 1, 2], Publish(600, [0, 300, 512]));
        Assert.Single(_failures);
    }

    [Fact]
    public void No_segment_goes_when_a_tile_cannot_be_written()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, TilePath.Of(0, 1)));
        Assert.Equal([0, 1, 2], Publish(600, [0, 300, 512]));
        Assert.Single(_failures);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "published")));
    }

    [Fact]
    public void Nothing_goes_before_the_durable_publication_however_much_is_published()
    {
        Assert.Equal([0, 1, 2], Publish(600, [0, 300, 512], durably: false));
        Assert.True(File.Exists(Path.Combine(_folder.Path, "checkpoint")));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "published")));
    }

    /// <summary>
    /// Publishes so many durable records over a journal whose segments begin at the sizes given (-1: unused); the segments left.
    /// </summary>
    private IReadOnlyList<int> Publish(int records, int[] starts, bool durably = true)
    {
        var options = Some.Options(_folder.Path);
        (options.DurableEvery, options.DurableBytes) = durably
            ? (TimeSpan.Zero, options.DurableBytes)
            : (TimeSpan.FromDays(1), long.MaxValue);
        using var files = new LogFiles(options);
        using var segments = new Segments(_folder.Path);
        var header = new byte[SegmentHeader.Bytes];
        for (var number = 0; number < starts.Length; number++)
        {
            SegmentHeader.Write(header, number, Math.Max(0, starts[number]), Some.Origin);
            segments.Create(number, starts[number] < 0 ? [] : header, 4096);
        }

        var feed = new PublicationFeed(new EntryBundle(0), options.QueueBundles);
        var (group, edge) = (new GroupBuffer(), new RightEdge());
        for (var i = 0; i < records; i++)
        {
            edge.Push(group.Add(Some.Record(i).Text.Span, i));
        }

        var signer = new CheckpointSigner(Some.Origin, _keys);
        feed.Add(group, signer.Sign(edge.Size, edge.Root(), out _));
        var behind = new Republication(segments, new Replayed { Edge = new RightEdge() }, 0);
        var publisher = new Publisher(
            options,
            TimeProvider.System,
            feed,
            new TileStack(_folder.Path, 0),
            files,
            segments,
            behind,
            (signer, static () => { }, _failures.Enqueue)
        );
        publisher.Start();
        publisher.Dispose();
        return segments.Numbers();
    }
}
