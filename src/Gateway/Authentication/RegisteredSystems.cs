using Agreements.Loading;
using Gateway.Problems;
using Tokens.Status;

namespace Gateway.Authentication;

/// <summary>
/// Recognizes a registered system by its certificate alone, where a token says nothing: a provider has no agreement under which it would get one, and
/// an agreement that is suspended or has ended gives none.
/// </summary>
internal sealed class RegisteredSystems(RegistryWatcher law, ITokenStatus status, ConnectionCertificates certificates, Challenges challenges, TimeProvider time)
{
    /// <summary>Whose certificate the connection shows.</summary>
    /// <param name="http">The call.</param>
    /// <param name="purpose">Purpose that the call's record states.</param>
    public Verdict<Caller> Of(HttpContext http, string purpose)
    {
        var (registry, stopped) = (law.Current, status.Current);
        if (certificates.WhyNot(http, stopped, out var certificate) is { } refusal) return refusal;
        if (certificate is null || CertificateHolder.Of(certificate, registry) is not { } client) return challenges.Certificate("nobody's");
        if (Stops.IsStopped(client, registry, stopped, Agreements.CivilTime.Today(time))) return new Refusal(Problem.ClientSuspended);
        return Caller.ByCertificate(registry, client, certificate, purpose);
    }
}
