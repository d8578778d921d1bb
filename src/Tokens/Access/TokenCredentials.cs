using Microsoft.AspNetCore.Http;

namespace Tokens.Access;

/// <summary>Scheme under which a token was sent (RFC 9110 section 11.1: case-insensitive).</summary>
public enum TokenScheme
{
    /// <summary>RFC 6750; for tokens bound to a certificate.</summary>
    Bearer,

    /// <summary>RFC 9449; for tokens bound to a proof key.</summary>
    DPoP,
}

/// <summary>The token of a request, not yet looked at.</summary>
/// <param name="Scheme">Scheme.</param>
/// <param name="Token">The token, at most 8 KiB.</param>
public readonly record struct TokenCredentials(TokenScheme Scheme, ReadOnlyMemory<char> Token)
{
    /// <summary>
    /// Reads the one <c>Authorization</c> header. A token in the query is refused even when the header has one too (RFC 6750 section 2.3 is
    /// not offered); tokens in forms cannot come up, for no data route takes a form.
    /// </summary>
    public static TokenDefect Read(HttpRequest request, out TokenCredentials credentials)
    {
        credentials = default;
        var headers = request.Headers.Authorization;
        if (headers.Count > 1 || (request.QueryString.HasValue && request.Query.ContainsKey("access_token")))
            return TokenDefect.Ambiguous;
        if (headers.Count == 0 || headers[0] is not { Length: > 0 } value)
            return TokenDefect.Missing;
        var space = value.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || !TryScheme(value.AsSpan(0, space), out var scheme))
            return TokenDefect.Malformed;
        var token = value.AsMemory(space).TrimStart(' ');
        if (token.Length is 0 or > Jose.JoseGuard.MaxLength || token.Span.Contains(' '))
            return TokenDefect.Malformed;
        credentials = new(scheme, token);
        return TokenDefect.None;
    }

    private static bool TryScheme(ReadOnlySpan<char> text, out TokenScheme scheme)
    {
        scheme = text.Equals("DPoP", StringComparison.OrdinalIgnoreCase) ? TokenScheme.DPoP : TokenScheme.Bearer;
        return scheme == TokenScheme.DPoP || text.Equals("Bearer", StringComparison.OrdinalIgnoreCase);
    }
}
