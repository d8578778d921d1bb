namespace Ledger.Writing;

/// <summary>The writer's thread: groups, failure, healing without a restart, stop (ledger page §7 and §8).</summary>
internal sealed class WriterLoop : IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    private readonly LedgerOptions options;
    private readonly LogKey keys;
    private readonly TimeProvider time;
    private readonly GroupQueue queue;
    private readonly RunRecords records;
    private readonly Refusals refusals;
    private readonly ManualResetEventSlim stopping = new();
    private readonly Linger linger;
    private readonly LedgerMeters meters;
    private readonly Thread thread;
    private FileStream? ownership;
    private volatile LogSession? session;
    private volatile LedgerState state = LedgerState.Closed;
    private volatile bool lowSpace;
    private long freeBytes;
    private long durable;
    private PublishedCheckpoint? lastPublished;
    private volatile LedgerDamaged? halted;

    public WriterLoop(LedgerOptions options, LogKey keys, TimeProvider time, GroupQueue queue)
    {
        (this.options, this.keys, this.time, this.queue) = (options, keys, time, queue);
        (linger, records, refusals) = (new Linger(queue), new RunRecords(time), new Refusals(time));
        meters = new LedgerMeters(options.Origin, () => State, () => queue.Taken, () => session?.Lag ?? 0, () => Volatile.Read(ref freeBytes));
        thread = new Thread(Run) { IsBackground = true, Name = "ledger writer" };
    }

    public LedgerState State => halted is not null && state != LedgerState.Closed ? LedgerState.Damaged : state is LedgerState.Open && lowSpace ? LedgerState.LowSpace : state;

    public PublishedCheckpoint? Published => session?.Published ?? lastPublished;

    /// <summary>Records that are durable.</summary>
    public long Size => Volatile.Read(ref durable);

    public LedgerDamaged? Damage { get; private set; }

    public bool Accepts(int records, bool essential) =>
        IsOpen && (!lowSpace || essential) && session is { } open && open.HasRoom(queue.Taken + records);

    /// <summary>Whether an append can hope to be sealed now.</summary>
    public bool IsOpen => state == LedgerState.Open && halted is null;

    /// <summary>Nothing is signed any more, from the next group on, until a person has decided and the log is opened anew.</summary>
    public void Halt(LedgerDamaged cause)
    {
        halted ??= cause;
        queue.Poke();
    }

    public void CountRefused()
    {
        refusals.Count();
        meters.Refused();
    }

    public void Nudge() => session?.Nudge();

    /// <summary>First opening, on the caller's thread, so that the caller sees why it fails.</summary>
    public void Open()
    {
        Directory.CreateDirectory(options.Directory);
        ownership = LogFiles.TakeLock(options.Directory);
        try
        {
            session = Start(first: true);
        }
        catch
        {
            ownership.Dispose();
            meters.Dispose();
            throw;
        }

        state = LedgerState.Open;
        thread.Start();
    }

    public void Dispose()
    {
        queue.End();
        stopping.Set();
        if (thread.IsAlive)
        {
            thread.Join();
        }

        session?.Dispose();
        ownership?.Dispose();
        stopping.Dispose();
        meters.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            var group = queue.Take(Idle);
            if (halted is { } cause)
            {
                Poison(group, cause);
                break;
            }

            try
            {
                session!.Check();
                Write(session, group);
            }
            catch (Exception e)
            {
                Poison(group, e);
                if (!Heal())
                {
                    break;
                }
            }

            if (group is null && stopping.IsSet)
            {
                Stop();
                break;
            }
        }

        Damage ??= halted;
        state = Damage is null ? LedgerState.Closed : LedgerState.Damaged;
        queue.End();
        FailAllWaiting();
    }

    /// <summary>Opens the log and seals the first records of the run, or of the time after a failure.</summary>
    private LogSession Start(bool first)
    {
        lowSpace = FreeSpace.IsLow(options, out freeBytes);
        var opened = LogSession.Open(options, keys, time, Tick, healing: !first);
        try
        {
            if (opened.Found.Cut > 0 || (!opened.WasClean && opened.Found.Head is not null))
            {
                opened.Add(records.Recover(opened.Found.Cut, opened.Found.Tail, opened.Found.Edge.Size));
            }

            if (first)
            {
                opened.Add(records.Start(options, isFirst: opened.Found.Head is null));
            }

            Gap(opened);
            var head = opened.Commit();
            Volatile.Write(ref durable, head.Size);
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
        var started = time.GetTimestamp();
        if (refusals.IsOver && refusals.Any)
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
        Volatile.Write(ref durable, head.Size);
        meters.Group(count, time.GetElapsedTime(started), log.LastSync);
        var (released, waiting) = (group?.Seats.Count ?? 0, queue.Waiting);
        if (group is not null)
        {
            queue.Complete(group, head);
        }

        log.Publish(head);
        linger.After(released, waiting, log.LastSync);
    }

    private void Gap(LogSession log)
    {
        if (refusals.Take(out var from, out var until, out var count))
        {
            log.Add(records.Gap(from, until, count));
        }
    }

    /// <summary>Everyone who waits is told that nothing is known to be durable; what was open is thrown away, never synced again.</summary>
    private void Poison(Group? group, Exception cause)
    {
        state = LedgerState.Healing;
        Fail(group, cause);
        FailAllWaiting();
        lastPublished = session?.Published ?? lastPublished;
        session?.Dispose();
        session = null;
    }

    private bool Heal()
    {
        for (var pause = TimeSpan.FromSeconds(1); ; pause = pause * 2 < options.HealAtMost ? pause * 2 : options.HealAtMost)
        {
            if (stopping.Wait(pause < options.HealAtMost ? pause : options.HealAtMost) || halted is not null)
            {
                return false;
            }

            try
            {
                FailAllWaiting();
                session = Start(first: false);
                state = LedgerState.Open;
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
            session!.Add(records.Stop());
            session.Publish(session.Commit());
            session.Stop();
        }
        catch (Exception e) when (e is IOException or DurabilityLost or UnauthorizedAccessException or LedgerDamaged)
        {
            // Not clean: the next start recovers. Every acknowledged record is durable already.
        }

        lastPublished = session!.Published ?? lastPublished;
        session.Dispose();
        session = null;
    }

    private void FailAllWaiting()
    {
        while (queue.Take(TimeSpan.Zero) is { } waiting)
        {
            Fail(waiting, null);
        }
    }

    private void Fail(Group? group, Exception? cause)
    {
        if (group is not null && !group.Done.Task.IsCompleted)
        {
            queue.Finish(group);
            foreach (var _ in group.Seats)
            {
                refusals.Count();
                meters.Unsealed();
            }

            group.Done.SetException(new LedgerUnavailable("the record is not known to be durable", cause));
        }
    }

    private void Tick(LogSession from)
    {
        lowSpace = FreeSpace.IsLow(options, out freeBytes);
        if (from.HasFault)
        {
            queue.Poke();
        }
    }
}
