using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tokens.Jose;

namespace Authority.Keys;

/// <summary>What the ring means until an instant: who signs, and the key set as bytes.</summary>
/// <param name="Signing">Signs.</param>
/// <param name="Jwks">The key set.</param>
/// <param name="ETag">Its strong entity tag.</param>
/// <param name="Public">The key set for verifiers in this process.</param>
/// <param name="Until">The next change by the clock.</param>
internal sealed record RingView(SigningKey Signing, byte[] Jwks, string ETag, KeySet Public, DateTimeOffset Until)
{
    internal static RingView Of(SigningKey signing, ImmutableArray<SigningKey> published, DateTimeOffset until)
    {
        var jwks = WriteJwks(published);
        return new(
            signing,
            jwks,
            $"\"{Base64Url.EncodeToString(SHA256.HashData(jwks).AsSpan(0, 16))}\"",
            KeySet.Parse(Encoding.UTF8.GetString(jwks)),
            until
        );
    }

    private static byte[] WriteJwks(ImmutableArray<SigningKey> keys)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys");
            foreach (var key in keys)
            {
                json.WriteStartObject();
                json.WriteString("kty", "EC");
                json.WriteString("crv", "P-256");
                json.WriteString("x", key.X);
                json.WriteString("y", key.Y);
                json.WriteString("use", "sig");
                json.WriteString("alg", AllowedAlgorithms.ES256);
                json.WriteString("kid", key.KeyId);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
