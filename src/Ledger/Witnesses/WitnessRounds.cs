using System.Runtime.ExceptionServices;
using Ledger.Notes;
using Ledger.Tiles;
using Ledger.Writing;

namespace Ledger.Witnesses;

/// <summary>How often witnesses are asked, and when their absence is an alarm (ledger page §7 and §12).</summary>
public sealed record WitnessPace
{
    /// <summary>Time between rounds while the tree grows.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time after which witnesses are asked although the tree did not grow: they state times.</summary>
    public TimeSpan AtLeastEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Time without a quorum after which <c>witness</c> is sealed and the alarm stands.</summary>
    public TimeSpan AlarmAfter { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>
/// Collects cosignatures on published checkpoints, off every request's path: a witness that is down delays evidence, not exchanges. A
/// witness that holds another history stops the writer at once: from then on somebody else can prove that two histories were signed.
/// </summary>
public sealed class WitnessRounds : IAsyncDisposable
{
    private const string Loop = "witnesses";
    private static readonly TimeSpan SealingPatience = TimeSpan.FromSeconds(1);
    private readonly LedgerWriter _writer;
    private readonly string _directory;
    private readonly TrustPolicy _policy;
    private readonly WitnessPace _pace;
    private readonly TimeProvider _time;
    private readonly LoopReport? _report;
    private readonly WitnessLine[] _lines;
    private readonly RunRecords _records;
    private readonly WitnessMeters _meters;
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _one = new(1);
    private Task _running = Task.CompletedTask;
    private DateTimeOffset _lastQuorum;
    private DateTimeOffset _lastRound;
    private long _lastSize = -1;
    private bool _lost;

    /// <summary>Prepares rounds; <see cref="Start"/> begins them.</summary>
    /// <param name="writer">The log's writer, which a contradiction stops.</param>
    /// <param name="directory">The log's folder.</param>
    /// <param name="policy">Witnesses and quorum.</param>
    /// <param name="http">Whose time-out bounds each call; not disposed of.</param>
    /// <param name="time">Clock.</param>
    /// <param name="pace">How often.</param>
    /// <param name="report">Is told of each round that fails, and of the first that does not.</param>
    public WitnessRounds(
        LedgerWriter writer,
        string directory,
        TrustPolicy policy,
        HttpClient http,
        TimeProvider time,
        WitnessPace? pace = null,
        LoopReport? report = null
    )
    {
        (this._writer, this._directory, this._policy, this._time, this._pace, this._report) = (
            writer,
            directory,
            policy,
            time,
            pace ?? new WitnessPace(),
            report
        );
        _lines =
        [
            .. policy
                .Witnesses.Where(static witness => witness.Url is not null)
                .Select(witness => new WitnessLine(new WitnessClient(http, witness))),
        ];
        _records = new RunRecords(time);
        _lastQuorum = time.GetUtcNow();
        _meters = new WitnessMeters(
            writer.Origin,
            () => Age,
            () => Contradiction is null ? 0 : 1,
            () => _lines.Count(static line => line.IsSilent)
        );
    }

    /// <summary>Time since a checkpoint met the quorum last; since the start before the first.</summary>
    public TimeSpan Age => _time.GetUtcNow() - _lastQuorum;

    /// <summary>No quorum for too long.</summary>
    public bool QuorumLost => _policy.NeedsWitnesses && Age >= _pace.AlarmAfter;

    /// <summary>What a witness holds against this log; the writer was stopped. Null while all is well.</summary>
    public LedgerDamaged? Contradiction { get; private set; }

    /// <summary>Begins the rounds.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>One round now: every witness is asked about the newest published checkpoint, side by side.</summary>
    /// <returns>Whether that checkpoint meets the quorum.</returns>
    public async Task<bool> RoundAsync(CancellationToken cancel = default)
    {
        await _one.WaitAsync(cancel);
        try
        {
            return _writer.Published is { } published && Contradiction is null && await RoundAsync(published, cancel);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _meters.Dispose();
        _ending.Dispose();
        _one.Dispose();
    }

    private async Task RunAsync()
    {
        while (Contradiction is null)
        {
            var due = _writer.Published?.Size != _lastSize || _time.GetUtcNow() - _lastRound >= _pace.AtLeastEvery;
            if (due)
            {
                try
                {
                    await RoundAsync(_ending.Token);
                    _report?.Invoke(Loop, null);
                }
                catch (Exception e) when (e is not OperationCanceledException || !_ending.IsCancellationRequested)
                {
                    // Whatever it was (files of this round, a tile that was being replaced, a fault of ours): the next round tries again.
                    _report?.Invoke(Loop, e);
                }
            }

            await Task.Delay(_pace.Every, _time, _ending.Token);
        }
    }

    private async Task<bool> RoundAsync(PublishedCheckpoint published, CancellationToken cancel)
    {
        (_lastRound, _lastSize) = (_time.GetUtcNow(), published.Size);
        var faults = await Task.WhenAll(_lines.Select(line => line.AskAsync(published, new TileReader(_directory).Subtree, cancel)));
        if (Array.Find(_lines, static line => line.Refusal is not null) is { } refused)
        {
            await StopAsync(refused);
            return false;
        }

        var cosigned = string.Concat(
            _lines.Select(static line => line.Cosigned).OfType<NoteSignature>().Select(static signature => signature.ToString())
        );
        var note = published.Note + cosigned;
        var quorum = SignedNote.TryParse(note, out var parsed) && _policy.HasQuorum(parsed);
        if (cosigned.Length > 0)
        {
            using var files = new WitnessedFiles(_directory);
            files.Keep(note, _time.GetUtcNow());
            if (quorum)
            {
                files.WriteNewest(note);
                _lastQuorum = _time.GetUtcNow();
            }
        }

        await TellQuorumAsync(published.Size);
        // The cosignatures of the others are kept by now.
        if (Array.Find(faults, static fault => fault is not null) is { } fault)
        {
            ExceptionDispatchInfo.Throw(fault);
        }

        return quorum;
    }

    /// <summary>The record goes down first, as the last one; should it not, the writer is stopped all the same.</summary>
    private async Task StopAsync(WitnessLine refused)
    {
        var refusal = refused.Refusal!;
        Contradiction = new LedgerDamaged("witness " + refused.Name, refusal.What);
        await SealAsync(_records.Witness(refused.Name, refusal.Code, refusal.Size));
        _writer.Halt(Contradiction);
    }

    private async Task TellQuorumAsync(long size)
    {
        if (QuorumLost != _lost && await SealAsync(_records.Witness(null, _lost ? "quorum-regained" : "quorum-lost", size)))
        {
            _lost = !_lost;
        }
    }

    private async Task<bool> SealAsync(SealedRecord record)
    {
        if (!_writer.TryReserve(1, essential: true, out var seat))
        {
            return false;
        }

        using (seat)
        {
            try
            {
                await _writer.AppendAsync(seat, [record]).AsTask().WaitAsync(SealingPatience, _time);
                return true;
            }
            catch (Exception e) when (e is LedgerUnavailable or TimeoutException)
            {
                return false;
            }
        }
    }
}
