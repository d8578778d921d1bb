using System.Collections.Concurrent;
using System.Collections.Immutable;
using Agreements;
using Tokens.Transport;

namespace Gateway.Authentication;

/// <summary>
/// Remembers which certificates partners' systems have shown, so that their end can be told in time. Noted only after the caller was
/// authenticated: a stranger's certificate is nobody's. At most eight for each registered system.
/// </summary>
internal sealed class CertificateSightings
{
    private readonly ConcurrentDictionary<string, Shown> _shown = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly string _file;
    private readonly ILogger<CertificateSightings> _log;

    /// <summary>Takes up what was seen before this start.</summary>
    public CertificateSightings(GatewayOptions options, ILogger<CertificateSightings> log)
    {
        (_file, _log) = (options.CertificatesSeen, log);
        if (_file.Length == 0 || !File.Exists(_file)) return;
        try
        {
            foreach (var one in SeenCertificates.Read(File.ReadAllText(_file)).GroupBy(static one => one.Client, StringComparer.Ordinal)) _shown[one.Key] = new Shown(Last: null, [.. one]);
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            // Nothing is decided by it: it fills itself again from the next calls.
            _log.LogWarning("The file of certificates that were seen cannot be read ({Fault}); it begins anew", fault.GetType().Name);
        }
    }

    /// <summary>Everything that was seen of systems that are still registered.</summary>
    public ImmutableArray<SeenCertificate> Of(Registry registry) => [.. _shown.Where(pair => registry.Clients.ContainsKey(pair.Key)).SelectMany(static pair => pair.Value.All)];

    /// <summary>What was seen of one system.</summary>
    public ImmutableArray<SeenCertificate> Of(Client client) => _shown.TryGetValue(client.Id, out var shown) ? shown.All : [];

    /// <summary>Notes the certificate of an authenticated call. Costs a look-up where the same connection showed it today.</summary>
    public void Note(Client client, PresentedCertificate certificate, DateOnly today)
    {
        if (_shown.TryGetValue(client.Id, out var known) && ReferenceEquals(known.Last, certificate) && known.Day == today) return;
        bool isNews;
        lock (_gate)
        {
            var before = _shown.TryGetValue(client.Id, out known) ? known.All : [];
            isNews = !before.Any(one => one.X5tS256 == certificate.X5tS256 && one.Seen >= today);
            var now = isNews ? Joined(before, new SeenCertificate(client.Id, certificate.X5tS256, certificate.NotAfter, today)) : before;
            _shown[client.Id] = new Shown(certificate, now) { Day = today };
            // Once a day for each certificate. A crash in between: the day is noted at the next call.
            if (isNews && _file.Length > 0) Save();
        }
    }

    private static ImmutableArray<SeenCertificate> Joined(ImmutableArray<SeenCertificate> before, SeenCertificate one) =>
        [.. before.Where(other => other.X5tS256 != one.X5tS256).Append(one).OrderByDescending(static other => other.Until).Take(SeenCertificates.MostOfClient)];

    private void Save()
    {
        try
        {
            File.WriteAllText(_file + ".new", SeenCertificates.Write(_shown.Values.SelectMany(static shown => shown.All)));
            File.Move(_file + ".new", _file, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // No call waits for it, and none fails by it.
            _log.LogWarning("The file of certificates that were seen cannot be written: {Fault}", fault.GetType().Name);
        }
    }

    private sealed record Shown(PresentedCertificate? Last, ImmutableArray<SeenCertificate> All)
    {
        public DateOnly Day { get; init; }
    }
}
