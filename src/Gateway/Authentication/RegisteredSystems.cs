using Agreements.Loading;
using Gateway.Problems;
using Tokens.Status;
using Tokens.Transport;

namespace Gateway.Authentication;

/// <summary>
/// Recognizes a registered system by its certificate alone, where a token says nothing: a provider has no agreement under which it would get one, and
/// an agreement that is suspended or has ended gives none.
/// </summary>
internal sealed class RegisteredSystems(RegistryWatcher law, ITokenStatus status, TimeProvider time)
{
    /// <summary>Whose certificate the connection shows.</summary>
    /// <param name="http">The call.</param>
    /// <param name="purpose">Purpose that the call's record states.</param>
    public Verdict<Caller> Of(HttpContext http, string purpose)
    {
        var registry = law.Current;
        var certificate = PresentedCertificate.Of(http);
        var client = certificate is null ? null : CertificateHolder.Of(certificate, registry);
        if (client is null || !certificate!.IsCurrent(time.GetUtcNow())) return new Refusal(Problem.CertificateNotAccepted) { Reason = "nobody's, or out of its dates" };
        if (Stops.IsStopped(client, registry, status.Current, Agreements.CivilTime.Today(time))) return new Refusal(Problem.ClientSuspended);
        return Caller.ByCertificate(registry, client, certificate, purpose);
    }
}
