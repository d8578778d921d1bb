using Microsoft.AspNetCore.Http.Features;
using Tokens.Access;
using Tokens.Possession;
using Tokens.Transport;

namespace Gateway.Authentication;

/// <summary>What a DPoP proof must be made for at this gateway, and the nonce for the next one (authority page, section 8).</summary>
internal static class ProofOfPossession
{
    /// <summary>Header that carries the nonce for the next proof (RFC 9449 section 8).</summary>
    public const string NonceHeader = "DPoP-Nonce";

    /// <summary>
    /// The call's proof with its method and the configured address of its listener; null under another scheme, which needs none.
    /// </summary>
    public static DpopRequest? Of(HttpContext http, TokenScheme scheme, GatewayOptions options)
    {
        if (scheme != TokenScheme.DPoP)
            return null;
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var address = ListenerName.Of(http) == GatewayHost.DpopListener ? options.DpopAddress : options.Resource;
        return new DpopRequest(
            http.Request.Headers["DPoP"],
            http.Request.Method,
            new Uri(address + (query < 0 ? target : target[..query]))
        );
    }

    /// <summary>
    /// Puts the nonce on the answer, whatever the answer will be: it is set when the answer starts, after whoever writes it has cleared the
    /// headers.
    /// </summary>
    public static void Announce(HttpContext http, string? nonce)
    {
        if (nonce is null)
            return;
        http.Response.OnStarting(
            static state =>
            {
                var (response, next) = ((HttpResponse, string))state;
                response.Headers[NonceHeader] = next;
                return Task.CompletedTask;
            },
            (http.Response, nonce)
        );
    }
}
