using System.Collections.Immutable;
using Agreements;
using Tokens.Access;
using Tokens.Transport;

namespace Gateway.Authentication;

/// <summary>Who is calling: a registered system of a known institution that holds the key its token is bound to.</summary>
/// <param name="Institution">Institution of the client.</param>
/// <param name="Client">The calling system.</param>
/// <param name="Office">Its territorial office; null for other systems.</param>
/// <param name="AgreementReference"><c>id@version</c> that the token names.</param>
/// <param name="Purpose">Purpose that the token names.</param>
/// <param name="Operations">Operations that the token carries.</param>
internal sealed record Caller(
    Institution Institution,
    Client Client,
    Office? Office,
    string AgreementReference,
    string Purpose,
    ImmutableArray<string> Operations
)
{
    /// <summary><c>jti</c> of the token.</summary>
    public required string TokenId { get; init; }

    /// <summary>End of the token.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Scheme under which the token came: challenges name it.</summary>
    public required TokenScheme Scheme { get; init; }

    /// <summary><c>kid</c> of the token's signature; null where there was no token.</summary>
    public string? KeyId { get; init; }

    /// <summary>Issuer of the token; null where there was no token.</summary>
    public string? Issuer { get; init; }

    /// <summary>The connection's certificate; null on the listener that asks for none.</summary>
    public PresentedCertificate? Certificate { get; init; }

    /// <summary>End of the connection's certificate; null on the listener that asks for none.</summary>
    public DateTimeOffset? CertificateUntil => Certificate?.NotAfter;

    /// <summary>The office of a territorial client; null for other systems.</summary>
    public static Office? OfficeOf(Institution institution, Client client)
    {
        if (client.Office is null)
            return null;
        foreach (var office in institution.Offices)
            if (office.Code == client.Office)
                return office;
        return null;
    }

    /// <summary>A system that is known by its certificate alone: no token names an agreement.</summary>
    /// <param name="registry">The law.</param>
    /// <param name="client">Whose the certificate is.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="purpose">Purpose that the call's record states.</param>
    public static Caller ByCertificate(Registry registry, Client client, PresentedCertificate certificate, string purpose) =>
        new(registry.Institutions[client.Institution], client, Office: null, AgreementReference: "", purpose, [])
        {
            TokenId = "",
            ExpiresAt = certificate.NotAfter,
            Scheme = TokenScheme.Bearer,
        };

    /// <summary>
    /// The agency holds the dossiers: hiding a person-dependent refusal from it would only hurt (exchanges page, section 1.9).
    /// </summary>
    public bool IsAgency => Institution.Class == InstitutionClass.Agency;
}
