using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Tokens.Jose;

namespace Authority.Keys;

/// <summary>Times of the ring (authority page, section 10).</summary>
public sealed record KeyRingOptions
{
    /// <summary>A key is published this long before it signs: more than twice the cache time of the key set.</summary>
    public TimeSpan AnnounceFor { get; set; } = TimeSpan.FromHours(24);
    /// <summary>A key signs this long before the next one does.</summary>
    public TimeSpan SignFor { get; set; } = TimeSpan.FromDays(90);
    /// <summary>A key stays published this long after it stopped signing: the longest token, plus one cache time of the key set.</summary>
    public TimeSpan PublishAfter { get; set; } = TokenComposer.Lifetime + Metadata.KeyCacheTime;
    /// <summary>Time between looks at the schedule and at what other nodes changed.</summary>
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>
/// The ES256 keys that sign tokens: announced, then signing, then retired, then gone. Rotation under load drops no request, for which key
/// signs is decided per token from the clock. Thread-safe; several nodes may share the folder.
/// </summary>
public sealed class KeyRing : IDisposable
{
    private readonly RingFile _file;
    private readonly KeyRingOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SigningKey> _keys = new(StringComparer.Ordinal);
    private ImmutableArray<RingEntry> _entries;
    private DateTime _readAt;
    private volatile View _view;

    private KeyRing(RingFile file, KeyRingOptions options, TimeProvider time)
    {
        (_file, _options, _time) = (file, options, time);
        if (!file.Exists) using (file.Lock()) if (!file.Exists) Add(signsFrom: time.GetUtcNow(), []);
        using (file.Lock()) SharedSecret = file.ReadOrMakeSecret();
        Load();
        var now = time.GetUtcNow();
        if (_entries.Any(entry => entry.Announced > now)) throw new InvalidOperationException("the clock is earlier than the newest change of the key ring");
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

    /// <summary>32 random bytes that all nodes of the ring share, for nonces.</summary>
    internal byte[] SharedSecret { get; }

    /// <summary>Opens the ring; makes the first key when the folder is new.</summary>
    /// <param name="directory">State folder.</param>
    /// <param name="passphrase">The deployment's secret; not empty.</param>
    /// <param name="options">Times.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="InvalidOperationException">A key file can be read by others, or does not hold its key; one id twice; the clock is behind.</exception>
    /// <exception cref="CryptographicException">The passphrase is not the one.</exception>
    public static KeyRing Open(string directory, string passphrase, KeyRingOptions options, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(passphrase);
        return new(new RingFile(directory, passphrase), options, time);
    }

    /// <summary>Announces the next key now; it signs after <see cref="KeyRingOptions.AnnounceFor"/>.</summary>
    /// <returns>Id of the next key.</returns>
    public string Rotate()
    {
        lock (_gate)
        {
            using (_file.Lock())
            {
                Load();
                return Add(_time.GetUtcNow() + _options.AnnounceFor, _entries);
            }
        }
    }

    private bool IsDue(DateTimeOffset now) => _entries.Max(static entry => entry.SignsFrom) + _options.SignFor - _options.AnnounceFor <= now;

    /// <summary>Another node may have done it in the meantime: looked at again under the lock.</summary>
    private void RotateIfDue(DateTimeOffset now)
    {
        if (!IsDue(now)) return;
        using (_file.Lock())
        {
            Load();
            if (IsDue(now)) Add(now + _options.AnnounceFor, _entries);
        }
    }

    /// <summary>Takes a key out at once; the next one signs immediately. Tokens that it signed must be stopped by the status list.</summary>
    public void Compromise(string keyId)
    {
        lock (_gate)
        {
            using (_file.Lock())
            {
                Load();
                var now = _time.GetUtcNow();
                var rest = _entries.RemoveAll(entry => entry.Kid == keyId);
                var next = rest.FirstOrDefault(entry => entry.SignsFrom > now);
                if (rest.Any(entry => entry.SignsFrom <= now)) Save(rest);
                else if (next is not null) Save(rest.Replace(next, next with { SignsFrom = now }));
                else Add(now, rest);
                _file.DeleteKey(keyId);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate) foreach (var key in _keys.Values) key.Dispose();
    }

    private View ViewNow()
    {
        var view = _view;
        var now = _time.GetUtcNow();
        if (now < view.Until) return view;
        lock (_gate) return _view = MakeView(now);
    }

    /// <summary>Takes over what other nodes wrote, keeps the schedule, and drops what is gone.</summary>
    private void Look()
    {
        lock (_gate)
        {
            try
            {
                if (_file.ChangedAt != _readAt) Load();
                var now = _time.GetUtcNow();
                RotateIfDue(now);
                _view = MakeView(now);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or CryptographicException or InvalidOperationException or Ledger.DurabilityLost)
            {
                // What is held stays in force; the next look tries again.
            }
        }
    }

    private string Add(DateTimeOffset signsFrom, ImmutableArray<RingEntry> entries)
    {
        var key = SigningKey.New();
        _file.WriteKey(key);
        _keys.Add(key.KeyId, key);
        Save([.. entries.Where(entry => !IsGone(entry, entries, _time.GetUtcNow())), new RingEntry(key.KeyId, _time.GetUtcNow(), signsFrom)]);
        return key.KeyId;
    }

    private void Save(ImmutableArray<RingEntry> entries)
    {
        _file.Write(entries);
        Load();
        _view = MakeView(_time.GetUtcNow());
    }

    private void Load()
    {
        var changed = _file.ChangedAt;
        _entries = _file.Read();
        foreach (var entry in _entries)
            if (!_keys.ContainsKey(entry.Kid)) _keys.Add(entry.Kid, _file.ReadKey(entry.Kid));
        _readAt = changed;
    }

    /// <summary>Retired, and its last token and the last cached key set have expired.</summary>
    private bool IsGone(RingEntry entry, ImmutableArray<RingEntry> entries, DateTimeOffset now) =>
        entries.Any(younger => younger.SignsFrom > entry.SignsFrom && younger.SignsFrom + _options.PublishAfter <= now);

    private View MakeView(DateTimeOffset now)
    {
        var published = _entries.RemoveAll(entry => IsGone(entry, _entries, now));
        var signing = published.Where(entry => entry.SignsFrom <= now).MaxBy(static entry => entry.SignsFrom)
            ?? throw new InvalidOperationException("the key ring has no signing key");
        var changes = _entries.SelectMany(entry => new[] { entry.SignsFrom, entry.SignsFrom + _options.PublishAfter }).Where(change => change > now);
        var jwks = WriteJwks([.. published.Select(entry => _keys[entry.Kid])]);
        return new(_keys[signing.Kid], jwks, $"\"{Base64Url.EncodeToString(SHA256.HashData(jwks).AsSpan(0, 16))}\"",
            KeySet.Parse(System.Text.Encoding.UTF8.GetString(jwks)), changes.DefaultIfEmpty(DateTimeOffset.MaxValue).Min());
    }

    private static byte[] WriteJwks(ImmutableArray<SigningKey> keys)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys");
            foreach (var key in keys)
            {
                json.WriteStartObject();
                json.WriteString("kty", "EC");
                json.WriteString("crv", "P-256");
                json.WriteString("x", key.X);
                json.WriteString("y", key.Y);
                json.WriteString("use", "sig");
                json.WriteString("alg", AllowedAlgorithms.ES256);
                json.WriteString("kid", key.KeyId);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private sealed record View(SigningKey Signing, byte[] Jwks, string ETag, KeySet Public, DateTimeOffset Until);
}
