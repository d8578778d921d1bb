using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Sandbox.Institutions;

/// <summary>
/// Verifies <c>Exchange-Assertion</c> (exchanges page, section 1.5): signed by the gateway with ES256, made for this
/// institution within the last minute, for this operation and these bytes, and never shown before.
/// </summary>
public sealed class AssertionCheck
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _parameters;
    private readonly SeenIds _seen;

    /// <summary>Prepares the check.</summary>
    /// <param name="key">The gateway's public key.</param>
    /// <param name="audience">Base address of this institution.</param>
    /// <param name="clock">Time.</param>
    public AssertionCheck(JsonWebKey key, string audience, TimeProvider clock)
    {
        _seen = new SeenIds(clock, 3 * Skew);
        _parameters = new TokenValidationParameters
        {
            IssuerSigningKey = key,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = ["exchange+jwt"],
            // An institution is known by the address of its JSON or of its FHIR interface.
            ValidAudiences = [audience, audience + StandIn.BasePath, audience + "/fhir"],
            IssuerValidator = (issuer, _, _) =>
                string.IsNullOrEmpty(issuer) ? throw new SecurityTokenInvalidIssuerException("no issuer") : issuer, // the key is pinned
            LifetimeValidator = (from, until, _, _) => IsNow(clock.GetUtcNow().UtcDateTime, from, until),
        };
    }

    /// <summary>Why a call is refused; null when it is sound. The reason names rules, never values.</summary>
    /// <param name="assertion">Header value.</param>
    /// <param name="exchangeId">Header <c>Exchange-Id</c>.</param>
    /// <param name="operation">Operation that the path stands for.</param>
    /// <param name="body">Body as received.</param>
    public async Task<string?> Refuse(string? assertion, string? exchangeId, StandInOperation operation, ReadOnlyMemory<byte> body)
    {
        if (string.IsNullOrEmpty(assertion))
            return "no Exchange-Assertion";
        var result = await _handler.ValidateTokenAsync(assertion, _parameters);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken token)
            return "Exchange-Assertion is not valid: " + result.Exception?.GetType().Name;
        if (string.IsNullOrEmpty(exchangeId))
            return "no Exchange-Id";
        if (!operation.Accepts(Claim(token, "op")))
            return "op is not this operation";
        if (Claim(token, "org").Length == 0 || Claim(token, "agr").Length == 0 || Claim(token, "purp").Length == 0)
            return "org, agr or purp is missing";
        if (Claim(token, "bdig") != Base64Url.EncodeToString(SHA256.HashData(body.Span)))
            return "bdig is not the digest of the body";
        return _seen.IsFirst(token.Id) ? null : "jti was seen before";
    }

    private static string Claim(JsonWebToken token, string name) =>
        token.TryGetPayloadValue<string>(name, out var value) ? value ?? "" : "";

    private static bool IsNow(DateTime now, DateTime? from, DateTime? until) =>
        until is { } end && end > now - Skew && end <= now + (2 * Skew) && (from is not { } start || start <= now + Skew);
}
