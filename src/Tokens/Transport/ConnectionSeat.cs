using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Tokens.Transport;

/// <summary>How far a connection has come.</summary>
internal enum ConnectionPhase
{
    /// <summary>It has not sent a byte.</summary>
    Silent,

    /// <summary>Its handshake has begun.</summary>
    Handshaking,

    /// <summary>Its handshake is over.</summary>
    Established,
}

/// <summary>
/// The place of one connection, disposed when it closes, and its turns to compute. A turn is taken when bytes of the handshake have
/// come and given back when the next ones are waited for: so a connection that is silent, that dribbles, or that leaves its handshake
/// half way keeps nobody waiting. The first turn is taken off the bucket of its source.
/// </summary>
public sealed class ConnectionSeat : IDisposable
{
    private readonly ConnectionCaps _caps;
    private readonly ConnectionContext? _connection;
    private volatile ConnectionPhase _phase;
    private long _heard;
    private bool _computes;
    private int _closed;

    internal ConnectionSeat(ConnectionCaps caps, ConnectionSource source, ConnectionContext? connection, long now) =>
        (_caps, Source, _connection, Began, _heard) = (caps, source, connection, now, now);

    internal ConnectionSource Source { get; }
    internal ConnectionPhase Phase => _phase;

    /// <summary>It has lost its place to a newcomer and closes after the request under way. Changes under the lock of the caps.</summary>
    internal bool IsLeaving { get; set; }

    /// <summary>When it was admitted.</summary>
    internal long Began { get; }

    /// <summary>When it was last heard from.</summary>
    internal long Heard => Volatile.Read(ref _heard);

    /// <summary>The handshake is over. Idempotent.</summary>
    public void HandshakeDone()
    {
        _phase = ConnectionPhase.Established;
        Wait();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 1)
            return;
        Wait();
        _caps.Close(this);
    }

    /// <summary>It has sent something; one look at the clock, for it is called for every read.</summary>
    internal void Hear() => Volatile.Write(ref _heard, _caps.Now);

    /// <summary>Bytes of the handshake have come: waits for the turn to compute.</summary>
    internal async ValueTask Compute(CancellationToken cancellation)
    {
        // Whoever hangs up or is displaced meanwhile waits no longer.
        var closed = _connection?.ConnectionClosed ?? CancellationToken.None;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, closed);
        if (_phase == ConnectionPhase.Silent)
        {
            _phase = ConnectionPhase.Handshaking;
            if (_caps.Spend(Source) is var pause && pause > TimeSpan.Zero)
                await Pause(pause, either.Token);
        }
        await _caps.Turns.Take(Source.Address, either.Token);
        _computes = true;
    }

    /// <summary>The next bytes are the other side's business: the turn goes to whoever waits for it.</summary>
    internal void Wait()
    {
        if (!_computes)
            return;
        _computes = false;
        _caps.Turns.Give();
    }

    /// <summary>Makes room: at once while nothing was agreed, after the request under way otherwise.</summary>
    internal void Leave()
    {
        var lifetime = IsLeaving ? _connection?.Features.Get<IConnectionLifetimeNotificationFeature>() : null;
        if (lifetime is not null)
            lifetime.RequestClose();
        else
            _connection?.Abort();
    }

    private async Task Pause(TimeSpan pause, CancellationToken cancellation)
    {
        try
        {
            await _caps.Pause(pause, cancellation);
        }
        catch (OperationCanceledException)
        {
            _caps.Return(Source);
            throw;
        }
    }
}
