using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Connections;

namespace Tokens.Transport;

/// <summary>Figures of <see cref="ConnectionCaps"/> (hardening page, section 5.2). A source is an IPv4 address or a /64 network.</summary>
public sealed record ConnectionCapOptions
{
    /// <summary>Open connections of a listener.</summary>
    public int Open { get; set; } = 5000;

    /// <summary>Open connections of one source at a listener.</summary>
    public int OpenPerAddress { get; set; } = 32;

    /// <summary>Handshakes of one source, per second; more of them wait.</summary>
    public double NewPerSecond { get; set; } = 20;

    /// <summary>Handshakes of one source at once.</summary>
    public int Burst { get; set; } = 50;

    /// <summary>
    /// Handshakes that compute at once: the dearest thing a stranger can ask for. More of them wait for the turn of their source.
    /// </summary>
    public int Handshakes { get; set; } = 4 * Environment.ProcessorCount;
}

/// <summary>
/// Bounds on the connections of one listener, by source, decided before TLS. Nobody keeps a place by being silent: where a cap is reached,
/// the newcomer takes the place of one that has been silent, of its own source, or of the source that holds most when the listener is full.
/// Handshakes are bounded by turns that listeners share (<see cref="ConnectionSeat"/>). Bounded memory: a source is forgotten when it has
/// no connection and its bucket is full again. Thread-safe.
/// </summary>
public sealed class ConnectionCaps
{
    private static readonly Meter Meter = new("Tokens.Transport.Caps");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "connections.refused",
        "{connection}",
        "connections aborted before TLS, by cap"
    );
    private static readonly Counter<long> Displaced = Meter.CreateCounter<long>(
        "connections.displaced",
        "{connection}",
        "silent connections that made room for another, by what they were"
    );
    private readonly ConnectionCapOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<SourceAddress, ConnectionSource> _sources = [];
    private int _open;
    private long _forgotten;

    /// <summary>The caps of a first listener.</summary>
    public ConnectionCaps(ConnectionCapOptions options, TimeProvider time)
        : this(options, time, new FairTurns(options.Handshakes)) { }

    private ConnectionCaps(ConnectionCapOptions options, TimeProvider time, FairTurns turns) =>
        (_options, _time, Turns) = (options, time, turns);

    /// <summary>
    /// The caps of another listener of the process: places of its own, for who comes there need not be of the same kind; the same turns.
    /// </summary>
    public ConnectionCaps Beside() => new(_options, _time, Turns);

    /// <summary>Sources remembered now.</summary>
    public int Remembered
    {
        get
        {
            lock (_gate)
                return _sources.Count;
        }
    }

    internal FairTurns Turns { get; }
    internal long Now => _time.GetTimestamp();

    /// <summary>
    /// Takes a place for a connection from <paramref name="address"/>; false when a cap is reached and nobody there is silent.
    /// </summary>
    /// <param name="address">Where it comes from.</param>
    /// <param name="connection">The connection; null only where a test has none.</param>
    /// <param name="seat">The place.</param>
    public bool TryAdmit(SourceAddress address, ConnectionContext? connection, [NotNullWhen(true)] out ConnectionSeat? seat)
    {
        seat = null;
        ConnectionSeat? leaver = null;
        lock (_gate)
        {
            var source = Find(address);
            if (source.Open >= _options.OpenPerAddress)
            {
                if ((leaver = Leaver(source)) is null)
                    return Refuse("address");
            }
            else if (_open >= _options.Open)
            {
                if (Largest() is not { } largest || largest.Open <= source.Open || (leaver = Leaver(largest)) is null)
                    return Refuse("open");
            }
            if (leaver is not null)
                Displace(leaver);
            seat = source.Add(new ConnectionSeat(this, source, connection, _time.GetTimestamp()));
            _open++;
        }
        leaver?.Leave();
        return true;
    }

    /// <summary>
    /// Takes one handshake off the bucket of a source. What has to be waited for until it is filled up to that; zero as a rule.
    /// </summary>
    internal TimeSpan Spend(ConnectionSource source)
    {
        lock (_gate)
        {
            Refill(source);
            return --source.Tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-source.Tokens / _options.NewPerSecond);
        }
    }

    /// <summary>Gives back what was spent on a handshake that did not begin.</summary>
    internal void Return(ConnectionSource source)
    {
        lock (_gate)
            source.Tokens += 1;
    }

    internal Task Pause(TimeSpan pause, CancellationToken cancellation) => Task.Delay(pause, _time, cancellation);

    internal void Close(ConnectionSeat seat)
    {
        lock (_gate)
        {
            if (seat.Source.Remove(seat))
                _open--;
            ForgetIfIdle(seat.Source);
            if (_sources.Count > _options.Open && _time.GetElapsedTime(_forgotten) >= TimeSpan.FromSeconds(1))
                Forget();
        }
    }

    private bool Refuse(string cap)
    {
        Refused.Add(1, new KeyValuePair<string, object?>("cap", cap));
        return false;
    }

    // As many may be leaving as may be there: then it is not silence that fills the room.
    private ConnectionSeat? Leaver(ConnectionSource source) => source.Leaving >= _options.OpenPerAddress ? null : source.Longest(_time);

    private void Displace(ConnectionSeat leaver)
    {
        Displaced.Add(1, new KeyValuePair<string, object?>("phase", leaver.Phase.ToString()));
        leaver.Source.Displace(leaver);
        _open--;
    }

    private ConnectionSource? Largest()
    {
        ConnectionSource? largest = null;
        foreach (var source in _sources.Values)
            if (largest is null || source.Open > largest.Open)
                largest = source;
        return largest;
    }

    private ConnectionSource Find(SourceAddress address)
    {
        if (_sources.TryGetValue(address, out var source))
            return source;
        source = new ConnectionSource(address) { Tokens = _options.Burst, At = _time.GetTimestamp() };
        _sources.Add(address, source);
        return source;
    }

    private void Forget()
    {
        _forgotten = _time.GetTimestamp();
        foreach (var source in _sources.Values)
            ForgetIfIdle(source);
    }

    private void ForgetIfIdle(ConnectionSource source)
    {
        Refill(source);
        if (source is { Open: 0, Leaving: 0 } && source.Tokens >= _options.Burst)
            _sources.Remove(source.Address);
    }

    private void Refill(ConnectionSource source)
    {
        var now = _time.GetTimestamp();
        source.Tokens = Math.Min(_options.Burst, source.Tokens + _time.GetElapsedTime(source.At, now).TotalSeconds * _options.NewPerSecond);
        source.At = now;
    }
}
