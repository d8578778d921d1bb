using Ledger.Notes;

namespace Ledger.Tiles;

/// <summary>One record as published.</summary>
/// <param name="Index">Position in the log.</param>
/// <param name="Text">Its bytes, exactly as sealed.</param>
/// <param name="Leaf">Its leaf hash.</param>
public readonly record struct LogEntry(long Index, ReadOnlyMemory<byte> Text, TreeHash Leaf);

/// <summary>
/// Reads a published log from its folder, with nothing but the log's public key: what an auditor, the sandbox and the verifier use. It
/// sees the log as of the checkpoint that it was opened with. Not safe for several threads.
/// </summary>
public sealed class LogReader
{
    private const int ThreadsPerCore = 4;
    private readonly ILogSource _files;
    private readonly TileReader _tiles;

    private LogReader(ILogSource source, Checkpoint checkpoint, string note)
    {
        (Checkpoint, Note, _files) = (checkpoint, note, source);
        _tiles = new TileReader(source);
    }

    /// <summary>The checkpoint that the log is read at.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The signed note of <see cref="Checkpoint"/>.</summary>
    public string Note { get; }

    /// <summary>Opens the folder that holds <c>checkpoint</c> and <c>tile/</c>, and verifies the checkpoint's signature.</summary>
    /// <exception cref="LedgerDamaged">No checkpoint, or not one of this key.</exception>
    public static LogReader Open(string directory, VerifierKey key) => Open(directory, TrustPolicy.Of(key));

    /// <summary>As the other, under a policy that may ask for witnesses too.</summary>
    /// <exception cref="LedgerDamaged">No checkpoint, or not one that the policy accepts.</exception>
    public static LogReader Open(string directory, TrustPolicy policy) => Open(new TileFiles(directory), policy);

    /// <summary>
    /// As the others, from wherever the log is shown. Where the policy asks for witnesses and the newest checkpoint has none yet, the
    /// newest one that they cosigned is read.
    /// </summary>
    /// <exception cref="LedgerDamaged">No checkpoint, or not one that the policy accepts.</exception>
    public static LogReader Open(ILogSource source, TrustPolicy policy)
    {
        var newest = source.Note("checkpoint");
        if (newest is not null && policy.TryOpen(newest, out var checkpoint, out var reason))
        {
            return new LogReader(source, checkpoint, newest);
        }

        var kind = newest is null ? DamageKind.CheckpointMissing : policy.FaultOf(newest, out _) ?? DamageKind.Other;
        reason =
            newest is null ? "the log has none"
            : policy.TryOpen(newest, out _, out var refused) ? ""
            : refused;
        return
            policy.NeedsWitnesses
            && source.Note("checkpoint-witnessed") is { } cosigned
            && policy.TryOpen(cosigned, out checkpoint, out reason)
            ? new LogReader(source, checkpoint, cosigned)
            : throw new LedgerDamaged("checkpoint", reason) { Kind = kind };
    }

    /// <summary>
    /// Opens a log at a note that this process wrote itself: nothing is verified, so never for a log that somebody else handed over.
    /// </summary>
    /// <exception cref="LedgerDamaged">The note is not a checkpoint.</exception>
    public static LogReader At(string directory, string note) =>
        SignedNote.TryParse(note, out var signed) && Checkpoint.TryParse(signed.Text, out var checkpoint)
            ? new LogReader(new TileFiles(directory), checkpoint, note)
            : throw new LedgerDamaged("checkpoint", "malformed");

    /// <summary>Records from one index up to and without another, each compared with its leaf hash in the tiles.</summary>
    /// <exception cref="LedgerDamaged">A bundle or tile is missing or does not agree; the record is named.</exception>
    public IEnumerable<LogEntry> Entries(long first = 0, long end = long.MaxValue)
    {
        end = Math.Min(end, Checkpoint.Size);
        for (var bundle = first / TilePath.Width; bundle * TilePath.Width < end; bundle++)
        {
            foreach (var entry in Bundle(bundle))
            {
                if (entry.Index >= first && entry.Index < end)
                {
                    yield return entry;
                }
            }
        }
    }

    /// <summary>One record.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below the checkpoint's size.</exception>
    /// <exception cref="LedgerDamaged">As <see cref="Entries"/>.</exception>
    public LogEntry Entry(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Checkpoint.Size);
        return Bundle(index / TilePath.Width)[(int)(index % TilePath.Width)];
    }

    /// <summary>Hashes from the leaf's sibling up, in the tree of <paramref name="size"/> leaves (by default the checkpoint's).</summary>
    public IReadOnlyList<TreeHash> InclusionPath(long index, long? size = null) =>
        InclusionProof.Build(index, AtMost(size), _tiles.Subtree);

    /// <summary>Hashes that prove the tree of <paramref name="oldSize"/> leaves a beginning of the other.</summary>
    public IReadOnlyList<TreeHash> ConsistencyPath(long oldSize, long? size = null) =>
        ConsistencyProof.Build(oldSize, AtMost(size), _tiles.Subtree);

    /// <summary>Root at an earlier size.</summary>
    public TreeHash RootAt(long size) => MerkleTree.Root(AtMost(size), _tiles.Subtree);

    /// <summary>The offline proof of a record on this checkpoint.</summary>
    public TlogProof Proof(long index) => new(index, InclusionPath(index), Note);

    /// <summary>
    /// Reads everything: every record is hashed, every tile compared with what the records give, and the root with the checkpoint.
    /// </summary>
    /// <param name="firstRecord">Records below it may be gone, as a retention policy allows; their hashes are read instead.</param>
    /// <param name="progress">Told how many records were verified, of how many.</param>
    /// <exception cref="LedgerDamaged">The first place that does not agree.</exception>
    public void Verify(long firstRecord = 0, Action<long, long>? progress = null)
    {
        const int Chunk = 4096;
        var (whole, source) = (Checkpoint.Size / TilePath.Width, _files is TileFiles local ? local.ReadOnce() : _files);
        var upper = new UpperTiles(_tiles);
        var roots = new TreeHash[Chunk];
        for (long first = 0; first < whole; first += Chunk)
        {
            var count = (int)Math.Min(Chunk, whole - first);
            RunAll(source, count, (i, check) => roots[i] = MerkleTree.Root(Leaves(check, first + i, firstRecord)));
            for (var i = 0; i < count; i++)
            {
                upper.Add(roots[i]);
            }

            progress?.Invoke((first + count) * TilePath.Width, Checkpoint.Size);
        }

        upper.CheckPartials();
        var edge = RightEdge.At(whole * TilePath.Width, upper.Subtree);
        if (Checkpoint.Size % TilePath.Width > 0)
        {
            foreach (ref readonly var leaf in Leaves(new BundleCheck(source, Checkpoint.Size), whole, firstRecord))
            {
                edge.Push(leaf);
            }
        }

        if (edge.Root() != Checkpoint.Root)
        {
            throw new LedgerDamaged("checkpoint", $"its root is not that of the {Checkpoint.Size} records")
            {
                Kind = DamageKind.RootDiffers,
            };
        }
    }

    /// <summary>
    /// Runs through bundles on more threads than there are cores: while some wait for the disk, the others hash. Bundles are begun in
    /// order, so that those below a damaged one are looked at in any case, and the lowest place is named.
    /// </summary>
    private void RunAll(ILogSource source, int count, Action<int, BundleCheck> run)
    {
        var (next, stop, found) = (-1, false, new Exception?[count]);
        var threads = Enumerable
            .Range(0, Math.Min(count, Environment.ProcessorCount * ThreadsPerCore))
            .Select(_ => new Thread(Work) { IsBackground = true, Name = "ledger verification" })
            .ToArray();
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        if (found.FirstOrDefault(static e => e is not null) is { } lowest)
        {
            throw lowest as LedgerDamaged ?? new LedgerDamaged("log", "cannot be read", lowest) { Kind = DamageKind.Unreadable };
        }

        void Work()
        {
            var check = new BundleCheck(source, Checkpoint.Size);
            while (!Volatile.Read(ref stop) && Interlocked.Increment(ref next) is var i && i < count)
            {
                try
                {
                    run(i, check);
                }
                catch (Exception e)
                {
                    (found[i], stop) = (e, true);
                }
            }
        }
    }

    /// <summary>Leaves of a bundle: of its records where they are wanted, as the tile states them where they may be gone.</summary>
    private ReadOnlySpan<TreeHash> Leaves(BundleCheck check, long bundle, long firstRecord)
    {
        if (Math.Min((bundle + 1) * TilePath.Width, Checkpoint.Size) > firstRecord)
        {
            check.Read(bundle);
        }
        else
        {
            check.ReadHashes(bundle);
        }

        return check.Leaves;
    }

    private List<LogEntry> Bundle(long index)
    {
        var check = new BundleCheck(_files, Checkpoint.Size);
        check.Read(index);
        var entries = new List<LogEntry>(check.Width);
        for (var i = 0; i < check.Width; i++)
        {
            entries.Add(new LogEntry(index * TilePath.Width + i, check.Text(i), check.Leaves[i]));
        }

        return entries;
    }

    private long AtMost(long? size)
    {
        var asked = size ?? Checkpoint.Size;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(asked, Checkpoint.Size, nameof(size));
        return asked;
    }
}
