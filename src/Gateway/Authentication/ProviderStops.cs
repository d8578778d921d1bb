using Tokens.Operations;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;

namespace Gateway.Authentication;

/// <summary>
/// Is the certificate that a provider shows revoked, or stopped by operators? Asked in each handshake; a connection to a provider lives for
/// five minutes at most. Thread-safe.
/// </summary>
internal sealed class ProviderStops : IDisposable
{
    private readonly RevocationLists _lists;
    private readonly CertificateStops _stops;
    private readonly ILogger<ProviderStops> _log;

    /// <summary>Reads the lists, and follows them.</summary>
    /// <exception cref="InvalidDataException">The settings name no CA set of providers, or ask for what cannot be done.</exception>
    public ProviderStops(
        ProviderTrust trust,
        RevocationBook book,
        ITokenStatus status,
        BackgroundWork background,
        TimeProvider time,
        ILogger<ProviderStops> log
    )
    {
        _lists = RevocationLists.Open(
            trust.Options.ProviderRevocation,
            trust.Sets.Current,
            time,
            log,
            background.Report,
            book,
            trust.Watch
        );
        trust.Sets.Changed += (_, set) => _lists.Renew(set.Name, trust.Sets.Of(set.Name)!);
        (_stops, _log) = (new CertificateStops(status, _lists, time), log);
    }

    /// <summary>What is wrong with the lists, for readiness; null for nothing.</summary>
    public string? Note => _lists.Note;

    /// <summary>Judges a certificate whose chain and name were found sound.</summary>
    public bool IsStopped(PresentedCertificate certificate)
    {
        var stop = _stops.Of(certificate);
        if (stop == CertificateStop.None)
            return false;
        _log.LogWarning("The certificate of a provider of CA set {Set} is refused: {Stop}", certificate.Authorities[0], stop);
        return true;
    }

    /// <inheritdoc />
    public void Dispose() => _lists.Dispose();
}
