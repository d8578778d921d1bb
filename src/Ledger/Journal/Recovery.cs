using Ledger.Notes;
using Ledger.Tiles;

namespace Ledger.Journal;

/// <summary>
/// Opens a log from disk (ledger page §9): one path for a first start, a clean one, a crash and a poisoned writer. The caller holds the
/// lock. Nothing is written before the journal has been judged as a whole and compared with
/// what is published.
/// </summary>
internal static class Recovery
{
    /// <exception cref="LedgerDamaged">The log contradicts itself, its published checkpoint, the anchor or what a witness
    /// holds.</exception>
    public static Replayed Run(LedgerOptions options, LogFiles files, Segments segments, VerifierKey key, out bool wasClean)
    {
        files.DeleteTemporaries();
        segments.DeleteTemporaries();
        var checkpoint = Open(files.Checkpoint(), key, "checkpoint");
        var anchor = Open(files.Anchor(), key, "anchor");
        var others = options.MustExtend.Select(note => Open(note, key, "a witness's checkpoint")!).ToList();
        var published = files.Published();
        var reader = new TileReader(options.Directory, published);
        var whole = published - published % TilePath.Width;
        var comparison = new Comparison(() => new TileStack(options.Directory, whole, compares: true), whole);
        var replayed = new JournalReplay(
            segments,
            options.Origin,
            key,
            reader.Subtree,
            [checkpoint?.Size ?? 0, anchor?.Size ?? 0, .. others.Select(static other => other.Size)]
        )
        {
            Unpublished = whole,
            Published = comparison,
        }.Run();

        MustContain(replayed, checkpoint, reader, "checkpoint");
        MustContain(replayed, anchor, reader, "anchor");
        others.ForEach(other => MustContain(replayed, other, reader, "a witness's checkpoint"));
        if (published > replayed.Edge.Size || replayed.Start > whole)
        {
            throw new LedgerDamaged("published", $"says {published}; the journal covers {replayed.Start} to {replayed.Edge.Size}");
        }

        replayed.Filling = comparison.Finish();
        wasClean = files.Clean() == replayed.Edge.Size && replayed.Cut == 0;
        if (!wasClean)
        {
            Rewrite(options, segments, replayed);
        }

        files.DropClean();
        return replayed;
    }

    /// <summary>
    /// Never repaired in place: after a failed sync the page cache may show bytes that the disk does not have, and a new file makes what
    /// was read durable again or fails loudly. Crash in here: the same recovery again.
    /// </summary>
    private static void Rewrite(LedgerOptions options, Segments segments, Replayed replayed)
    {
        foreach (var number in segments.Numbers().Where(number => number > replayed.Segment).Reverse())
        {
            segments.Delete(number);
        }

        if (!replayed.HasSegments)
        {
            segments.Create(0, [], options.SegmentBytes);
            return;
        }

        byte[] data = [];
        var length = segments.Read(replayed.Segment, ref data);
        segments.Create(replayed.Segment, data.AsSpan(0, replayed.Offset), Math.Max(length, options.SegmentBytes));
    }

    private static Checkpoint? Open(string? note, VerifierKey key, string place) =>
        note is null ? null
        : Checkpoint.TryOpen(note, key, out var checkpoint) ? checkpoint
        : throw new LedgerDamaged(place, "not a checkpoint signed by this log's key");

    private static void MustContain(Replayed replayed, Checkpoint? checkpoint, TileReader reader, string place)
    {
        if (checkpoint is null || checkpoint.Size == 0)
        {
            return;
        }

        if (checkpoint.Size > replayed.Edge.Size)
        {
            throw new LedgerDamaged(
                place,
                $"states {checkpoint.Size} records, the log has {replayed.Edge.Size}: it is an older copy, or lost what it confirmed"
            );
        }

        var root =
            checkpoint.Size <= replayed.Start ? MerkleTree.Root(checkpoint.Size, reader.Subtree)
            : replayed.Roots.TryGetValue(checkpoint.Size, out var found) ? found
            : default;
        if (root != checkpoint.Root)
        {
            throw new LedgerDamaged(place, $"is not a beginning of this log: other root at size {checkpoint.Size}");
        }
    }
}
