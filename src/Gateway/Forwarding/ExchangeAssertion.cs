using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tokens.Renewal;

namespace Gateway.Forwarding;

/// <summary>
/// The gateway's signed word to a provider about one call: a JWS of 60 seconds, <c>typ</c> <c>exchange+jwt</c>, ES256
/// (exchanges page, section 1.5). What a provider decides on, it takes from here and not from the bare headers.
/// </summary>
internal sealed class ExchangeAssertion : IDisposable
{
    private static readonly Dictionary<string, object> Header = new(StringComparer.Ordinal) { ["typ"] = "exchange+jwt" };
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly Renewed<ECDsa> _key;
    private volatile SigningCredentials _credentials;
    private readonly string _issuer;
    private readonly TimeProvider _time;

    /// <summary>Signs as <paramref name="issuer"/> with <paramref name="key"/>, which it owns from here on; another key counts for the
    /// next assertion.</summary>
    public ExchangeAssertion(string issuer, Renewed<ECDsa> key, TimeProvider time)
    {
        (_issuer, _key, _time, _credentials) = (issuer, key, time, Credentials(key.Current));
        key.Changed += (_, _) => _credentials = Credentials(key.Current);
    }

    private static SigningCredentials Credentials(ECDsa key)
    {
        // A factory of its own: the process-wide one would hand out a signer over a key of the same id that was disposed of since.
        var security = new ECDsaSecurityKey(key) { CryptoProviderFactory = new CryptoProviderFactory() };
        security.KeyId = Base64UrlEncoder.Encode(security.ComputeJwkThumbprint());
        return new SigningCredentials(security, SecurityAlgorithms.EcdsaSha256);
    }

    /// <summary>Makes the assertion for <paramref name="question"/>.</summary>
    public string For(Question question)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(question.Body.Span, digest);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("iss", _issuer);
            json.WriteString("aud", Audience(question));
            json.WriteNumber("iat", now);
            json.WriteNumber("exp", now + 60);
            json.WriteString("jti", NewId());
            json.WriteString("org", question.Consumer);
            json.WriteString("op", question.Operation);
            json.WriteString("agr", question.Agreement);
            json.WriteString("purp", question.Purpose);
            json.WriteString("bdig", Base64Url.EncodeToString(digest));
            if (question.CaseReference is not null)
                json.WriteString("cref", question.CaseReference);
            json.WriteEndObject();
        }

        return _handler.CreateToken(Encoding.UTF8.GetString(buffer.WrittenSpan), _credentials, Header);
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Current.Dispose();

    // An id of this assertion alone: a question that is sent twice is signed twice, and a provider that refuses a repeated id answers both.
    private static string NewId()
    {
        Span<byte> id = stackalloc byte[16];
        RandomNumberGenerator.Fill(id);
        return Base64Url.EncodeToString(id);
    }

    // The provider's base address is its name for itself, whatever the path of the call.
    private static string Audience(Question question) =>
        (question.Operation.StartsWith("health.", StringComparison.Ordinal) ? question.Provider.Provider!.Fhir?.Base : null)
            ?.ToString()
            .TrimEnd('/')
        ?? question.Provider.Provider!.BaseAddress.ToString().TrimEnd('/');
}
