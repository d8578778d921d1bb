using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Agreements.Keys;

namespace Agreements.Signatures;

/// <summary>
/// A JWS in compact serialization whose payload is left out (RFC 7515, appendix F) and signed as it stands (RFC 7797): ES256, with the
/// header <c>{"alg":"ES256","b64":false,"crit":["b64"],"kid":"…"}</c> and no other. One form only, so that nobody has to choose an
/// algorithm.
/// </summary>
internal sealed class DetachedJws
{
    // The part between the two dots is the payload, which is elsewhere.
    private const string NoPayload = "..";

    private readonly byte[] _header;
    private readonly byte[] _signature;

    private DetachedJws(byte[] header, byte[] signature) => (_header, _signature) = (header, signature);

    /// <summary>Signs bytes.</summary>
    /// <param name="payload">What is signed, as it stands.</param>
    /// <param name="keyId">Becomes <c>kid</c>.</param>
    /// <param name="key">Private key on P-256.</param>
    public static string Sign(ReadOnlySpan<byte> payload, string keyId, ECDsa key)
    {
        var header = Encoding.ASCII.GetBytes(Base64Url.EncodeToString(Header(keyId)));
        var signature = key.SignData(Input(header, payload), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return Encoding.ASCII.GetString(header) + NoPayload + Base64Url.EncodeToString(signature);
    }

    /// <summary>Reads one of this form; null when it is of any other.</summary>
    /// <param name="text">Compact serialization.</param>
    /// <param name="keyId">What <c>kid</c> must say.</param>
    public static DetachedJws? Read(string text, string keyId)
    {
        var at = text.IndexOf(NoPayload, StringComparison.Ordinal);
        if (at < 0)
            return null;
        if (StrictBase64Url.Decode(text[..at]) is not { } header || !IsOurs(header, keyId))
            return null;
        return StrictBase64Url.Decode(text[(at + NoPayload.Length)..]) is { Length: 64 } signature
            ? new DetachedJws(Encoding.ASCII.GetBytes(text[..at]), signature)
            : null;
    }

    /// <summary>Does it sign these bytes?</summary>
    /// <param name="payload">The bytes, as they stand.</param>
    /// <param name="key">Public key on P-256.</param>
    public bool Signs(ReadOnlySpan<byte> payload, ECDsa key) =>
        key.VerifyData(Input(_header, payload), _signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>
    /// Tells one signature from another, also where an outsider has written it in its other form: with (r, s) fits (r, n − s) too, which
    /// takes no key. So it is the digest of the header and r; another signature by the same key has another r.
    /// </summary>
    public byte[] Identity() => SHA256.HashData([.. _header, (byte)'.', .. _signature.AsSpan(0, _signature.Length / 2)]);

    private static byte[] Input(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) => [.. header, (byte)'.', .. payload];

    private static ReadOnlySpan<byte> Header(string keyId)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("alg", "ES256");
            writer.WriteBoolean("b64", false);
            writer.WriteStartArray("crit");
            writer.WriteStringValue("b64");
            writer.WriteEndArray();
            writer.WriteString("kid", keyId);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan;
    }

    // Members in any order, since other programs sign too; none missing, none more, none twice.
    private static bool IsOurs(byte[] header, string keyId)
    {
        if (!Utf8.IsValid(header))
            return false;
        try
        {
            using var document = JsonDocument.Parse(header, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 2 });
            var root = document.RootElement;
            return root.ValueKind is JsonValueKind.Object
                && root.GetPropertyCount() == 4
                && root.TryGetProperty("alg", out var alg)
                && Is(alg, "ES256")
                && root.TryGetProperty("b64", out var b64)
                && b64.ValueKind is JsonValueKind.False
                && root.TryGetProperty("crit", out var crit)
                && crit.ValueKind is JsonValueKind.Array
                && crit.GetArrayLength() == 1
                && Is(crit[0], "b64")
                && root.TryGetProperty("kid", out var kid)
                && Is(kid, keyId);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool Is(JsonElement value, string text) => value.ValueKind is JsonValueKind.String && value.ValueEquals(text);
}
