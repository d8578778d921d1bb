using System.Collections.Concurrent;
using Agreements;

namespace Gateway.Admission;

/// <summary>
/// What one registered client uses of its limits on this node: calls of the last second and open connections. It outlives a change of the
/// law.
/// </summary>
internal sealed class ClientShare(TimeProvider time)
{
    private int _connections;

    /// <summary>Its calls.</summary>
    public CallRate Rate { get; } = new(time);

    /// <summary>Counts a connection; false when it has as many as it may.</summary>
    public bool TryConnect(int most)
    {
        if (Interlocked.Increment(ref _connections) <= most)
            return true;
        Disconnect();
        return false;
    }

    /// <summary>A connection was closed.</summary>
    public void Disconnect() => Interlocked.Decrement(ref _connections);
}

/// <summary>Shares of all clients that have called since the start.</summary>
internal sealed class ClientShares(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, ClientShare> _shares = new(StringComparer.Ordinal);

    /// <summary>The share of a registered client.</summary>
    public ClientShare Of(Client client) => _shares.GetOrAdd(client.Id, static (_, clock) => new ClientShare(clock), time);
}
