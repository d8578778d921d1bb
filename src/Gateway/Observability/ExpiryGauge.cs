using System.Diagnostics.Metrics;
using Agreements;
using Agreements.Loading;
using Gateway.Authentication;

namespace Gateway.Observability;

/// <summary>
/// Shows how much ends within 60, 30 or 7 days or has ended, and what ends soonest, for each kind: agreements, CNDP authorizations, keys of
/// clients, the gateway's own certificates and those that partners have shown. Which ones they are, <c>gatewayctl agreement expiry</c> and
/// the catalogue say: series are few however many agreements there are.
/// </summary>
internal sealed class ExpiryGauge : IDisposable
{
    private static readonly int[] Lines = [0, 7, 30, 60];
    private readonly Meter _meter = new(GatewayMeters.Name);
    private readonly RegistryWatcher _law;
    private readonly TimeProvider _time;
    private readonly CertificateSightings _sightings;
    private readonly GatewayFiles? _files;

    /// <summary>Starts showing.</summary>
    public ExpiryGauge(RegistryWatcher law, CertificateSightings sightings, TimeProvider time, GatewayFiles? files = null)
    {
        (_law, _sightings, _time, _files) = (law, sightings, time, files);
        _meter.CreateObservableGauge("gateway.expiring", Counts, description: "What ends within so many days (0: has ended), by kind");
        _meter.CreateObservableGauge("gateway.expiry.soonest", Soonest, "d", "Days until the next end, by kind; absent while none is near");
    }

    /// <summary>Everything that ends soon, for whoever shows it.</summary>
    public IEnumerable<Expiry> Now()
    {
        var today = CivilTime.Today(_time);
        foreach (var expiry in Expiry.AllOf(_law.Current, today))
            yield return expiry;
        foreach (var expiry in SeenCertificates.Expiring(_sightings.Of(_law.Current), today))
            yield return expiry;
        foreach (var (name, until) in Certificates())
            if (Expiry.OfCertificate(name, until, today) is { } expiry)
                yield return expiry;
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    // Those in force, not those on disk: a renewed one that cannot be used warns on.
    private IEnumerable<(string Name, DateTimeOffset Until)> Certificates()
    {
        if (_files is null)
            yield break;
        foreach (var (name, own) in new[] { ("server", _files.Server.Current), ("provider-client", _files.Client.Current) })
            foreach (var certificate in own.Intermediates.Prepend(own.Leaf))
                yield return (name, new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero));
    }

    // An agreement's own lines count where they fall: 45 days before the end is within 60.
    private IEnumerable<Measurement<int>> Counts()
    {
        var all = Now().ToList();
        foreach (var kind in Enum.GetValues<ExpiryKind>())
            foreach (var line in Lines)
                yield return new(all.Count(one => one.Kind == kind && LineOf(one) == line), new("kind", Word(kind)), new("within", line));
    }

    private IEnumerable<Measurement<int>> Soonest() =>
        Now()
            .Where(static one => one.Days >= 0)
            .GroupBy(static one => one.Kind)
            .Select(static group => new Measurement<int>(
                group.Min(static one => one.Days),
                new KeyValuePair<string, object?>("kind", Word(group.Key))
            ));

    private static int LineOf(Expiry expiry) =>
        expiry.Days < 0 ? 0
        : expiry.Days <= 7 ? 7
        : expiry.Days <= 30 ? 30
        : 60;

    private static string Word(ExpiryKind kind) => kind.ToString().ToLowerInvariant();
}
