using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Tokens.Transport;

/// <summary>
/// Which header the gate refused, and by which rule, so that a refusal can name it. A name that nobody here knows is the caller's own
/// text and may be a person's number: such a header is not named.
/// </summary>
/// <param name="Name">The header's registered name.</param>
/// <param name="Code">Stable code.</param>
/// <param name="Rule">The rule that it breaks; never what was sent.</param>
public sealed record WireFault(string Name, string Code, string Rule)
{
    /// <summary>Names that are said back: the gate's own, and those that common clients send.</summary>
    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        [
            .. WireFields.Once,
            "Accept",
            "Accept-Charset",
            "Accept-Encoding",
            "Accept-Language",
            "Connection",
            "Content-Encoding",
            "Cookie",
            "Expect",
            "Forwarded",
            "From",
            "Origin",
            "Prefer",
            "Referer",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            "User-Agent",
            "Via",
            "X-Forwarded-For",
            "X-Request-Id",
            "traceparent",
            "tracestate",
        ]
    );

    /// <summary>The header behind a defect; null when no header that can be named is.</summary>
    /// <param name="request">The refused request.</param>
    /// <param name="defect">What the gate found.</param>
    public static WireFault? Of(HttpRequest request, WireDefect defect)
    {
        var headers = request.Headers;
        return defect switch
        {
            WireDefect.FieldValue => Named(WireFields.Unreadable(headers), "invalid-format", "printable ASCII"),
            WireDefect.RepeatedField => Named(WireFields.Repeated(headers), "repeated", "one value"),
            WireDefect.HopByHop when headers.Upgrade.Count > 0 => new("Upgrade", "not-admitted", "no other protocol"),
            WireDefect.HopByHop when headers.Trailer.Count > 0 => new("Trailer", "not-admitted", "no trailers"),
            WireDefect.HopByHop => new("Expect", "invalid-format", "100-continue"),
            WireDefect.Framing when headers.TransferEncoding.Count > 0 => new(
                "Transfer-Encoding",
                "invalid-format",
                "chunked alone, over HTTP/1.1, without Content-Length"
            ),
            WireDefect.Framing => new("Content-Length", "invalid-format", "digits alone"),
            _ => null,
        };
    }

    private static WireFault? Named(string? header, string code, string rule) =>
        header is not null && Known.TryGetValue(header, out var name) ? new(name, code, rule) : null;
}
