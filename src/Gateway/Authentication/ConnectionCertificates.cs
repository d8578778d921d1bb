using Gateway.Problems;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;

namespace Gateway.Authentication;

/// <summary>
/// The certificate of a call's connection, looked at again on each call: connections outlive dates, revocation lists and what operators
/// stop. The one place that every call passes which is recognized by a certificate, whatever else it shows.
/// </summary>
internal sealed class ConnectionCertificates(ITokenStatus status, CertificateStops stops, Challenges challenges, TimeProvider time)
{
    /// <summary>Why the call cannot be taken on this connection; null when it can.</summary>
    /// <param name="http">The call.</param>
    /// <param name="stopped">What was stopped, as the call has taken it.</param>
    /// <param name="certificate">The certificate; null where the listener asks for none.</param>
    public Refusal? WhyNot(HttpContext http, StatusSnapshot stopped, out PresentedCertificate? certificate)
    {
        certificate = PresentedCertificate.Of(http);
        if (!status.IsFresh)
            return new Refusal(Problem.Overloaded) { RetryAfterSeconds = 5, Reason = "the status list could not be read for a minute" };
        if (certificate is null)
            return ListenerName.Of(http) == GatewayHost.DpopListener ? null : challenges.Certificate("absent");
        if (!certificate.IsCurrent(time.GetUtcNow()))
            return challenges.Certificate("out of its dates");
        return stops.Of(certificate, stopped) switch
        {
            CertificateStop.None => null,
            CertificateStop.Revoked => challenges.Revoked(),
            _ => new Refusal(Problem.CertificateStatusUnknown)
            {
                RetryAfterSeconds = 30,
                Reason = "no revocation list in date covers the certificate",
            },
        };
    }
}
