using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Authority;

/// <summary>
/// The parameters of a token, introspection or revocation request: form body only, each once, exact names (RFC 6749 section 3.2).
/// Nothing is judged yet but the form.
/// </summary>
public sealed class TokenRequest
{
    private const int MaxDetails = 4096;
    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "grant_type",
        "client_id",
        "client_assertion",
        "client_assertion_type",
        "client_secret",
        "scope",
        "authorization_details",
        "resource",
        "token",
        "token_type_hint",
        "request_id"
    );

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private TokenRequest() { }

    /// <summary><c>grant_type</c>.</summary>
    public string? GrantType => Value("grant_type");

    /// <summary><c>client_id</c>.</summary>
    public string? ClientId => Value("client_id");

    /// <summary><c>client_assertion</c>.</summary>
    public string? Assertion => Value("client_assertion");

    /// <summary><c>client_assertion_type</c>.</summary>
    public string? AssertionType => Value("client_assertion_type");

    /// <summary>A secret was sent: a method that does not exist here.</summary>
    public bool HasSecret => Value("client_secret") is not null;

    /// <summary><c>scope</c>.</summary>
    public string? Scope => Value("scope");

    /// <summary><c>authorization_details</c>, at most 4 KiB of JSON text.</summary>
    public string? Details => Value("authorization_details");

    /// <summary><c>token</c>, of introspection and revocation.</summary>
    public string? Token => Value("token");

    /// <summary><c>request_id</c>, of an explanation.</summary>
    public string? RequestId => Value("request_id");

    /// <summary><c>resource</c>: the one parameter that may be repeated (RFC 8707 section 2).</summary>
    public ImmutableArray<string> Resources { get; private set; } = [];

    /// <summary>The Authorization header as sent; null without.</summary>
    public string? Authorization { get; private set; }

    /// <summary>The DPoP headers as sent.</summary>
    public StringValues Dpop { get; private set; }

    private string? Value(string name) => _values.GetValueOrDefault(name);

    /// <summary>Reads the form. The wire gate has seen to method, media type and query; the server to the length of the body.</summary>
    public static async ValueTask<Verdict<TokenRequest>> Read(HttpContext context)
    {
        Dictionary<string, StringValues> form;
        try
        {
            if (await IsCompressed(context))
                return TokenRefusal.Compressed;
            // The gate has seen to it that this is a form in UTF-8: what the request's own form feature would ask first is answered.
            var reader = new FormPipeReader(context.Request.BodyReader)
            {
                ValueCountLimit = 32,
                KeyLengthLimit = 64,
                ValueLengthLimit = 8192,
            };
            form = await reader.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException)
        {
            return TokenRefusal.InvalidRequest("form-unreadable", "the form cannot be read or is over 16 KiB");
        }
        var request = new TokenRequest { Authorization = context.Request.Headers.Authorization, Dpop = context.Request.Headers["DPoP"] };
        foreach (var (name, values) in form)
            if (request.Add(name, values) is { } refusal)
                return refusal;
        return request;
    }

    // Told as what it is, where nothing in the headers did: gzip. Nothing is consumed.
    private static async ValueTask<bool> IsCompressed(HttpContext context)
    {
        var read = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
        var isCompressed = read.Buffer.FirstSpan.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]);
        context.Request.BodyReader.AdvanceTo(read.Buffer.Start);
        return isCompressed;
    }

    /// <summary>
    /// Unknown parameters are ignored (RFC 6749 section 3.2); a known one in another case, or twice, is a trick or a fault.
    /// </summary>
    private TokenRefusal? Add(string name, StringValues values)
    {
        if (!Known.TryGetValue(name, out var known))
            return values.Count > 1 ? Repeated() : null;
        if (known != name)
            return TokenRefusal.InvalidRequest("parameter-case", $"the parameter is spelled {known}");
        if (known == "resource")
        {
            Resources = [.. values.OfType<string>().Where(static value => value.Length > 0)];
            return null;
        }
        if (values.Count > 1)
            return Repeated();
        if (values[0] is not { Length: > 0 } value)
            return null; // sent without a value: as if omitted
        if (known == "authorization_details" && value.Length > MaxDetails)
            return TokenRefusal.InvalidRequest("details-too-long", "authorization_details is over 4 KiB");
        _values.Add(known, value);
        return null;
    }

    private static TokenRefusal Repeated() => TokenRefusal.InvalidRequest("parameter-repeated", "a parameter was sent twice");
}
