using Tokens.Jose;

namespace Tokens.ClientProof;

/// <summary>
/// The claims of a <c>private_key_jwt</c> assertion (RFC 7523 section 3, FAPI 2.0 section 5.3.2.1), judged without its signature. Pure.
/// </summary>
public static class ClientAssertion
{
    /// <summary>The only <c>client_assertion_type</c>.</summary>
    public const string Type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// <summary>Longest life.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromMinutes(10);
    private const int MaxIdLength = 256;

    /// <summary>The first defect; <see cref="AssertionDefect.None"/> when the signature is worth a look.</summary>
    /// <param name="assertion">The guarded assertion.</param>
    /// <param name="issuer">Our issuer identifier, ordinal; also when the request came to the mutual-TLS address.</param>
    /// <param name="clientId">The <c>client_id</c> parameter; null when none was sent.</param>
    /// <param name="now">Now.</param>
    public static AssertionDefect Judge(GuardedJws assertion, string issuer, string? clientId, DateTimeOffset now)
    {
        var subject = assertion.Subject;
        if (string.IsNullOrEmpty(subject) || assertion.Issuer != subject)
            return AssertionDefect.IssuerIsNotSubject;
        if (clientId is not null && clientId != subject)
            return AssertionDefect.OtherClient;
        if (!assertion.IsFor(issuer))
            return AssertionDefect.Audience;
        if (assertion.Expires is not { } expires)
            return AssertionDefect.NoExpiry;
        if (ClockTolerance.IsPast(expires, now))
            return AssertionDefect.Expired;
        if (expires - now > MaxLifetime || expires - assertion.IssuedAt > MaxLifetime)
            return AssertionDefect.LivesTooLong;
        if (ClockTolerance.IsAhead(assertion, now))
            return AssertionDefect.Ahead;
        return assertion.JwtId is { Length: > 0 and <= MaxIdLength } ? AssertionDefect.None : AssertionDefect.NoId;
    }
}
