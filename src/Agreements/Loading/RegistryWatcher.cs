using System.Collections.Immutable;
using Agreements.Loading.Remembered;

namespace Agreements.Loading;

/// <summary>
/// Keeps the registry that is law now, and replaces it whole when the files change (hardening page, section 7). A set with an error changes
/// nothing and is reported, save that what <c>suspensions.yaml</c> adds holds at once. A change takes effect within a second: the file
/// system tells, and a digest every half second catches what it does not tell. No fault ends the watching.
/// </summary>
public sealed class RegistryWatcher : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    // At most four swaps a second: what arrives in between comes with the next.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    // Two looks must agree before a set is loaded, so that a file is not taken half written; a writer that never rests cannot hold it off
    // for ever.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(40);
    private const int MaxLooks = 6;

    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly OperatorSet? _operators;
    private readonly LoadMemory _memory;
    private readonly LawBook? _book;
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly FileSystemWatcher? _notices;
    private readonly Task _loop;
    private volatile State _state;
    private volatile LawLag? _lag;
    private Registry _whole;
    private string _seen,
        _approvable;

    private RegistryWatcher(
        string directory,
        TimeProvider time,
        OperatorSet? operators,
        LawBook? book,
        LoadMemory memory,
        RegistryLoad first
    )
    {
        (_directory, _time, _operators, _book, _memory) = (directory, time, operators, book, memory);
        (_seen, _approvable, _whole) = (first.Fingerprint, first.Approvable, first.Registry!);
        _state = new State(_whole, time.GetUtcNow(), first.Errors);
        _notices = Notices(directory);
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>
    /// Raised after a changed set was looked at, activated or not. Handlers run on the watcher's own thread and must be quick.
    /// </summary>
    public event EventHandler<RegistryChanged>? Changed;

    /// <summary>The registry that is law now. One volatile read; take it once and keep it for the length of a request.</summary>
    public Registry Current => _state.Registry;

    /// <summary>When <see cref="Current"/> became law.</summary>
    public DateTimeOffset ActivatedAt => _state.ActivatedAt;

    /// <summary>Errors and warnings of the last set that was looked at; with errors among them, it was not activated.</summary>
    public IReadOnlyList<LoadError> LastErrors => _state.Errors;

    /// <summary>Since when the files on disk are not what is in force, and why; null while they are.</summary>
    public LawLag? Lag => _lag;

    /// <summary>Are there operators of whom two approve every set? Without them one person who may write the folder makes law.</summary>
    public bool HasOperators => _operators is not null;

    /// <summary>Does something beside the files stop an institution now? Its signatures that come meanwhile do not count.</summary>
    public Func<string, bool>? AlsoStopped { get; set; }

    /// <summary>Loads the directory and watches it.</summary>
    /// <param name="contractsDirectory">Folder as in <see cref="RegistryLoader.Load(string, TimeProvider, OperatorSet, LawBook)"/>.</param>
    /// <param name="time">Clock.</param>
    /// <param name="load">The first load, its errors included.</param>
    /// <returns>The watcher; null when the first set has errors: there is nothing to fall back on.</returns>
    /// <param name="operators">Operators of whom two must have approved a set before it is law; null where no such rule is.</param>
    /// <param name="book">What was law before, so that nothing that was replaced comes back; null remembers nothing.</param>
    public static RegistryWatcher? Start(
        string contractsDirectory,
        TimeProvider time,
        out RegistryLoad load,
        OperatorSet? operators = null,
        LawBook? book = null
    )
    {
        var memory = new LoadMemory(time);
        load = RegistryLoader.Load(contractsDirectory, time, operators, memory, book);
        return load.Registry is null ? null : new RegistryWatcher(contractsDirectory, time, operators, book, memory, load);
    }

    /// <summary>Stops watching; <see cref="Current"/> stays as it is.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _notices?.Dispose();
        await _loop;
        _stop.Dispose();
        _changed.Dispose();
    }

    private async Task LoopAsync()
    {
        var wait = Poll;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _changed.WaitAsync(wait, _stop.Token);
                var began = _time.GetTimestamp();
                var files = Look();
                // A large set is read less often, so that looking takes a twentieth of a core at most.
                wait = TimeSpan.FromTicks(Math.Max(Poll.Ticks, _time.GetElapsedTime(began).Ticks * 20));
                if (files.Fingerprint == _seen)
                    continue;
                Reload(await SettleAsync(files));
                await Task.Delay(Pause, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // A fault of ours: what is law stays law, the fault is shown, and the watch goes on, with a set that counts as not yet
                // seen.
                _seen = "";
                Stay([Fault("looking-failed", exception)]);
            }
        }
    }

    private ContractFiles Look() => ContractFiles.Read(_directory, [], _memory.Files);

    private async Task<ContractFiles> SettleAsync(ContractFiles files)
    {
        for (var look = 0; look < MaxLooks; look++)
        {
            await Task.Delay(Settle, _stop.Token);
            var next = Look();
            if (next.Fingerprint == files.Fingerprint)
                return next;
            files = next;
        }
        return files;
    }

    private void Reload(ContractFiles files)
    {
        // Where more than the suspensions changed, loading may take long or come to nothing: what is stopped is stopped before.
        if (files.Approvable != _approvable)
            Stop(files);
        var load = Load();
        _seen = load.Fingerprint;
        if (load.Registry is { } registry)
        {
            (_whole, _approvable, _lag) = (registry, load.Approvable, null);
            Take(registry, load.Errors);
            return;
        }
        Stop(files);
        Stay(load.Errors);
    }

    /// <summary>One write of the snapshot, then the notice. Tests swap with it oftener than files can.</summary>
    internal void Take(Registry registry, ImmutableArray<LoadError> errors)
    {
        _state = new State(registry, _time.GetUtcNow(), errors);
        Tell(new RegistryChanged(activated: true, errors));
    }

    private RegistryLoad Load()
    {
        try
        {
            return RegistryLoader.Load(_directory, _time, _operators, _memory, _book, IsSuspended);
        }
        catch (Exception exception)
        {
            return new RegistryLoad(null, [Fault("loading-failed", exception)]);
        }
    }

    private bool IsSuspended(string institution) =>
        AlsoStopped?.Invoke(institution) == true || Current.IsSuspended(SuspendedKind.Institution, institution, CivilTime.Today(_time));

    private void Stop(ContractFiles files)
    {
        var law = AddedStops.To(Current, _whole, files.FindOrNothing(ContractFiles.SuspensionsFile), CivilTime.Today(_time));
        if (ReferenceEquals(law, Current))
            return;
        _state = new State(law, _time.GetUtcNow(), _state.Errors);
        Tell(new RegistryChanged(activated: true, []));
        Remember(law);
    }

    // A stop does not wait until it is written down; what could not be written now is with the next set.
    private void Remember(Registry law)
    {
        if (_book is null)
            return;
        _book.TakeStops(StandingStop.Of(law.Suspensions, law.Endings));
        try
        {
            _book.Keep();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _state = _state with { Errors = [.. _state.Errors, Fault("stops-unwritten", exception)] };
        }
    }

    private void Stay(ImmutableArray<LoadError> errors)
    {
        var told = _lag is not null && _state.Errors.SequenceEqual(errors);
        var found = errors.Where(static error => error.Severity is LoadSeverity.Error).ToList();
        _lag = new LawLag(_lag?.Since ?? _time.GetUtcNow(), found.Count, found is [var first, ..] ? first.ToString() : "");
        _state = _state with { Errors = errors };
        if (!told)
            Tell(new RegistryChanged(activated: false, errors));
    }

    // Each handler by itself: the fault of one keeps nothing from the others.
    private void Tell(RegistryChanged change)
    {
        foreach (var handler in Changed?.GetInvocationList().Cast<EventHandler<RegistryChanged>>() ?? [])
        {
            try
            {
                handler(this, change);
            }
            catch (Exception exception)
            {
                _state = _state with { Errors = [.. _state.Errors, Fault("telling-failed", exception)] };
            }
        }
    }

    private static LoadError Fault(string code, Exception exception) => new(".", 0, code, [exception.GetType().Name], LoadSeverity.Error);

    private FileSystemWatcher? Notices(string directory)
    {
        try
        {
            var watcher = new FileSystemWatcher(directory) { IncludeSubdirectories = true };
            watcher.Changed += (_, _) => Notice();
            watcher.Created += (_, _) => Notice();
            watcher.Deleted += (_, _) => Notice();
            watcher.Renamed += (_, _) => Notice();
            watcher.Error += (_, _) => Notice();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or PlatformNotSupportedException)
        {
            // No notices are to be had (inotify limits, network file systems): the digest finds changes alone.
            return null;
        }
    }

    private void Notice()
    {
        try
        {
            if (_changed.CurrentCount == 0)
                _changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // Two notices at once: one is enough.
        }
        catch (ObjectDisposedException)
        {
            // A notice that was on its way when the watcher ended.
        }
    }

    private sealed record State(Registry Registry, DateTimeOffset ActivatedAt, ImmutableArray<LoadError> Errors);
}

/// <summary>A changed set was looked at.</summary>
/// <param name="activated">What is law has changed: the set was taken whole, or what it stops was.</param>
/// <param name="errors">Its errors and warnings.</param>
public sealed class RegistryChanged(bool activated, ImmutableArray<LoadError> errors) : EventArgs
{
    /// <summary>What is law has changed: the set was taken whole, or, while it cannot be, what it stops was.</summary>
    public bool Activated { get; } = activated;

    /// <summary>Its errors and warnings.</summary>
    public ImmutableArray<LoadError> Errors { get; } = errors;
}
