using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Tokens.Transport;

/// <summary>Field rules of the gate. Kestrel 10 lets all of these through (hardening page, section 4).</summary>
public static class WireFields
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "!#$%&'*+-.^`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    ); // RFC 9110 token without "_"
    private static readonly SearchValues<char> ValueCharacters = SearchValues.Create([
        .. Enumerable.Range(0x20, 0x7F - 0x20).Select(static code => (char)code),
    ]);
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");
    private const int Separators = 4; // ": " and the end of the line

    /// <summary>Fields that stand once, as one value.</summary>
    internal static readonly string[] Once =
    [
        "Authorization",
        "Host",
        "Content-Type",
        "Content-Length",
        "Idempotency-Key",
        "Case-Reference",
        "Consent-Reference",
        "Agent",
        "DPoP",
    ];

    internal static WireDefect Judge(HttpRequest request)
    {
        var headers = request.Headers;
        var (lines, bytes) = (0, 0);
        foreach (var (name, values) in headers)
        {
            if (name[0] != ':' && name.AsSpan().ContainsAnyExcept(NameCharacters))
                return WireDefect.FieldName;
            foreach (var value in values)
            {
                if (value.AsSpan().ContainsAnyExcept(ValueCharacters))
                    return WireDefect.FieldValue;
                lines++;
                bytes += name.Length + (value?.Length ?? 0) + Separators;
            }
        }

        if (lines > KestrelLimits.MostHeaders || bytes > KestrelLimits.MostHeaderBytes)
            return WireDefect.HeadersTooLarge;
        if (!IsFramingSound(request, headers))
            return WireDefect.Framing;
        if (Repeated(headers) is not null)
            return WireDefect.RepeatedField;
        return IsPointToPoint(headers) ? WireDefect.None : WireDefect.HopByHop;
    }

    /// <summary>Name of the first field whose value has a control character or a byte above 0x7E; null when none has.</summary>
    internal static string? Unreadable(IHeaderDictionary headers)
    {
        foreach (var (name, values) in headers)
            foreach (var value in values)
                if (value.AsSpan().ContainsAnyExcept(ValueCharacters))
                    return name;
        return null;
    }

    /// <summary>The first field that may stand once and stands twice or as a list; null when none does.</summary>
    internal static string? Repeated(IHeaderDictionary headers)
    {
        foreach (var name in Once)
            if (headers.TryGetValue(name, out var values) && !StandsOnce(values))
                return name;
        return null;
    }

    private static bool IsFramingSound(HttpRequest request, IHeaderDictionary headers)
    {
        if (headers.ContainsKey("X-Content-Length"))
            return false; // where Kestrel hides a length that came with a transfer coding
        var coding = headers.TransferEncoding;
        var length = headers["Content-Length"];
        if (coding.Count > 0 && (length.Count > 0 || !IsChunked(coding) || !HttpProtocol.IsHttp11(request.Protocol)))
            return false;
        foreach (var value in length)
            if (string.IsNullOrEmpty(value) || value.AsSpan().ContainsAnyExcept(Digits))
                return false;
        return true;
    }

    // Names of codings have no case (RFC 9112, section 7).
    private static bool IsChunked(StringValues coding) =>
        coding.Count == 1 && string.Equals(coding[0], "chunked", StringComparison.OrdinalIgnoreCase);

    private static bool StandsOnce(StringValues values) =>
        values.Count == 1 && values[0] is { } value && !value.Contains(',', StringComparison.Ordinal);

    /// <summary>A coding of the body other than <c>identity</c>, which is none (RFC 9110, section 8.4.1).</summary>
    internal static bool IsCoded(IHeaderDictionary headers)
    {
        foreach (var line in headers.ContentEncoding)
            if (NamesCoding(line))
                return true;
        return false;
    }

    /// <summary>Does a line of <c>Content-Encoding</c> name a coding? Neither <c>identity</c> nor an empty member is one; a coding is a
    /// token, so quotes are none of it.</summary>
    /// <param name="line">Value of the line.</param>
    public static bool NamesCoding(ReadOnlySpan<char> line)
    {
        foreach (var range in line.Split(','))
            if (line[range].Trim(" \t") is { IsEmpty: false } coding && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    // What Connection may name is decided where its bytes are still there (StrictHeaders).
    private static bool IsPointToPoint(IHeaderDictionary headers)
    {
        if (headers.Upgrade.Count > 0 || headers.Trailer.Count > 0)
            return false;
        foreach (var value in headers.Expect)
            if (!string.Equals(value, "100-continue", StringComparison.OrdinalIgnoreCase))
                return false;
        return true;
    }
}
