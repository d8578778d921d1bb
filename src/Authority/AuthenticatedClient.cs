using Agreements;
using Tokens.Transport;

namespace Authority;

/// <summary>A client that has proved who it is. Only <see cref="ClientAuthenticator"/> makes one.</summary>
public sealed class AuthenticatedClient
{
    internal AuthenticatedClient(
        RegisteredClient registered,
        Registry registry,
        PresentedCertificate? certificate,
        DateTimeOffset? keyUntil
    ) => (Registered, Registry, Certificate, KeyUntil) = (registered, registry, certificate, keyUntil);

    /// <summary>Registration.</summary>
    public RegisteredClient Registered { get; }

    /// <summary>The registry version under which it was authenticated; the rest of the request uses the same.</summary>
    public Registry Registry { get; }

    /// <summary>Certificate of the connection, when it matches a rule of this client; null otherwise.</summary>
    public PresentedCertificate? Certificate { get; }

    /// <summary>When the key that it proved stops counting; null when it has no end.</summary>
    public DateTimeOffset? KeyUntil { get; }

    /// <summary>Client id.</summary>
    public string Id => Registered.Client.Id;

    /// <summary>Institution id.</summary>
    public string Institution => Registered.Client.Institution;
}
