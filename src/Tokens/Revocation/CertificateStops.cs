using Tokens.Status;
using Tokens.Transport;

namespace Tokens.Revocation;

/// <summary>
/// Is the certificate of a connection stopped: by a revocation list, or on the status list by operators? Asked on every request, for
/// connections outlive what is decided about their certificates. The verdict is kept with the certificate for as long as neither list
/// changes, so that asking again costs two comparisons. Thread-safe.
/// </summary>
/// <param name="status">What operators stopped.</param>
/// <param name="lists">What authorities revoked.</param>
/// <param name="time">Clock.</param>
public sealed class CertificateStops(ITokenStatus status, RevocationLists lists, TimeProvider time)
{
    /// <summary>The verdict under the lists of this moment.</summary>
    public CertificateStop Of(PresentedCertificate certificate) => Of(certificate, status.Current);

    /// <summary>The verdict under a status list that the request has taken already.</summary>
    public CertificateStop Of(PresentedCertificate certificate, StatusSnapshot stopped)
    {
        var (table, now) = (lists.Current, time.GetUtcNow());
        if (
            certificate.Verdict is { } known
            && ReferenceEquals(known.Table, table)
            && ReferenceEquals(known.Stopped, stopped)
            && now < known.Until
        )
            return known.Stop;
        var (stop, until) = Judge(certificate, stopped, table, now);
        certificate.Verdict = new Verdict(table, stopped, until, stop);
        return stop;
    }

    /// <summary>The verdict at an instant, for tools that judge a certificate file.</summary>
    public static CertificateStop Judge(
        PresentedCertificate certificate,
        StatusSnapshot stopped,
        RevocationLists lists,
        DateTimeOffset now
    ) => Judge(certificate, stopped, lists.Current, now).Stop;

    private static (CertificateStop Stop, DateTimeOffset Until) Judge(
        PresentedCertificate certificate,
        StatusSnapshot stopped,
        RevocationTable table,
        DateTimeOffset now
    ) =>
        IsDenied(certificate, stopped) ? (CertificateStop.Revoked, DateTimeOffset.MaxValue)
        : table.IsEmpty ? (CertificateStop.None, DateTimeOffset.MaxValue)
        : table.Judge(certificate, now);

    private static bool IsDenied(PresentedCertificate certificate, StatusSnapshot stopped)
    {
        if (!stopped.StopsCertificates)
            return false;
        foreach (var link in certificate.Links)
        {
            if (stopped.IsSuspended(StoppedKind.Certificate, link.Fingerprint))
                return true;
            if (link.Numbered is { } id && stopped.IsSuspended(StoppedKind.Certificate, id))
                return true;
        }
        return false;
    }

    /// <summary>What was found, under which lists, and when it is to be looked at again although none has changed.</summary>
    internal sealed record Verdict(RevocationTable Table, StatusSnapshot Stopped, DateTimeOffset Until, CertificateStop Stop);
}
