using System.Buffers;
using Gateway.Problems;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Admission;

/// <summary>Reads a request's body whole, up to its operation's limit (exchanges page, section 1.1).</summary>
internal static class RequestBody
{
    /// <summary>Largest body of a single question, bytes.</summary>
    public const int SingleBytes = 16 * 1024;

    /// <summary>Largest FHIR search form, bytes.</summary>
    public const int FormBytes = 4 * 1024;

    /// <summary>The body; a refusal when it is longer than <paramref name="limit"/>, or compressed.</summary>
    public static async ValueTask<Verdict<ReadOnlyMemory<byte>>> ReadAsync(HttpContext http, int limit)
    {
        if (http.Request.ContentLength > limit)
            return new Refusal(Problem.BodyTooLarge);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await http.Turn().Outside(reader.ReadAsync(http.RequestAborted));
            if (read.Buffer.Length > limit)
                return new Refusal(Problem.BodyTooLarge);
            if (!read.IsCompleted)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            ReadOnlyMemory<byte> body = read.Buffer.ToArray();
            reader.AdvanceTo(read.Buffer.End);
            return IsCompressed(body.Span)
                ? new Refusal(Problem.ContentEncodingUnsupported) { Reason = "a compressed body without Content-Encoding" }
                : body;
        }
    }

    // Nothing that the gateway takes begins so: gzip, Zstandard, zlib.
    private static bool IsCompressed(ReadOnlySpan<byte> body) =>
        body.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b])
        || body.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd])
        || body.StartsWith((ReadOnlySpan<byte>)[0x78, 0x01])
        || body.StartsWith((ReadOnlySpan<byte>)[0x78, 0x9c])
        || body.StartsWith((ReadOnlySpan<byte>)[0x78, 0xda]);
}
