using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Gateway.Catalogue;

/// <summary>What a path of the catalogue answers.</summary>
/// <param name="Body">Its bytes.</param>
/// <param name="ContentType">Media type.</param>
/// <param name="Tag">Entity tag (RFC 9110, section 8.8.3); null for answers that are not asked for again.</param>
internal sealed record CatalogueAnswer(ReadOnlyMemory<byte> Body, string ContentType, EntityTagHeaderValue? Tag)
{
    /// <summary>Media type of everything that programs read.</summary>
    public const string Json = "application/json";

    /// <summary>Language of a page for people; null for JSON.</summary>
    public string? Language { get; init; }

    /// <summary>What a browser may do with a page; null for JSON.</summary>
    public string? ContentSecurityPolicy { get; init; }

    /// <summary>Headers of the request on which the form of the answer depends; null when there are none.</summary>
    public string? Vary { get; init; }

    /// <summary>An answer whose bytes are its tag.</summary>
    public static CatalogueAnswer Of(ReadOnlyMemory<byte> body, string contentType = Json) =>
        new(body, contentType, new EntityTagHeaderValue(Quoted(body.Span)));

    /// <summary>
    /// An answer in which figures move by themselves: the tag is weak and covers the rest, so that asking again is worth something (RFC
    /// 9110, section 8.8.1).
    /// </summary>
    /// <param name="body">Bytes to send.</param>
    /// <param name="lasting">The same without the figures that move.</param>
    public static CatalogueAnswer Of(ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> lasting) =>
        new(body, Json, new EntityTagHeaderValue(Quoted(lasting.Span), isWeak: true));

    /// <summary>Does the caller have it already (<c>If-None-Match</c>, weak comparison)?</summary>
    public bool IsKnown(HttpRequest request) =>
        Tag is not null
        && request
            .GetTypedHeaders()
            .IfNoneMatch.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(Tag, useStrongComparison: false));

    private static string Quoted(ReadOnlySpan<byte> bytes) => $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"";
}
