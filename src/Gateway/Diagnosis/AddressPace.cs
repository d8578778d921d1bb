using Tokens.Transport;

namespace Gateway.Diagnosis;

/// <summary>
/// One request a second for each certificate that a source shows (and one for all its requests without): neighbours behind one address do
/// not hold each other up. A second in which more than 4,096 came is over for everybody else. Thread-safe.
/// </summary>
internal sealed class AddressPace(TimeProvider time)
{
    private const int Most = 4096;
    private readonly Lock _gate = new();
    private readonly HashSet<(SourceAddress Source, string Certificate)> _seen = [];
    private long _second;

    /// <summary>True for the first request of a source with this certificate in this second.</summary>
    public bool Allows(SourceAddress source, PresentedCertificate? certificate)
    {
        var second = time.GetUtcNow().ToUnixTimeSeconds();
        lock (_gate)
        {
            if (second != _second)
            {
                _seen.Clear();
                _second = second;
            }

            return _seen.Count < Most && _seen.Add((source, certificate?.X5tS256 ?? ""));
        }
    }
}
