using System.Net;
using System.Text.Json;

namespace Tokens.Access;

/// <summary>
/// Finds an issuer's key set by its metadata: RFC 8414, then OpenID Connect Discovery. Nothing is believed but the address of the key
/// set, and that only on the issuer's own host: what is fetched stays where the configuration points.
/// </summary>
internal static class IssuerMetadata
{
    /// <summary>Longest document that is read: metadata and key sets alike.</summary>
    internal const int MaxBytes = 64 * 1024;

    /// <summary>The address of the key set.</summary>
    /// <exception cref="FormatException">No document at either place, or one that is not this issuer's.</exception>
    internal static async Task<Uri> FindKeys(string issuer, HttpClient http, CancellationToken cancellation)
    {
        var address = new Uri(issuer);
        var path = address.AbsolutePath.TrimEnd('/');
        var origin = address.GetLeftPart(UriPartial.Authority);
        return await Read($"{origin}/.well-known/oauth-authorization-server{path}", issuer, http, cancellation)
            ?? await Read($"{origin}{path}/.well-known/openid-configuration", issuer, http, cancellation)
            ?? throw new FormatException("the issuer publishes no metadata");
    }

    /// <summary>The body of an answer; refused when it is longer than <see cref="MaxBytes"/>.</summary>
    internal static async Task<ReadOnlyMemory<byte>> Body(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[MaxBytes + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return length <= MaxBytes ? buffer.AsMemory(0, length) : throw new FormatException("the document is too large");
    }

    private static async Task<Uri?> Read(string document, string issuer, HttpClient http, CancellationToken cancellation)
    {
        using var response = await http.GetAsync(new Uri(document), HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.StatusCode != HttpStatusCode.OK)
            return null;
        return KeysOf(await Body(response, cancellation), issuer);
    }

    private static Uri KeysOf(ReadOnlyMemory<byte> json, string issuer)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            var metadata = document.RootElement;
            if (!metadata.GetProperty("issuer").ValueEquals(issuer))
                throw new FormatException("the metadata is another issuer's");
            var keys = new Uri(metadata.GetProperty("jwks_uri").GetString() ?? "", UriKind.Absolute);
            var home = new Uri(issuer);
            return keys.Scheme == Uri.UriSchemeHttps && keys.Host == home.Host && keys.Port == home.Port && keys.UserInfo.Length == 0
                ? keys
                : throw new FormatException("the key set is not on the issuer's own host");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("the metadata cannot be read", exception);
        }
    }
}
