using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using Tokens.Jose;

namespace Tokens.Access;

/// <summary>
/// Keys of one issuer: given in memory, or fetched over https from its configured JWKS address or from the one that its metadata names.
/// Refreshed every ten minutes with an <c>ETag</c>, kept 24 h while the issuer is silent; a key id that is not held triggers one fetch per
/// 30 s, whoever asks. A set without a single key that can be used, by its kind and for an algorithm of this issuer, is no answer: it takes
/// the place of nothing. Thread-safe.
/// </summary>
public sealed class IssuerKeys
{
    /// <summary>A set older than this is fetched again.</summary>
    public static readonly TimeSpan RefreshAfter = TimeSpan.FromMinutes(10);

    /// <summary>A set older than this counts for nothing: fail closed.</summary>
    public static readonly TimeSpan KeepFor = TimeSpan.FromHours(24);

    /// <summary>Least time between two fetches for unknown key ids.</summary>
    public static readonly TimeSpan UnknownKeyPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StartingTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(5);

    /// <summary>An issuer that failed last time is not waited for longer: its tokens, true or forged, hold up nobody.</summary>
    private static readonly TimeSpan SilentPatience = TimeSpan.FromMilliseconds(250);
    private static readonly Meter Meter = new("Tokens.Access");
    private static readonly Counter<long> Fetches = Meter.CreateCounter<long>("jwks.fetches", "{fetch}", "key set fetches, by outcome");

    private readonly Func<KeySet>? _given;
    private readonly string? _issuer;
    private volatile Uri? _address;
    private readonly HttpClient? _http;
    private readonly TimeProvider _time;
    private readonly ILogger? _log;
    private readonly Lock _gate = new();
    private volatile Held? _held;
    private Task? _fetching;
    private long _lastAttempt;
    private bool _attempted;
    private readonly long _began;
    private volatile string? _fault;
    private KeyLoss _said;
    private volatile IReadOnlyList<string> _algorithms = AllowedAlgorithms.All;

    private IssuerKeys(Func<KeySet>? given, Uri? address, string? issuer, HttpClient? http, TimeProvider time, ILogger? log = null)
    {
        (_given, _address, _issuer, _http, _time, _log) = (given, address, issuer, http, time, log);
        _began = time.GetTimestamp();
        Name = issuer ?? address?.ToString() ?? "own";
    }

    /// <summary>Keys held by this process or its configuration; <paramref name="current"/> is asked on every validation.</summary>
    public static IssuerKeys Given(Func<KeySet> current) => new(current, address: null, issuer: null, http: null, TimeProvider.System);

    /// <summary>Keys fetched from <paramref name="jwks"/>.</summary>
    /// <param name="jwks">Address from configuration; https.</param>
    /// <param name="http">Client over <see cref="Transport.OutgoingTls"/>; owned by the caller.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Told when fetches begin to fail, and when they succeed again; null says nothing.</param>
    /// <exception cref="ArgumentException">The address is not https.</exception>
    public static IssuerKeys Fetched(Uri jwks, HttpClient http, TimeProvider time, ILogger? log = null) =>
        jwks.Scheme == Uri.UriSchemeHttps
            ? new(given: null, jwks, issuer: null, http, time, log)
            : throw new ArgumentException("a key set is fetched over https only", nameof(jwks));

    /// <summary>Keys that <paramref name="issuer"/> names in its metadata (RFC 8414, or OpenID Connect Discovery).</summary>
    /// <param name="issuer">Issuer identifier from configuration; https.</param>
    /// <param name="http">Client over <see cref="Transport.OutgoingTls"/>; owned by the caller.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Told when fetches begin to fail, and when they succeed again; null says nothing.</param>
    /// <exception cref="ArgumentException">The issuer is not https.</exception>
    public static IssuerKeys Discovered(string issuer, HttpClient http, TimeProvider time, ILogger? log = null) =>
        new Uri(issuer).Scheme == Uri.UriSchemeHttps
            ? new(given: null, address: null, issuer, http, time, log)
            : throw new ArgumentException("an issuer is reached over https only", nameof(issuer));

    /// <summary>The issuer, or the address of its keys, for people.</summary>
    public string Name { get; }

    /// <summary>
    /// Algorithms that the issuer may use: a set that is fetched must hold a key for one of them. Changes count from the next fetch on.
    /// </summary>
    public IReadOnlyList<string> Algorithms
    {
        get => _algorithms;
        set => _algorithms = value;
    }

    /// <summary>Why the last fetch brought nothing, though older keys may be in force; null when it went well, or none was made.</summary>
    public string? Fault => _fault;

    /// <summary>
    /// The newest set that may hold <paramref name="keyId"/>; an empty set when none can be had. Completes synchronously unless it must
    /// fetch.
    /// </summary>
    public ValueTask<KeySet> For(string keyId)
    {
        if (_given is not null)
            return ValueTask.FromResult(_given());
        var held = _held;
        if (held is not null && Age(held) <= KeepFor && held.Keys.Has(keyId))
        {
            if (Age(held) > RefreshAfter)
                _ = Fetch(FailurePause); // in the background: this call does not wait
            return ValueTask.FromResult(held.Keys);
        }
        return Refetched(held is null || Age(held) > KeepFor ? FailurePause : UnknownKeyPause);
    }

    /// <summary>
    /// A usable key set is at hand. When none is, a fetch is started, so that readiness turns green by itself. Does not block.
    /// </summary>
    public bool IsHeld
    {
        get
        {
            if (_given is not null || (_held is { } held && Age(held) <= KeepFor))
                return true;
            _ = Fetch(FailurePause);
            return false;
        }
    }

    private TimeSpan Age(Held held) => _time.GetElapsedTime(held.At);

    private async ValueTask<KeySet> Refetched(TimeSpan pause)
    {
        // An issuer that is just starting is asked at once, whoever looked before it was up.
        var isStarting = _held is null && _time.GetElapsedTime(_began) < StartingTime;
        var fetch = Fetch(isStarting ? TimeSpan.Zero : pause);
        await (_fault is not null ? Task.WhenAny(fetch, Task.Delay(SilentPatience, _time)) : fetch);
        return _held is { } held && Age(held) <= KeepFor ? held.Keys : KeySet.Empty;
    }

    /// <summary>Joins the fetch under way, or starts one unless the last was less than <paramref name="pause"/> ago.</summary>
    private Task Fetch(TimeSpan pause)
    {
        lock (_gate)
        {
            if (_fetching is { IsCompleted: false })
                return _fetching;
            if (_attempted && _time.GetElapsedTime(_lastAttempt) < pause)
                return Task.CompletedTask;
            (_attempted, _lastAttempt) = (true, _time.GetTimestamp());
            return _fetching = Task.Run(FetchOnce);
        }
    }

    private async Task FetchOnce()
    {
        try
        {
            using var timeout = new CancellationTokenSource(FetchTimeout, _time);
            var address = _address ??= await IssuerMetadata.FindKeys(_issuer!, _http!, timeout.Token);
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Accept.Add(new("application/jwk-set+json"));
            request.Headers.Accept.Add(new("application/json"));
            if (_held?.Tag is { } tag)
                request.Headers.IfNoneMatch.Add(tag);
            using var response = await _http!.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            _held = await Read(response, timeout.Token);
            Tell(fault: null, "ok");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whatever it was, what is held stays in force until it is too old. Messages but our own may quote what was read.
            if (_issuer is not null)
                _address = null; // it may have moved: asked for again
            if (exception is FormatException)
                Tell(exception.Message, "unusable");
            else
                Tell($"it cannot be fetched ({exception.GetBaseException().GetType().Name})", "failed");
        }
    }

    private void Tell(string? fault, string outcome)
    {
        _fault = fault;
        Fetches.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        // Whatever else becomes the reason meanwhile: a line when it begins, when the last key is lost, and when it is over. Programs of
        // one node start side by side: an issuer that is not up yet is no error until a minute has passed.
        var (before, now) = (
            _said,
            fault is null ? KeyLoss.None
            : _held is { } held
                ? Age(held) <= KeepFor ? KeyLoss.NotRenewed
                    : KeyLoss.Lost
            : _time.GetElapsedTime(_began) < StartingTime ? KeyLoss.Starting
            : KeyLoss.Lost
        );
        if (now == before)
            return;
        _said = now;
        if (now == KeyLoss.None)
            _log?.LogInformation("The keys of {Issuer} can be fetched again", Name);
        else if (now == KeyLoss.Starting)
            _log?.LogInformation(
                "The keys of {Issuer} cannot be had yet: {Words}. It may be starting too, and is asked again",
                Name,
                fault
            );
        else if (now == KeyLoss.NotRenewed)
            _log?.LogWarning("The keys of {Issuer} are not renewed: {Words}. Those held stay for a day from their fetch", Name, fault);
        else
            _log?.LogError("No key of {Issuer} can be had: {Words}. Its tokens cannot be judged until there is one", Name, fault);
    }

    private async Task<Held> Read(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.StatusCode == HttpStatusCode.NotModified && _held is { } same)
            return same with { At = _time.GetTimestamp() };
        if (response.StatusCode != HttpStatusCode.OK)
            throw new FormatException("the key set was not answered with 200");
        var keys = KeySet.Parse(Encoding.UTF8.GetString((await IssuerMetadata.Body(response, cancellation)).Span));
        if (!keys.Keys.Any(key => _algorithms.Contains(key.Alg, StringComparer.Ordinal)))
            throw new FormatException("the key set holds no key that can be used");
        return new Held(keys, response.Headers.ETag, _time.GetTimestamp());
    }

    private enum KeyLoss
    {
        None,
        Starting,
        NotRenewed,
        Lost,
    }

    private sealed record Held(KeySet Keys, EntityTagHeaderValue? Tag, long At);
}
