using System.Net;

namespace Gateway.Diagnosis;

/// <summary>One request a second for each address; a second in which more than 4,096 addresses came is over for everybody else. Thread-safe.</summary>
internal sealed class AddressPace(TimeProvider time)
{
    private const int MostAddresses = 4096;
    private readonly Lock _gate = new();
    private readonly HashSet<IPAddress> _seen = [];
    private long _second;

    /// <summary>True for the first request of an address in this second.</summary>
    public bool Allows(IPAddress? address)
    {
        if (address is null) return false;
        var second = time.GetUtcNow().ToUnixTimeSeconds();
        lock (_gate)
        {
            if (second != _second)
            {
                _seen.Clear();
                _second = second;
            }

            return _seen.Count < MostAddresses && _seen.Add(address);
        }
    }
}
