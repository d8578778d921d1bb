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
    private readonly ConcurrentDictionary<string, ImmutableArray<SeenCertificate>> _shown = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly string _file;
    private readonly ILogger<CertificateSightings> _log;

    /// <summary>Takes up what was seen before this start.</summary>
    public CertificateSightings(GatewayOptions options, ILogger<CertificateSightings> log)
    {
        (_file, _log) = (options.CertificatesSeen, log);
        if (_file.Length == 0 || !File.Exists(_file))
            return;
        try
        {
            foreach (var one in SeenCertificates.Read(File.ReadAllText(_file)).GroupBy(static one => one.Client, StringComparer.Ordinal))
                _shown[one.Key] = [.. one];
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            // Nothing is decided by it: it fills itself again from the next calls.
            _log.LogWarning("The file of certificates that were seen cannot be read ({Fault}); it begins anew", fault.GetType().Name);
        }
    }

    /// <summary>Everything that was seen of systems that are still registered.</summary>
    public ImmutableArray<SeenCertificate> Of(Registry registry) =>
        [.. _shown.Where(pair => registry.Clients.ContainsKey(pair.Key)).SelectMany(static pair => pair.Value)];

    /// <summary>What was seen of one system.</summary>
    public ImmutableArray<SeenCertificate> Of(Client client) => _shown.GetValueOrDefault(client.Id, []);

    /// <summary>Notes the certificate of an authenticated call. Costs a look-up where the system showed it today.</summary>
    public void Note(Client client, PresentedCertificate certificate, DateOnly today)
    {
        if (IsNoted(Of(client), certificate, today))
            return;
        lock (_gate)
        {
            var before = Of(client);
            if (IsNoted(before, certificate, today))
                return;
            var now = Joined(before, new SeenCertificate(client.Id, certificate.X5tS256, certificate.NotAfter, today));
            _shown[client.Id] = now;
            // Once a day for each certificate that is kept. A crash in between: the day is noted at the next call.
            if (_file.Length > 0 && IsNoted(now, certificate, today))
                Save();
        }
    }

    private static bool IsNoted(ImmutableArray<SeenCertificate> seen, PresentedCertificate certificate, DateOnly today)
    {
        foreach (var one in seen)
            if (one.Seen >= today && one.X5tS256 == certificate.X5tS256)
                return true;
        return false;
    }

    private static ImmutableArray<SeenCertificate> Joined(ImmutableArray<SeenCertificate> before, SeenCertificate one) =>
        [
            .. before
                .Where(other => other.X5tS256 != one.X5tS256)
                .Append(one)
                .OrderByDescending(static other => other.Seen)
                .ThenBy(static other => other.Until)
                .Take(SeenCertificates.MostOfClient),
        ];

    private void Save()
    {
        try
        {
            File.WriteAllText(_file + ".new", SeenCertificates.Write(_shown.Values.SelectMany(static seen => seen)));
            File.Move(_file + ".new", _file, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // No call waits for it, and none fails by it.
            _log.LogWarning("The file of certificates that were seen cannot be written: {Fault}", fault.GetType().Name);
        }
    }
}
