using System.Collections.Immutable;
using Agreements;

namespace Authority;

/// <summary>
/// Why no token was issued: the OAuth error that the client is told (RFC 6749 section 5.2), and the exact reason that only the ledger and
/// the log are told. Until the client is authenticated all reasons read alike.
/// </summary>
/// <param name="Error">OAuth error code.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Exact reason, kebab-case, at most 64: the <c>code</c> of the ledger record.</param>
/// <param name="Description">ASCII without quotes or control characters.</param>
public sealed record TokenRefusal(string Error, int Status, string Code, string Description)
{
    /// <summary>Rule of the exchanges page, section 4, with which the description begins; null for plain OAuth errors.</summary>
    public string? Rule { get; init; }

    /// <summary>Objects ready to be sent as <c>authorization_details</c>, when several fit.</summary>
    public ImmutableArray<GrantChoice> Choices { get; init; } = [];

    /// <summary>Seconds after which to come back; null when the refusal does not say.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary><c>WWW-Authenticate</c> of a 401 to a request that used the Authorization header; null otherwise.</summary>
    public string? Challenge { get; init; }

    /// <summary>
    /// Registered client that an unauthenticated request named; it alone may have the refusal explained. Null when it named none.
    /// </summary>
    public string? Named { get; init; }

    /// <summary>A fresh DPoP nonce to send with the refusal; null when none is due.</summary>
    public string? DpopNonce { get; init; }

    /// <summary>The form is compressed.</summary>
    public static TokenRefusal Compressed { get; } =
        new(
            "invalid_request",
            StatusCodes.Status415UnsupportedMediaType,
            "content-encoding-unsupported",
            "content-encoding-unsupported WIR-13: send the form as it is, without compression and without Content-Encoding"
        );

    /// <summary>A parameter is missing, repeated or in the wrong form.</summary>
    public static TokenRefusal InvalidRequest(string code, string description) => new("invalid_request", 400, code, description);

    /// <summary>
    /// The client could not be authenticated. Told alike for every reason, so that a stranger learns nothing about clients.
    /// </summary>
    public static TokenRefusal InvalidClient(string code) => new("invalid_client", 401, code, "client authentication failed");

    /// <summary>An authenticated client's request that a rule refuses; the description begins with code and rule.</summary>
    public static TokenRefusal Ruled(string error, int status, string code, string rule, string words) =>
        new(error, status, code, $"{code} {rule}: {words}") { Rule = rule };

    /// <summary>The server cannot issue now: overload, or a store that must be durable is not.</summary>
    public static TokenRefusal Unavailable(string code, string rule, string words) =>
        Ruled("temporarily_unavailable", 503, code, rule, words) with
        {
            RetryAfterSeconds = 2,
        };
}
