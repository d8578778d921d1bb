using Gateway.Problems;
using Microsoft.Extensions.Primitives;
using Tokens.Access;
using Tokens.Jose;

namespace Gateway.Authentication;

/// <summary>
/// <c>WWW-Authenticate</c> of every refusal that has one (authority page, section 13; RFC 6750 section 3, RFC 9449 section 7.1, RFC 9728
/// section 5.1). Strangers get the general code; the exact defect goes to the log.
/// </summary>
internal sealed class Challenges(GatewayOptions options)
{
    private static readonly string Algorithms = $"algs=\"{string.Join(' ', AllowedAlgorithms.All)}\"";

    /// <summary>Two Authorization headers, or a token in the query or in a form.</summary>
    public static readonly StringValues InvalidRequest = "Bearer error=\"invalid_request\"";

    private readonly string _metadata = $"Bearer resource_metadata=\"{options.Resource}/.well-known/oauth-protected-resource\"";
    private readonly StringValues _mutual = new([
        $"Bearer resource_metadata=\"{options.Resource}/.well-known/oauth-protected-resource\"",
        $"DPoP {Algorithms}",
    ]);
    private readonly StringValues _proofs =
        $"DPoP {Algorithms}, resource_metadata=\"{options.DpopAddress}/.well-known/oauth-protected-resource\"";

    /// <summary>An error under the scheme that the caller used.</summary>
    /// <param name="scheme">Scheme.</param>
    /// <param name="error">Code of RFC 6750 section 3.1 or RFC 9449 section 7.1.</param>
    /// <param name="scope">Scope that would do, with <c>insufficient_scope</c>.</param>
    public static StringValues Of(TokenScheme scheme, string error, string? scope = null)
    {
        var wanted = scope is null ? "" : $", scope=\"{scope}\"";
        return scheme == TokenScheme.DPoP ? $"DPoP error=\"{error}\"{wanted}, {Algorithms}" : $"Bearer error=\"{error}\"{wanted}";
    }

    /// <summary>The certificate of the connection is not one of a client's.</summary>
    public Refusal Certificate(string reason) => new(Problem.CertificateNotAccepted) { Challenge = _metadata, Reason = reason };

    /// <summary>The certificate of the connection, or an authority above it, was revoked or stopped.</summary>
    public Refusal Revoked() =>
        new(Problem.CertificateRevoked) { Challenge = _metadata, Reason = "on a revocation list, or stopped by operators" };

    /// <summary>The token, or the proof that goes with it.</summary>
    /// <param name="defect">What is wrong.</param>
    /// <param name="scheme">Scheme under which the token was sent.</param>
    /// <param name="mutual">The listener asks for a certificate.</param>
    public Refusal Token(TokenDefect defect, TokenScheme scheme, bool mutual) =>
        defect switch
        {
            TokenDefect.Missing => new Refusal(Problem.TokenMissing) { Challenge = mutual ? _mutual : _proofs },
            TokenDefect.Ambiguous => Refuse(Problem.RequestMalformed, InvalidRequest, defect),
            TokenDefect.Expired => Refuse(Problem.TokenExpired, Of(scheme, "invalid_token"), defect),
            TokenDefect.OtherCertificate => Refuse(Problem.ProofNotAccepted, Of(scheme, "invalid_token"), defect),
            // Sent under the one scheme, bound to the key of the other: the challenge names the right one.
            TokenDefect.Scheme => Refuse(
                Problem.ProofNotAccepted,
                Of(scheme == TokenScheme.Bearer ? TokenScheme.DPoP : TokenScheme.Bearer, "invalid_token"),
                defect
            ),
            TokenDefect.Proof => Refuse(Problem.ProofNotAccepted, Of(TokenScheme.DPoP, "invalid_dpop_proof"), defect),
            TokenDefect.NonceWanted => Refuse(Problem.ProofNotAccepted, Of(TokenScheme.DPoP, "use_dpop_nonce"), defect),
            _ => Refuse(Problem.TokenNotAccepted, Of(scheme, "invalid_token"), defect),
        };

    private static Refusal Refuse(Problem problem, StringValues challenge, TokenDefect defect) =>
        new(problem) { Challenge = challenge, Reason = $"token: {defect}" };
}
