using System.Collections.Concurrent;
using System.Net;

namespace Tokens.Transport;

/// <summary>
/// Goes on to a server's other addresses when the one that took a connection did not finish the handshake: half of a pair that is being
/// repaired, a balancer with nobody behind it. Nothing was asked yet, so nothing is asked twice.
/// </summary>
internal sealed class OtherAddresses(AddressDoubts doubts, SocketsHttpHandler connections) : DelegatingHandler(connections)
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (Exception fault) when (IsOfConnecting(fault) && !cancellationToken.IsCancellationRequested && doubts.HasAnother(request))
            {
                // The one that failed is doubted now and comes last.
            }
        }
    }

    // The handler says by an inner TimeoutException that it was the connecting that took too long.
    private static bool IsOfConnecting(Exception fault) =>
        fault
            is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.ConnectionError }
                or OperationCanceledException { InnerException: TimeoutException };
}

/// <summary>Addresses that lately took a connection and did not finish a handshake. Thread-safe.</summary>
internal sealed class AddressDoubts(TimeProvider time)
{
    private static readonly TimeSpan Lasting = TimeSpan.FromMinutes(1);
    private static readonly HttpRequestOptionsKey<(IPAddress Address, IReadOnlyList<IPAddress> All)> Taken = new("address");
    private readonly ConcurrentDictionary<IPAddress, long> _since = new();

    /// <summary>The same addresses, the doubted ones last.</summary>
    public IReadOnlyList<IPAddress> Order(IEnumerable<IPAddress> addresses) => [.. addresses.OrderBy(IsDoubted)];

    /// <summary>A connection to <paramref name="address"/> came about; its handshake follows.</summary>
    public static void Note(HttpRequestMessage request, IPAddress address, IReadOnlyList<IPAddress> all) =>
        request.Options.Set(Taken, (address, all));

    /// <summary>After a failed handshake: doubts the address it was made with. Is there another that is not doubted?</summary>
    public bool HasAnother(HttpRequestMessage request)
    {
        if (!request.Options.TryGetValue(Taken, out var taken) || taken.All.Count < 2)
            return false;
        ((IDictionary<string, object?>)request.Options).Remove(Taken.Key);
        _since[taken.Address] = time.GetTimestamp();
        return !taken.All.All(IsDoubted);
    }

    private bool IsDoubted(IPAddress address) => _since.TryGetValue(address, out var since) && time.GetElapsedTime(since) < Lasting;
}
