using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Agreements;
using Tokens.Transport;

namespace Gateway.Forwarding;

/// <summary>
/// One line per provider, kept while its technical terms stay the same and made anew when the registry changes them, so that a
/// reload drops no connection that is still right (hardening page, section 7).
/// </summary>
internal sealed class ProviderConnections(
    IReadOnlyDictionary<string, X509Certificate2Collection> trust, SslStreamCertificateContext client,
    IReadOnlyList<IPNetwork> listedNetworks, TimeProvider time, Func<PresentedCertificate, bool>? isStopped = null) : IDisposable
{
    private readonly ConcurrentDictionary<Terms, ProviderLine> _lines = new();

    /// <summary>The line to <paramref name="institution"/>.</summary>
    /// <exception cref="InvalidOperationException">Its CA set is not configured: nothing is trusted instead.</exception>
    public ProviderLine To(Institution institution) => _lines.GetOrAdd(Terms.Of(institution), static (_, made) => made.Self.Make(made.Institution), (Self: this, Institution: institution));

    /// <summary>State of each circuit by institution, for metrics and readiness.</summary>
    public ImmutableArray<(string Institution, string State)> Circuits => [.. _lines.Select(static line => (line.Key.Institution, line.Value.Breaker.State))];

    /// <summary>Questions that wait for a seat, by institution.</summary>
    public IEnumerable<(string Institution, int Waiting)> Waiting =>
        _lines.GroupBy(static line => line.Key.Institution, StringComparer.Ordinal).Select(static lines => (lines.Key, lines.Sum(static line => line.Value.Waiting)));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var line in _lines.Values) line.Dispose();
    }

    private ProviderLine Make(Institution institution)
    {
        var provider = institution.Provider!;
        if (!trust.TryGetValue(provider.Trust, out var roots)) throw new InvalidOperationException($"no CA set named {provider.Trust} is configured");
        var outgoing = new OutgoingTls
        {
            Trust = roots,
            TrustName = provider.Trust,
            IsStopped = isStopped,
            Client = client,
            ListedNetworks = listedNetworks,
            MaxConnections = 1,
            LongestRest = Wires.Longest,
        };
        var wires = new Wires(wire => new HttpMessageInvoker(outgoing.Handler(wire.Watch), disposeHandler: true), time);
        return new ProviderLine(institution, wires, time);
    }

    /// <summary>What a line depends on: another value of any of these is another line.</summary>
    private sealed record Terms(string Institution, Uri Address, string Trust, int MaxInFlight, string Maintenance)
    {
        public static Terms Of(Institution institution)
        {
            var provider = institution.Provider!;
            return new Terms(institution.Id, provider.BaseAddress, provider.Trust, provider.MaxInFlight,
                string.Join(';', provider.Maintenance.Select(static window => $"{string.Join(',', window.Days)} {window.From:O} {window.To:O}")));
        }
    }
}
