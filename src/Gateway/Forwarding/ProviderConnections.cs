using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Agreements;
using Tokens.Renewal;
using Tokens.Transport;

namespace Gateway.Forwarding;

/// <summary>
/// One line per provider, kept while its technical terms stay the same and made anew when the registry changes them, so that a
/// reload drops no connection that is still right (hardening page, section 7).
/// </summary>
internal sealed class ProviderConnections : IDisposable
{
    private readonly ConcurrentDictionary<Terms, ProviderLine> _lines = new();
    private readonly TrustSets _trust;
    private readonly Renewed<OwnCertificate> _client;
    private readonly IReadOnlyList<IPNetwork> _listedNetworks;
    private readonly TimeProvider _time;
    private readonly Func<PresentedCertificate, bool>? _isStopped;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="trust">CA sets of providers; a changed one counts for the next connection.</param>
    /// <param name="client">What the gateway shows; the same.</param>
    /// <param name="listedNetworks">Networks in which providers may stand although they are private.</param>
    /// <param name="time">Clock.</param>
    /// <param name="isStopped">Is a provider's certificate revoked or stopped? Null for never.</param>
    public ProviderConnections(
        TrustSets trust,
        Renewed<OwnCertificate> client,
        IReadOnlyList<IPNetwork> listedNetworks,
        TimeProvider time,
        Func<PresentedCertificate, bool>? isStopped = null
    )
    {
        (_trust, _client, _listedNetworks, _time, _isStopped) = (trust, client, listedNetworks, time, isStopped);
        trust.Changed += (_, _) => Renew();
        client.Changed += (_, _) => Renew();
    }

    /// <summary>The line to <paramref name="institution"/>.</summary>
    /// <exception cref="InvalidOperationException">Its CA set is not configured: nothing is trusted instead.</exception>
    public ProviderLine To(Institution institution) =>
        _lines.GetOrAdd(
            Terms.Of(institution),
            static (_, made) => made.Self.Make(made.Institution),
            (Self: this, Institution: institution)
        );

    /// <summary>State of each circuit by institution, for metrics and readiness.</summary>
    public ImmutableArray<(string Institution, string State)> Circuits =>
        [.. _lines.Select(static line => (line.Key.Institution, line.Value.Breaker.State))];

    /// <summary>Questions that wait for a seat, by institution.</summary>
    public IEnumerable<(string Institution, int Waiting)> Waiting =>
        _lines
            .GroupBy(static line => line.Key.Institution, StringComparer.Ordinal)
            .Select(static lines => (lines.Key, lines.Sum(static line => line.Value.Waiting)));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var line in _lines.Values)
            line.Dispose();
    }

    private ProviderLine Make(Institution institution)
    {
        var provider = institution.Provider!;
        var outgoing = new OutgoingTls
        {
            Trust = _trust.Of(provider.Trust) ?? throw new InvalidOperationException($"no CA set named {provider.Trust} is configured"),
            TrustName = provider.Trust,
            IsStopped = _isStopped,
            Client = _client.Current.Context,
            ListedNetworks = _listedNetworks,
            MaxConnections = 1,
            LongestRest = Wires.Longest,
        };
        // Each connection by the certificates of the moment at which it is opened.
        var wires = new Wires(
            wire => new HttpMessageInvoker(
                (outgoing with { Trust = _trust.Of(provider.Trust)!, Client = _client.Current.Context }).Handler(wire.Watch),
                disposeHandler: true
            ),
            _time
        );
        return new ProviderLine(institution, wires, _time);
    }

    private void Renew()
    {
        foreach (var line in _lines.Values)
            line.Wires.Renew();
    }

    /// <summary>What a line depends on: another value of any of these is another line.</summary>
    private sealed record Terms(string Institution, Uri Address, string Trust, int MaxInFlight, string Maintenance)
    {
        public static Terms Of(Institution institution)
        {
            var provider = institution.Provider!;
            return new Terms(
                institution.Id,
                provider.BaseAddress,
                provider.Trust,
                provider.MaxInFlight,
                string.Join(
                    ';',
                    provider.Maintenance.Select(static window => $"{string.Join(',', window.Days)} {window.From:O} {window.To:O}")
                )
            );
        }
    }
}
