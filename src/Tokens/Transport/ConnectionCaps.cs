using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Tokens.Transport;

/// <summary>Figures of <see cref="ConnectionCaps"/> (hardening page, section 5.2).</summary>
public sealed record ConnectionCapOptions
{
    /// <summary>Open connections of the process.</summary>
    public int Open { get; set; } = 5000;
    /// <summary>Open connections of one source address.</summary>
    public int OpenPerAddress { get; set; } = 32;
    /// <summary>New connections of one source address, per second.</summary>
    public double NewPerSecond { get; set; } = 20;
    /// <summary>New connections of one source address at once.</summary>
    public int Burst { get; set; } = 50;
    /// <summary>Handshakes under way: the dearest thing a stranger can ask for.</summary>
    public int Handshakes { get; set; } = 4 * Environment.ProcessorCount;
}

/// <summary>
/// Bounds on connections, decided before TLS from counters alone. Bounded memory: an address is forgotten when it has no open connection
/// and its bucket is full again. Thread-safe.
/// </summary>
public sealed class ConnectionCaps(ConnectionCapOptions options, TimeProvider time)
{
    private static readonly Meter Meter = new("Tokens.Transport.Caps");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("connections.refused", "{connection}", "connections aborted before TLS, by cap");
    private readonly ConcurrentDictionary<IPAddress, Source> _sources = new();
    private int _open;
    private int _handshakes;

    /// <summary>Addresses remembered now.</summary>
    public int Remembered => _sources.Count;

    internal bool TryAdmit(ConnectionContext connection, [NotNullWhen(true)] out Seat? seat) =>
        TryAdmit((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None, out seat);

    /// <summary>Takes a place for a connection from <paramref name="address"/>; false when a cap is reached.</summary>
    public bool TryAdmit(IPAddress address, [NotNullWhen(true)] out Seat? seat)
    {
        seat = null;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (Interlocked.Increment(ref _open) > options.Open) return Refuse("open", ref _open);
        if (Interlocked.Increment(ref _handshakes) > options.Handshakes)
        {
            Interlocked.Decrement(ref _open);
            return Refuse("handshakes", ref _handshakes);
        }
        var cap = Enter(address);
        if (cap is not null)
        {
            Interlocked.Decrement(ref _open);
            return Refuse(cap, ref _handshakes);
        }
        seat = new Seat(this, address);
        return true;
    }

    private static bool Refuse(string cap, ref int counter)
    {
        Interlocked.Decrement(ref counter);
        Refused.Add(1, new KeyValuePair<string, object?>("cap", cap));
        return false;
    }

    private string? Enter(IPAddress address)
    {
        while (true)
        {
            var source = _sources.GetOrAdd(address, static (_, state) => new Source { Tokens = state.Burst, At = state.Now }, (options.Burst, Now: time.GetTimestamp()));
            lock (source)
            {
                if (source.Gone) continue;
                Refill(source);
                if (source.Open >= options.OpenPerAddress) return "address";
                if (source.Tokens < 1) return "rate";
                source.Tokens -= 1;
                source.Open += 1;
                return null;
            }
        }
    }

    private void Leave(IPAddress address)
    {
        Interlocked.Decrement(ref _open);
        if (!_sources.TryGetValue(address, out var source)) return;
        lock (source) source.Open -= 1;
        if (_sources.Count > options.Open) Forget();
    }

    /// <summary>Drops addresses that owe nothing; called when there are more of them than connections may be open.</summary>
    private void Forget()
    {
        foreach (var (address, source) in _sources)
        {
            lock (source)
            {
                Refill(source);
                if (source.Open > 0 || source.Tokens < options.Burst) continue;
                source.Gone = true;
            }
            _sources.TryRemove(address, out _);
        }
    }

    private void Refill(Source source)
    {
        var now = time.GetTimestamp();
        source.Tokens = Math.Min(options.Burst, source.Tokens + time.GetElapsedTime(source.At, now).TotalSeconds * options.NewPerSecond);
        source.At = now;
    }

    private sealed class Source
    {
        public double Tokens;
        public long At;
        public int Open;
        public bool Gone;
    }

    /// <summary>The place of one connection; disposed when it closes.</summary>
    public sealed class Seat : IDisposable
    {
        private readonly ConnectionCaps _caps;
        private readonly IPAddress _address;
        private int _handshaking = 1;
        private int _left;

        internal Seat(ConnectionCaps caps, IPAddress address) => (_caps, _address) = (caps, address);

        /// <summary>The handshake is over, well or badly. Idempotent.</summary>
        public void HandshakeDone()
        {
            if (Interlocked.Exchange(ref _handshaking, 0) == 1) Interlocked.Decrement(ref _caps._handshakes);
        }

        /// <inheritdoc />
        public void Dispose()
        {
            HandshakeDone();
            if (Interlocked.Exchange(ref _left, 1) == 0) _caps.Leave(_address);
        }
    }
}
