using Agreements;
using Gateway.Problems;
using Tokens.Status;

namespace Gateway.Authentication;

/// <summary>
/// Recognizes a registered system by its certificate alone, where a token says nothing: a provider has no agreement under which it would
/// get one, and an agreement that is suspended or has ended gives none.
/// </summary>
internal sealed class RegisteredSystems(ConnectionCertificates certificates, Challenges challenges, TimeProvider time)
{
    /// <summary>Whose certificate the connection shows.</summary>
    /// <param name="http">The call.</param>
    /// <param name="registry">Snapshot of the call.</param>
    /// <param name="stopped">What was stopped when it began.</param>
    /// <param name="purpose">Purpose that the call's record states.</param>
    public Verdict<Caller> Of(HttpContext http, Registry registry, StatusSnapshot stopped, string purpose)
    {
        if (certificates.WhyNot(http, stopped, out var certificate) is { } refusal)
            return refusal;
        if (certificate is null || CertificateHolder.Of(certificate, registry) is not { } client)
            return challenges.Certificate("nobody's");
        if (Stops.IsStopped(client, registry, stopped, CivilTime.Today(time)))
            return new Refusal(Problem.ClientSuspended);
        return Caller.ByCertificate(registry, client, certificate, purpose);
    }
}
