using System.Collections.Immutable;
using Agreements;
using Tokens.Access;

namespace Gateway.Authentication;

/// <summary>Who is calling: a registered system of a known institution that holds the key its token is bound to.</summary>
/// <param name="Institution">Institution of the client.</param>
/// <param name="Client">The calling system.</param>
/// <param name="Office">Its territorial office; null for other systems.</param>
/// <param name="AgreementReference"><c>id@version</c> that the token names.</param>
/// <param name="Purpose">Purpose that the token names.</param>
/// <param name="Operations">Operations that the token carries.</param>
internal sealed record Caller(
    Institution Institution, Client Client, Office? Office, string AgreementReference, string Purpose, ImmutableArray<string> Operations)
{
    /// <summary><c>jti</c> of the token.</summary>
    public required string TokenId { get; init; }
    /// <summary>End of the token.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
    /// <summary>Scheme under which the token came: challenges name it.</summary>
    public required TokenScheme Scheme { get; init; }
    /// <summary>End of the connection's certificate; null on the listener that asks for none.</summary>
    public DateTimeOffset? CertificateUntil { get; init; }

    /// <summary>The agency holds the dossiers: hiding a person-dependent refusal from it would only hurt (exchanges page, section 1.9).</summary>
    public bool IsAgency => Institution.Class == InstitutionClass.Agency;
}
