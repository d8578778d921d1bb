using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Tokens.Renewal;
using Tokens.Transport;

namespace Tokens.Revocation;

/// <summary>How the lists stand, for readiness.</summary>
public enum RevocationStanding
{
    /// <summary>Each authority that has lists has all of them, in date.</summary>
    Complete,

    /// <summary>Some authority lacks one, or a source has something that is refused.</summary>
    Incomplete,

    /// <summary>
    /// No client of any authority can be taken: every authority stops when its lists do not tell, and none of them tells.
    /// </summary>
    Closed,
}

/// <summary>
/// The revocation lists of client authorities: read from files and addresses beside the path of requests, verified, and given out as one
/// immutable table. No exception of a source ends its loop. Thread-safe.
/// </summary>
public sealed class RevocationLists : IDisposable
{
    /// <summary>Time between looks at files.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private const string Loop = "revocation lists",
        Watcher = "revocation watch";
    internal static readonly ConcurrentDictionary<RevocationLists, byte> All = new();
    private readonly ImmutableArray<WatchedAuthority> _watched;
    private readonly int _authorities;
    private readonly TimeProvider _time;
    private readonly ILogger? _log;
    private readonly Action<string, Exception?>? _report;
    private readonly CancellationTokenSource _closing = new();
    private readonly List<Task> _loops = [];
    private readonly Lock _gate = new();
    private volatile RevocationTable _current = RevocationTable.Empty;

    private RevocationLists(
        ImmutableArray<WatchedAuthority> watched,
        int authorities,
        TimeProvider time,
        ILogger? log,
        Action<string, Exception?>? report
    ) => (_watched, _authorities, _time, _log, _report) = (watched, authorities, time, log, report);

    /// <summary>How they stand now.</summary>
    public RevocationStanding Standing
    {
        get
        {
            var now = _time.GetUtcNow();
            var lists = _current.Authorities;
            if (_authorities > 0 && lists.Length == _authorities && lists.All(one => one.Fail == RevocationFailure.Hard && !one.Tells(now)))
                return RevocationStanding.Closed;
            return lists.All(one => one.Faults.IsEmpty && one.CompleteUntil() > now)
                ? RevocationStanding.Complete
                : RevocationStanding.Incomplete;
        }
    }

    /// <summary>What is wrong with the files and addresses, one text each.</summary>
    public ImmutableArray<string> Faults =>
        [.. _current.Authorities.SelectMany(static one => one.Faults.Select(fault => $"revocation of {one.Name}: {fault}"))];

    /// <summary>What somebody should know although calls may come, for readiness; null for nothing.</summary>
    public string? Note
    {
        get
        {
            var now = _time.GetUtcNow();
            var notes = _current
                .Authorities.Where(one => one.CompleteUntil() <= now)
                .Select(static one =>
                    one.Fail == RevocationFailure.Hard
                        ? $"{one.Name}: no list in date for every issuer, what none covers is refused"
                        : $"{one.Name}: no list in date for every issuer, certificates are taken unchecked"
                )
                .Concat(Faults)
                .ToList();
            return notes.Count == 0 ? null : string.Join("; ", notes);
        }
    }

    /// <summary>The lists now: one volatile read.</summary>
    internal RevocationTable Current => _current;

    internal DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Reads the files, and begins to follow them and the addresses. The caller disposes.</summary>
    /// <param name="settings">By name of the authority's set.</param>
    /// <param name="authorities">Certificates by name of the set.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Told what is taken and refused, and when an authority's lists end; null says nothing.</param>
    /// <param name="report">Told how each round of a loop ended; null for nobody.</param>
    /// <param name="book">What the sources brought before this start; null remembers nothing.</param>
    /// <param name="files">Watches the roots of https addresses; null reads them once.</param>
    /// <exception cref="InvalidDataException">The settings name no authority, or ask for what cannot be done.</exception>
    public static RevocationLists Open(
        IReadOnlyDictionary<string, RevocationSettings> settings,
        IReadOnlyDictionary<string, X509Certificate2Collection> authorities,
        TimeProvider time,
        ILogger? log = null,
        Action<string, Exception?>? report = null,
        RevocationBook? book = null,
        WatchedFiles? files = null
    )
    {
        var watched = ImmutableArray.CreateBuilder<WatchedAuthority>();
        foreach (var (name, one) in settings)
        {
            if (!authorities.TryGetValue(name, out var roots))
                throw new InvalidDataException($"revocation of {name}: no client authority has this name");
            one.Check(name);
            watched.Add(
                new WatchedAuthority(
                    name,
                    one,
                    [.. roots.Select(static root => new IssuerCertificate(root))],
                    time,
                    book,
                    Trust(name, one.Trust, files)
                )
            );
        }
        var lists = new RevocationLists(watched.ToImmutable(), authorities.Count, time, log, report);
        lists.Start();
        return lists;
    }

    /// <summary>Takes a changed set of an authority: from the next judgement on, and lists that only the old one signed tell no
    /// longer.</summary>
    /// <param name="name">Name of the set; one without lists is passed over.</param>
    /// <param name="roots">Its certificates now.</param>
    public void Renew(string name, X509Certificate2Collection roots)
    {
        foreach (var authority in _watched.Where(one => one.Name == name))
            authority.Renew([.. roots.Select(static root => new IssuerCertificate(root))]);
        Publish();
    }

    private static Renewed<X509Certificate2Collection>? Trust(string name, string file, WatchedFiles? files) =>
        file.Length == 0 ? null
        : files is null ? new Renewed<X509Certificate2Collection>(CertificateFiles.Roots(file))
        : files.Hold($"revocation of {name}: Trust", [file], () => CertificateFiles.Roots(file));

    /// <inheritdoc />
    public void Dispose()
    {
        All.TryRemove(this, out _);
        _closing.Cancel();
#pragma warning disable VSTHRD002 // the loops end with the wait that was just cancelled
        Task.WhenAll(_loops).Wait();
#pragma warning restore VSTHRD002
        foreach (var authority in _watched)
            authority.Dispose();
        _closing.Dispose();
    }

    private void Start()
    {
        if (_watched.IsEmpty)
            return;
#pragma warning disable VSTHRD002 // before the first request: what the files revoke must be known by then
        Task.Run(() => Task.WhenAll(_watched.SelectMany(authority => authority.Files.Select(file => Look(authority, file))))).Wait();
#pragma warning restore VSTHRD002
        Publish();
        All.TryAdd(this, 0);
        foreach (var authority in _watched)
        {
            foreach (var source in authority.Sources)
                _loops.Add(Task.Run(() => Follow(authority, source)));
            _loops.Add(Task.Run(() => Watch(authority)));
        }
    }

    private async Task Follow(WatchedAuthority authority, RevocationSource source)
    {
        while (!_closing.IsCancellationRequested)
        {
            if (await Look(authority, source))
                Publish();
            await Task.Delay(LookEvery, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> Look(WatchedAuthority authority, RevocationSource source)
    {
        try
        {
            var isNew = await source.Look(_closing.Token);
            if (isNew)
                authority.Tell(source, _log);
            _report?.Invoke(Loop, null);
            return isNew;
        }
        catch (Exception exception)
        {
            if (!_closing.IsCancellationRequested)
                _report?.Invoke(Loop, exception);
            return false;
        }
    }

    /// <summary>
    /// Says once when an authority's lists no longer tell, and once when they do again: an end comes by itself, without any file changing.
    /// </summary>
    private async Task Watch(WatchedAuthority authority)
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                authority.Tell(_time.GetUtcNow(), _log);
                authority.Remember();
                _report?.Invoke(Watcher, null);
            }
            catch (Exception exception)
            {
                _report?.Invoke(Watcher, exception);
            }
            await Task.Delay(LookEvery, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Publish()
    {
        lock (_gate)
            _current = new RevocationTable(_watched.Select(static authority => authority.Now()));
    }
}
