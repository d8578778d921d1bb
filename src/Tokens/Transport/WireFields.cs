using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Tokens.Transport;

/// <summary>Field rules of the gate. Kestrel 10 lets all of these through (hardening page, section 4).</summary>
internal static class WireFields
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!#$%&'*+-.^`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"); // RFC 9110 token without "_"
    private static readonly SearchValues<char> ValueCharacters =
        SearchValues.Create([.. Enumerable.Range(0x20, 0x7F - 0x20).Select(static code => (char)code)]);
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");
    private static readonly string[] Once =
    [
        "Authorization", "Host", "Content-Type", "Content-Length", "Idempotency-Key", "Case-Reference", "Consent-Reference", "Agent", "DPoP",
    ];

    internal static WireDefect Judge(HttpRequest request)
    {
        var headers = request.Headers;
        foreach (var (name, values) in headers)
        {
            if (name[0] != ':' && name.AsSpan().ContainsAnyExcept(NameCharacters)) return WireDefect.FieldName;
            foreach (var value in values)
                if (value.AsSpan().ContainsAnyExcept(ValueCharacters)) return WireDefect.FieldValue;
        }
        if (!IsFramingSound(request, headers)) return WireDefect.Framing;
        foreach (var name in Once)
            if (headers.TryGetValue(name, out var values) && !StandsOnce(values)) return WireDefect.RepeatedField;
        return IsPointToPoint(headers) ? WireDefect.None : WireDefect.HopByHop;
    }

    private static bool IsFramingSound(HttpRequest request, IHeaderDictionary headers)
    {
        if (headers.ContainsKey("X-Content-Length")) return false; // where Kestrel hides a length that came with a transfer coding
        var coding = headers.TransferEncoding;
        var length = headers["Content-Length"];
        if (coding.Count > 0 && (length.Count > 0 || coding != "chunked" || !HttpProtocol.IsHttp11(request.Protocol))) return false;
        foreach (var value in length)
            if (string.IsNullOrEmpty(value) || value.AsSpan().ContainsAnyExcept(Digits)) return false;
        return true;
    }

    private static bool StandsOnce(StringValues values) =>
        values.Count == 1 && values[0] is { } value && !value.Contains(',', StringComparison.Ordinal);

    private static bool IsPointToPoint(IHeaderDictionary headers)
    {
        if (headers.Upgrade.Count > 0 || headers.Trailer.Count > 0) return false;
        foreach (var value in headers.Expect)
            if (!string.Equals(value, "100-continue", StringComparison.OrdinalIgnoreCase)) return false;
        foreach (var value in headers.Connection)
            if (!string.Equals(value, "close", StringComparison.OrdinalIgnoreCase) && !string.Equals(value, "keep-alive", StringComparison.OrdinalIgnoreCase)) return false;
        return true;
    }
}
