using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Gateway.Audit;
using Gateway.Authorization;
using Gateway.Minimization;
using Gateway.Problems;

namespace Gateway.Batches;

/// <summary>Where a batch stands (exchanges page, section 1.13). Nothing ends in "failed": lines do.</summary>
internal enum BatchState
{
    /// <summary>Accepted; no line asked yet.</summary>
    Accepted,

    /// <summary>Lines are being asked.</summary>
    Running,

    /// <summary>Every line has its result.</summary>
    Completed,

    /// <summary>Stopped by its owner.</summary>
    Cancelled,

    /// <summary>Results are gone.</summary>
    Purged,
}

/// <summary>Why lines of a batch were refused that had been accepted.</summary>
/// <param name="Refusal">The refusal of each of them.</param>
/// <param name="Since">When the first was refused.</param>
/// <param name="Lines">How many were.</param>
internal sealed record BatchStop(Refusal Refusal, DateTimeOffset Since, int Lines);

/// <summary>One batch: its lines, how far it is, and where its results rest.</summary>
internal sealed class Batch(string id, Entitlement entitlement, ExchangeFacts submission, ReadOnlyMemory<byte> body, int lines, Spool spool)
    : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IncrementalHash _results = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly CancellationTokenSource _stop = new();
    private readonly long[] _counts = new long[LineOutcome.All.Length];
    private readonly HashSet<string> _released = new(StringComparer.Ordinal);
    private long _bytes;
    private int _readable;

    /// <summary>ULID of the batch.</summary>
    public string Id { get; } = id;

    /// <summary>What its owner was allowed when it was handed in; decided again for each chunk.</summary>
    public Entitlement Entitlement { get; } = entitlement;

    /// <summary>What was known when it was submitted: caller, salt, references.</summary>
    public ExchangeFacts Submission { get; } = submission;

    /// <summary>The NDJSON body; forgotten when the last line has been asked.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; } = body;

    /// <summary>Lines submitted.</summary>
    public int Lines { get; } = lines;

    /// <summary>State.</summary>
    public BatchState State { get; private set; } = BatchState.Accepted;

    /// <summary>Time of submission.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>Time at which the last line had its result.</summary>
    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>Time at which the results are purged.</summary>
    public DateTimeOffset? PurgeAt { get; private set; }

    /// <summary>SHA-256 of the results, lower-case hex; null until completed.</summary>
    public string? ResultsSha256 { get; private set; }

    /// <summary>
    /// What stopped it before its lines were all asked; null while nothing has. Lines that were asked before keep their answers.
    /// </summary>
    public BatchStop? StoppedBy { get; private set; }

    /// <summary>What ended it for good: its token was stopped. Null while nothing has.</summary>
    public Refusal? Ended { get; set; }

    /// <summary>Set when the owner cancels.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Bytes of the results.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Lines with a result, by outcome, in the order of <see cref="LineOutcome.All"/>.</summary>
    public ImmutableArray<long> Counts
    {
        get
        {
            lock (_gate)
                return [.. _counts];
        }
    }

    /// <summary>
    /// Is it this caller's, as it comes now? A batch belongs to one system of one institution, and to the agreement, purpose and operation
    /// under which it was handed in: whatever else the system may do, there it does not exist.
    /// </summary>
    public bool IsOf(Entitlement now) =>
        Entitlement.Caller.Client.Id == now.Caller.Client.Id
        && Entitlement.Caller.Institution.Id == now.Caller.Institution.Id
        && Entitlement.Caller.Office?.Code == now.Caller.Office?.Code
        && Entitlement.Agreement.Id == now.Agreement.Id
        && Entitlement.Caller.Purpose == now.Caller.Purpose
        && Entitlement.Operation.Id == now.Operation.Id;

    /// <summary>
    /// Why the results may not leave although they are there: results are released when they are fetched, and lines carry fields that the
    /// agreement of now releases no longer. Null when they may.
    /// </summary>
    public Refusal? Withheld(Entitlement now)
    {
        lock (_gate)
        {
            var beyond = _released.Where(path => !now.Granted.Release.Contains(path)).Order(StringComparer.Ordinal).ToImmutableArray();
            return beyond.IsEmpty
                ? null
                : new Refusal(Problem.FieldNotAllowed)
                {
                    Clause = now.Clause,
                    Words = [now.Agreement.Reference, now.Operation.Id],
                    Missing = beyond,
                };
        }
    }

    /// <summary>The first line is about to be asked.</summary>
    public void Start()
    {
        lock (_gate)
            if (State == BatchState.Accepted)
                State = BatchState.Running;
    }

    /// <summary>Writes a chunk's results at rest. They are not readable before <see cref="Publish"/>.</summary>
    public void Keep(ReadOnlySpan<byte> results) => spool.Append(results);

    /// <summary>The chunk's records could not be sealed: what was written at rest is void.</summary>
    public void Forget() => spool.DropLast();

    /// <summary>
    /// The law refuses what it allowed when the batch was handed in: lines are refused from here on, until it allows them again.
    /// </summary>
    public void Stop(Refusal refusal, DateTimeOffset now, int lines)
    {
        if (lines == 0)
            return;
        lock (_gate)
            StoppedBy = StoppedBy is { } stop ? stop with { Lines = stop.Lines + lines } : new BatchStop(refusal, now, lines);
    }

    /// <summary>The records of the chunk are durable: its results may be read.</summary>
    public void Publish(ReadOnlySpan<byte> results, ChunkOutcomes said)
    {
        lock (_gate)
        {
            _results.AppendData(results);
            _bytes += results.Length;
            _readable++;
            _released.UnionWith(said.Released);
            for (var i = 0; i < _counts.Length; i++)
                _counts[i] += said.Counts[i];
        }
    }

    /// <summary>Every line has its result.</summary>
    public void Complete(DateTimeOffset now, TimeSpan kept)
    {
        lock (_gate)
        {
            Body = default;
            if (State != BatchState.Running)
                return;
            (State, CompletedAt, PurgeAt) = (BatchState.Completed, now, now + kept);
            ResultsSha256 = Convert.ToHexStringLower(_results.GetCurrentHash());
        }
    }

    /// <summary>Cancels what is running, or purges what is done.</summary>
    public void End(DateTimeOffset now)
    {
        lock (_gate)
        {
            if (State is BatchState.Purged or BatchState.Cancelled)
                return;
            State = State == BatchState.Completed ? BatchState.Purged : BatchState.Cancelled;
            CompletedAt ??= now;
            _stop.Cancel();
            spool.Dispose();
        }
    }

    /// <summary>Results in pieces, decrypted one at a time.</summary>
    public IEnumerable<byte[]> Results() => spool.Read(_readable);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (State is not (BatchState.Purged or BatchState.Cancelled))
            spool.Dispose();
        _results.Dispose();
        _stop.Dispose();
    }

    /// <summary>Never the content.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"batch {Id}, {Lines} lines, {State}");
}
