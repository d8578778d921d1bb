using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace Tokens.Transport;

/// <summary>
/// Connects to one of several addresses of a server (RFC 8305): the next is tried as soon as one fails, or has been silent for a moment,
/// without giving that one up. The first that answers wins; the others are closed.
/// </summary>
public static class AddressRace
{
    private static readonly TimeSpan Head = TimeSpan.FromMilliseconds(250),
        Usual = TimeSpan.FromSeconds(2);

    /// <summary>A connection to any address of the server, for a <see cref="SocketsHttpHandler"/> without rules about addresses.</summary>
    public static async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var server = context.DnsEndPoint;
        var addresses = await Dns.GetHostAddressesAsync(server.Host, cancellation);
        return new NetworkStream(await Connect([.. InTurn(addresses)], server.Port, Usual, cancellation), ownsSocket: true);
    }

    /// <summary>The winner's socket.</summary>
    /// <param name="addresses">Whom to try, in this order; at least one.</param>
    /// <param name="port">Port of all of them.</param>
    /// <param name="patience">Time for all together. The last is tried when at most half of it is gone.</param>
    /// <param name="cancellation">Ends all of it.</param>
    /// <exception cref="SocketException">None answers.</exception>
    public static async Task<Socket> Connect(
        IReadOnlyList<IPAddress> addresses,
        int port,
        TimeSpan patience,
        CancellationToken cancellation
    )
    {
        if (addresses.Count == 1)
            return await Open(addresses[0], port, cancellation);
        var share = patience / 2 / addresses.Count;
        var head = share < Head ? share : Head;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        List<Task<Socket>> runners = [];
        Exception? fault = null;
        try
        {
            for (var next = 0; next < addresses.Count || runners.Count > 0;)
            {
                if (next < addresses.Count)
                    runners.Add(Open(addresses[next++], port, over.Token));
                var first = Task.WhenAny(runners);
                if (next < addresses.Count && await Task.WhenAny(first, Task.Delay(head, over.Token)) != first)
                    continue;
                var runner = await first;
                if (runner.IsCompletedSuccessfully)
                    return await Won(runners, runner);
                runners.Remove(runner);
                // A server's refusal says more than that this machine has no way to one of its addresses.
                if (fault is null || LocalFault.IsIn(fault))
                    fault = Of(runner);
                cancellation.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await over.CancelAsync();
            foreach (var runner in runners)
                await Close(runner);
        }

        ExceptionDispatchInfo.Throw(fault!);
        throw fault!;
    }

    /// <summary>
    /// The addresses with both families in turn, beginning with the resolver's first: a family that does not work here costs one step.
    /// </summary>
    public static IEnumerable<IPAddress> InTurn(IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count == 0)
            return [];
        var ours = addresses.Where(address => address.AddressFamily == addresses[0].AddressFamily).ToList();
        var others = addresses.Where(address => address.AddressFamily != addresses[0].AddressFamily).ToList();
        return Enumerable.Range(0, Math.Max(ours.Count, others.Count)).SelectMany(i => ours.Skip(i).Take(1).Concat(others.Skip(i).Take(1)));
    }

    private static async Task<Socket> Open(IPAddress address, int port, CancellationToken cancellation)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Task<Socket> Won(List<Task<Socket>> runners, Task<Socket> winner)
    {
        runners.Remove(winner);
        return winner;
    }

    private static Exception Of(Task<Socket> lost) => lost.Exception?.InnerException ?? new OperationCanceledException();

    private static async Task Close(Task<Socket> loser)
    {
        await ((Task)loser).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (loser.IsCompletedSuccessfully)
            (await loser).Dispose();
    }
}
