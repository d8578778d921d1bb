namespace Ledger.Writing;

/// <summary>The writer's thread: groups, failure, healing without a restart, stop (ledger page §7 and §8).</summary>
internal sealed class WriterLoop : IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    private readonly LedgerOptions _options;
    private readonly LogKey _keys;
    private readonly TimeProvider _time;
    private readonly GroupQueue _queue;
    private readonly RunRecords _records;
    private readonly Refusals _refusals;
    private readonly ManualResetEventSlim _stopping = new();
    private readonly CommitDelay _delay;
    private readonly LedgerMeters _meters;
    private readonly Thread _thread;
    private FileStream? _ownership;
    private volatile LogSession? _session;
    private volatile LedgerState _state = LedgerState.Closed;
    private volatile bool _lowSpace;
    private long _freeBytes;
    private long _durable;
    private PublishedCheckpoint? _lastPublished;
    private volatile LedgerDamaged? _halted;

    public WriterLoop(LedgerOptions options, LogKey keys, TimeProvider time, GroupQueue queue)
    {
        (this._options, this._keys, this._time, this._queue) = (options, keys, time, queue);
        (_delay, _records, _refusals) = (new CommitDelay(queue), new RunRecords(time), new Refusals(time));
        _meters = new LedgerMeters(
            options.Origin,
            () => State,
            () => queue.Taken,
            () => _session?.Lag ?? 0,
            () => Volatile.Read(ref _freeBytes)
        );
        _thread = new Thread(Run) { IsBackground = true, Name = "ledger writer" };
    }

    public LedgerState State =>
        _halted is not null && _state != LedgerState.Closed ? LedgerState.Damaged
        : _state is LedgerState.Open && _lowSpace ? LedgerState.LowSpace
        : _state;

    public PublishedCheckpoint? Published => _session?.Published ?? _lastPublished;

    /// <summary>Records that are durable.</summary>
    public long Size => Volatile.Read(ref _durable);

    public LedgerDamaged? Damage { get; private set; }

    public bool Accepts(int records, bool essential) =>
        IsOpen && (!_lowSpace || essential) && _session is { } open && open.HasRoom(_queue.Taken + records);

    /// <summary>Whether an append can hope to be sealed now.</summary>
    public bool IsOpen => _state == LedgerState.Open && _halted is null;

    /// <summary>Nothing is signed any more, from the next group on, until a person has decided and the log is opened anew.</summary>
    public void Halt(LedgerDamaged cause)
    {
        _halted ??= cause;
        _queue.Poke();
    }

    public void CountRefused()
    {
        _refusals.Count();
        _meters.Refused();
    }

    public void Nudge() => _session?.Nudge();

    /// <summary>First opening, on the caller's thread, so that the caller sees why it fails.</summary>
    public void Open()
    {
        Directory.CreateDirectory(_options.Directory);
        _ownership = LogFiles.TakeLock(_options.Directory);
        try
        {
            _session = Start(first: true);
        }
        catch
        {
            _ownership.Dispose();
            _meters.Dispose();
            throw;
        }

        _state = LedgerState.Open;
        _thread.Start();
    }

    public void Dispose()
    {
        _queue.End();
        _stopping.Set();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _session?.Dispose();
        _ownership?.Dispose();
        _stopping.Dispose();
        _meters.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            var group = _queue.Take(Idle);
            if (_halted is { } cause)
            {
                Poison(group, cause);
                break;
            }

            try
            {
                _session!.Check();
                Write(_session, group);
            }
            catch (Exception e)
            {
                Poison(group, e);
                if (!Heal())
                {
                    break;
                }
            }

            if (group is null && _stopping.IsSet)
            {
                Stop();
                break;
            }
        }

        Damage ??= _halted;
        _state = Damage is null ? LedgerState.Closed : LedgerState.Damaged;
        _queue.End();
        FailAllWaiting();
    }

    /// <summary>Opens the log and seals the first records of the run, or of the time after a failure.</summary>
    private LogSession Start(bool first)
    {
        _lowSpace = FreeSpace.IsLow(_options, out _freeBytes);
        var opened = LogSession.Open(_options, _keys, _time, Tick, healing: !first);
        try
        {
            if (opened.Found.Cut > 0 || (!opened.WasClean && opened.Found.Head is not null))
            {
                opened.Add(_records.Recover(opened.Found.Cut, opened.Found.Tail, opened.Found.Edge.Size));
            }

            if (first)
            {
                opened.Add(_records.Start(_options, isFirst: opened.Found.Head is null));
            }

            Gap(opened);
            var head = opened.Commit();
            Volatile.Write(ref _durable, head.Size);
            opened.Publish(head);
            opened.StartPublisher();
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private void Write(LogSession log, Group? group)
    {
        var started = _time.GetTimestamp();
        if (_refusals.IsOver && _refusals.Any)
        {
            Gap(log);
        }

        foreach (var seat in group?.Seats ?? [])
        {
            seat.First = log.Size;
            for (var i = 0; i < seat.Entries.Count; i++)
            {
                log.Add(seat.Entries[i]);
            }
        }

        if (log.Records == 0)
        {
            return;
        }

        var count = log.Records;
        var head = log.Commit();
        Volatile.Write(ref _durable, head.Size);
        _meters.Group(count, _time.GetElapsedTime(started), log.LastSync);
        var (released, waiting) = (group?.Seats.Count ?? 0, _queue.Waiting);
        if (group is not null)
        {
            _queue.Complete(group, head);
        }

        log.Publish(head);
        _delay.After(released, waiting, log.LastSync);
    }

    private void Gap(LogSession log)
    {
        if (_refusals.Take(out var from, out var until, out var count))
        {
            log.Add(_records.Gap(from, until, count));
        }
    }

    /// <summary>Everyone who waits is told that nothing is known to be durable; what was open is thrown away, never synced again.</summary>
    private void Poison(Group? group, Exception cause)
    {
        _state = LedgerState.Healing;
        Fail(group, cause);
        FailAllWaiting();
        _lastPublished = _session?.Published ?? _lastPublished;
        _session?.Dispose();
        _session = null;
    }

    private bool Heal()
    {
        for (var pause = TimeSpan.FromSeconds(1); ; pause = pause * 2 < _options.HealAtMost ? pause * 2 : _options.HealAtMost)
        {
            if (_stopping.Wait(pause < _options.HealAtMost ? pause : _options.HealAtMost) || _halted is not null)
            {
                return false;
            }

            try
            {
                FailAllWaiting();
                _session = Start(first: false);
                _state = LedgerState.Open;
                return true;
            }
            catch (LedgerDamaged e)
            {
                Damage = e;
                return false;
            }
            catch (Exception)
            {
                // Still failing, whatever it is: nothing is accepted meanwhile. Wait longer.
            }
        }
    }

    private void Stop()
    {
        try
        {
            _session!.Add(_records.Stop());
            _session.Publish(_session.Commit());
            _session.Stop();
        }
        catch (Exception e) when (e is IOException or DurabilityLost or UnauthorizedAccessException or LedgerDamaged)
        {
            // Not clean: the next start recovers. Every acknowledged record is durable already.
        }

        _lastPublished = _session!.Published ?? _lastPublished;
        _session.Dispose();
        _session = null;
    }

    private void FailAllWaiting()
    {
        while (_queue.Take(TimeSpan.Zero) is { } waiting)
        {
            Fail(waiting, null);
        }
    }

    private void Fail(Group? group, Exception? cause)
    {
        if (group is not null && !group.Done.Task.IsCompleted)
        {
            _queue.Finish(group);
            foreach (var _ in group.Seats)
            {
                _refusals.Count();
                _meters.Unsealed();
            }

            group.Done.SetException(new LedgerUnavailable("the record is not known to be durable", cause));
        }
    }

    private void Tick(LogSession from)
    {
        _lowSpace = FreeSpace.IsLow(_options, out _freeBytes);
        if (from.HasFault)
        {
            _queue.Poke();
        }
    }
}
