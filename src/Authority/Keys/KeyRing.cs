using System.Collections.Immutable;
using System.Security.Cryptography;
using Ledger;
using Tokens.Jose;

namespace Authority.Keys;

/// <summary>
/// The ES256 keys that sign tokens: announced, then signing, then retired, then gone. Rotation under load drops no request, for which key
/// signs is decided per token from the clock. Thread-safe; several nodes and <c>gatewayctl</c> may share the folder: a change by one is
/// seen by the others at their next look, and one lock keeps two changes apart.
/// </summary>
public sealed class KeyRing : IDisposable
{
    private const string Loop = "key-ring";
    private volatile RingFile _file;
    private readonly KeyRingOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SigningKey> _keys = new(StringComparer.Ordinal);
    private ImmutableArray<RingEntry> _entries = [];
    private byte[] _read = [];
    private volatile RingView _view;

    private KeyRing(RingFile file, KeyRingOptions options, TimeProvider time)
    {
        (_file, _options, _time) = (file, options, time);
        if (!file.Exists)
            using (file.Lock())
                if (!file.Exists)
                    Add(signsFrom: time.GetUtcNow(), [], by: null);
        using (file.Lock())
            SharedSecret = file.ReadOrMakeSecret();
        Load();
        var now = time.GetUtcNow();
        if (_entries.Any(entry => entry.Announced > now))
            throw new InvalidOperationException("the clock is earlier than the newest change of the key ring");
        _view = MakeView(now);
        _timer = time.CreateTimer(_ => Look(), state: null, options.LookEvery, options.LookEvery);
    }

    /// <summary>The key that signs now.</summary>
    public SigningKey Signing => ViewNow().Signing;

    /// <summary>The key set now: public members alone, written one by one.</summary>
    public ReadOnlyMemory<byte> Jwks => ViewNow().Jwks;

    /// <summary>Strong entity tag of <see cref="Jwks"/>.</summary>
    public string ETag => ViewNow().ETag;

    /// <summary>The key set as verifiers in this process use it.</summary>
    public KeySet PublicKeys => ViewNow().Public;

    /// <summary>All keys of the ring now, the oldest first, compromised ones included until they are forgotten.</summary>
    public ImmutableArray<RingKey> Keys
    {
        get
        {
            lock (_gate)
                return RingKey.Of(_entries, _options, _time.GetUtcNow());
        }
    }

    /// <summary>Is told how each look at the folder ended.</summary>
    internal LoopReport? Report { get; set; }

    /// <summary>32 random bytes that all nodes of the ring share, for nonces.</summary>
    internal byte[] SharedSecret { get; }

    /// <summary>The ring's folder in a state folder.</summary>
    internal static string FolderIn(string state) => Path.Combine(state, "keys");

    /// <summary>Opens the ring; makes the first key when the folder is new.</summary>
    /// <param name="directory">State folder.</param>
    /// <param name="passphrase">The deployment's secret; not empty.</param>
    /// <param name="options">Times.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="InvalidOperationException">
    /// No signing key, or one past its time; a key file does not hold its key; one id twice; the clock is behind.
    /// </exception>
    /// <exception cref="SecretFileRefused">A key file can be read or changed by others.</exception>
    /// <exception cref="CryptographicException">The passphrase is not the one.</exception>
    public static KeyRing Open(string directory, string passphrase, KeyRingOptions options, TimeProvider time)
    {
        var ring = OpenForChange(directory, passphrase, options, time);
        var (signing, now) = (ring.Keys.First(static key => key.State == KeyState.Signing), time.GetUtcNow());
        if (signing.SignsFrom + options.SignFor + options.AnnounceFor >= now)
            return ring;
        if (options.ReplacesPastKey)
        {
            ring.Rotate(atOnce: true);
            return ring;
        }
        ring.Dispose();
        throw new InvalidOperationException(
            "the signing key of the ring is past its time: run 'gatewayctl keys rotate --at-once' and start again"
        );
    }

    /// <summary>As <see cref="Open"/>, for the command that mends a ring: a key past its time is no reason to refuse.</summary>
    public static KeyRing OpenForChange(string directory, string passphrase, KeyRingOptions options, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(passphrase);
        return new(new RingFile(directory, passphrase), options, time);
    }

    /// <summary>Why this passphrase is not the ring's; null when it is.</summary>
    internal string? WhyNot(string passphrase)
    {
        try
        {
            _file.With(passphrase).ReadKey(Signing.KeyId);
            return null;
        }
        catch (Exception fault)
            when (fault is CryptographicException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return "it does not open the key ring: the ring is written anew under a passphrase, and then the file";
        }
    }

    /// <summary>Takes another passphrase, under which the keys on disk were written meanwhile.</summary>
    internal void Renew(string passphrase)
    {
        lock (_gate)
            _file = _file.With(passphrase);
    }

    /// <summary>The keys of a ring without its passphrase: ids, states and times.</summary>
    /// <exception cref="IOException">There is no ring.</exception>
    public static ImmutableArray<RingKey> List(string directory, KeyRingOptions options, TimeProvider time) =>
        RingKey.Of(RingFile.Parse(new RingFile(directory, "").ReadBytes()), options, time.GetUtcNow());

    /// <summary>Announces the next key now; it signs after <see cref="KeyRingOptions.AnnounceFor"/>.</summary>
    /// <param name="by">Who ordered it; null for the program itself.</param>
    /// <param name="atOnce">Signs from now on, announced to nobody: for a ring whose last key is past its time.</param>
    /// <returns>Id of the next key.</returns>
    /// <exception cref="InvalidOperationException">A key is announced already: one rotation at a time.</exception>
    public string Rotate(string? by = null, bool atOnce = false) =>
        Change(now =>
        {
            if (_entries.FirstOrDefault(entry => entry.Compromised is null && entry.SignsFrom > now) is { } waiting)
                throw new InvalidOperationException(
                    $"key {waiting.Kid} is announced already and signs from {waiting.SignsFrom:u}: one rotation at a time"
                );
            return Add(atOnce ? now : now + _options.AnnounceFor, _entries, by);
        });

    /// <summary>
    /// Takes a key out at once; the next one signs immediately. Tokens that it signed must be stopped by the status list.
    /// </summary>
    /// <param name="keyId">Its id.</param>
    /// <param name="by">Who ordered it.</param>
    /// <returns>Id of the key that signs from now on.</returns>
    /// <exception cref="InvalidOperationException">The ring has no such key.</exception>
    public string Compromise(string keyId, string? by = null) =>
        Change(now =>
        {
            var taken = _entries.FirstOrDefault(entry => entry.Kid == keyId)
                ?? throw new InvalidOperationException($"the ring has no key {keyId}");
            var isSigning = RingKey.StateOf(taken, _entries, _options, now) == KeyState.Signing;
            var entries = _entries.Replace(taken, taken with { Compromised = taken.Compromised ?? now, By = by });
            if (!isSigning)
                Save(entries);
            else if (entries.FirstOrDefault(entry => entry.Compromised is null && entry.SignsFrom > now) is { } next)
                Save(entries.Replace(next, next with { SignsFrom = now, By = by }));
            else
                Add(now, entries, by);
            return _view.Signing.KeyId;
        });

    /// <inheritdoc />
    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
            foreach (var key in _keys.Values)
                key.Dispose();
    }

    /// <summary>One change at a time over all nodes, on what the ring says now.</summary>
    private string Change(Func<DateTimeOffset, string> change)
    {
        lock (_gate)
        {
            using var held = _file.Lock();
            Load();
            return change(_time.GetUtcNow());
        }
    }

    private bool IsDue(DateTimeOffset now) =>
        _entries.Where(static entry => entry.Compromised is null).Max(static entry => entry.SignsFrom)
            + _options.SignFor
            - _options.AnnounceFor
        <= now;

    /// <summary>Another node may have done it in the meantime: looked at again under the lock.</summary>
    private void RotateIfDue(DateTimeOffset now)
    {
        if (!IsDue(now))
            return;
        using (_file.Lock())
        {
            Load();
            if (IsDue(now))
                Add(now + _options.AnnounceFor, _entries, by: null);
        }
    }

    private RingView ViewNow()
    {
        var view = _view;
        if (_time.GetUtcNow() < view.Until)
            return view;
        // The time is taken again inside: whoever waited for the gate must not ask for the keys of before a rotation.
        lock (_gate)
            return _view = MakeView(_time.GetUtcNow());
    }

    /// <summary>Takes over what other nodes wrote, and keeps the schedule.</summary>
    private void Look()
    {
        lock (_gate)
        {
            try
            {
                Load();
                var now = _time.GetUtcNow();
                RotateIfDue(now);
                _view = MakeView(now);
            }
            catch (Exception exception)
            {
                // What is held stays in force; the next look tries again. An exception that left the timer would end the program.
                Report?.Invoke(Loop, exception);
                return;
            }

            Report?.Invoke(Loop, null);
        }
    }

    /// <summary>Key first, ring second: a crash between leaves a file that no ring names, and the next change deletes it.</summary>
    private string Add(DateTimeOffset signsFrom, ImmutableArray<RingEntry> entries, string? by)
    {
        var key = SigningKey.New();
        _file.WriteKey(key);
        _keys.Add(key.KeyId, key);
        Save([.. entries, new RingEntry(key.KeyId, _time.GetUtcNow(), signsFrom) { By = by }]);
        return key.KeyId;
    }

    private void Save(ImmutableArray<RingEntry> entries)
    {
        var now = _time.GetUtcNow();
        ImmutableArray<RingEntry> kept =
        [
            .. entries.Where(entry =>
                RingKey.StateOf(entry, entries, _options, now) is not KeyState.Gone && !(entry.Compromised + _options.PublishAfter < now)
            ),
        ];
        _file.Write(kept);
        _file.DeleteOthers(kept);
        Load();
        _view = MakeView(now);
    }

    private void Load()
    {
        var bytes = _file.ReadBytes();
        if (bytes.AsSpan().SequenceEqual(_read))
            return;
        var entries = RingFile.Parse(bytes);
        foreach (var entry in entries)
            if (entry.Compromised is null && !_keys.ContainsKey(entry.Kid))
                _keys.Add(entry.Kid, _file.ReadKey(entry.Kid));
        (_entries, _read) = (entries, bytes);
    }

    private RingView MakeView(DateTimeOffset now)
    {
        var states = _entries.ToLookup(entry => RingKey.StateOf(entry, _entries, _options, now));
        var signing = states[KeyState.Signing].MaxBy(static entry => entry.SignsFrom)
            ?? throw new InvalidOperationException("the key ring has no signing key");
        var published = states[KeyState.Retired]
            .Concat(states[KeyState.Signing])
            .Concat(states[KeyState.Announced])
            .OrderBy(static entry => entry.SignsFrom);
        var changes = _entries
            .SelectMany(entry => new[] { entry.SignsFrom, entry.SignsFrom + _options.PublishAfter })
            .Where(change => change > now);
        return RingView.Of(
            _keys[signing.Kid],
            [.. published.Select(entry => _keys[entry.Kid])],
            changes.DefaultIfEmpty(DateTimeOffset.MaxValue).Min()
        );
    }
}
