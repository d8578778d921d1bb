using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Agreements.Keys;

/// <summary>A public key of a partner, read from a JWK (RFC 7517) and checked: EC P-256 or RSA of at least 2048 bits, no private member.</summary>
public sealed class PublicKey
{
    private static readonly string[] PrivateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

    private PublicKey(string keyId, string algorithm, string canonical, string jwk)
    {
        KeyId = keyId;
        Algorithm = algorithm;
        Canonical = canonical;
        Jwk = jwk;
    }

    /// <summary>RFC 7638 thumbprint.</summary>
    public string KeyId { get; }
    /// <summary>ES256 or PS256.</summary>
    public string Algorithm { get; }
    /// <summary>The JWK as compact JSON with <c>kty</c>, the key's members, <c>kid</c>, <c>alg</c> and <c>use</c>.</summary>
    public string Jwk { get; }
    /// <summary>The members that RFC 7638 hashes, in its order: equal for equal keys.</summary>
    internal string Canonical { get; }

    /// <summary>Reads one JWK; null with the reason when it is not acceptable.</summary>
    public static PublicKey? Read(JsonElement jwk, out string reason)
    {
        reason = "not a JSON object with string members";
        if (jwk.ValueKind is not JsonValueKind.Object) return null;
        try
        {
            foreach (var member in PrivateMembers)
                if (jwk.TryGetProperty(member, out _)) return Refuse($"private member '{member}'", out reason);
            var key = Text(jwk, "kty") switch
            {
                "EC" => Elliptic(jwk, out reason),
                "RSA" => Rsa(jwk, out reason),
                _ => Refuse("kty is neither EC nor RSA", out reason),
            };
            return key is not null && Agrees(jwk, key, out reason) ? key : null;
        }
        catch (CryptographicException)
        {
            return Refuse("the numbers are not a key", out reason);
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json looks at the bytes of a string only when it is asked for: bad UTF-8 and lone surrogates end here.
            return Refuse("a text that is not Unicode", out reason);
        }
    }

    private static PublicKey? Elliptic(JsonElement jwk, out string reason)
    {
        if (Text(jwk, "crv") != "P-256") return Refuse("crv is not P-256", out reason);
        if (Bytes(jwk, "x") is not { Length: 32 } x || Bytes(jwk, "y") is not { Length: 32 } y) return Refuse("x and y are not 32 bytes in base64url", out reason);
        // Creating the key checks that the point lies on the curve.
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = x, Y = y } });
        reason = "";
        return Make("ES256", ("crv", "P-256"), ("kty", "EC"), ("x", Base64Url.EncodeToString(x)), ("y", Base64Url.EncodeToString(y)));
    }

    private static PublicKey? Rsa(JsonElement jwk, out string reason)
    {
        if (Bytes(jwk, "n") is not { Length: >= 256 and <= 1024 } n || n[0] == 0) return Refuse("n is shorter than 2048 or longer than 8192 bits", out reason);
        if (Bytes(jwk, "e") is not { Length: >= 3 and <= 4 } e || e[0] == 0 || e[^1] % 2 == 0) return Refuse("e is not an odd number of 3 or 4 bytes", out reason);
        using var key = RSA.Create(new RSAParameters { Modulus = n, Exponent = e });
        if (key.KeySize < 2048) return Refuse("n is shorter than 2048 bits", out reason);
        reason = "";
        return Make("PS256", ("e", Base64Url.EncodeToString(e)), ("kty", "RSA"), ("n", Base64Url.EncodeToString(n)));
    }

    private static bool Agrees(JsonElement jwk, PublicKey key, out string reason)
    {
        reason = "";
        if (jwk.TryGetProperty("alg", out var alg) && !Is(alg, key.Algorithm)) reason = $"alg is not {key.Algorithm}";
        else if (jwk.TryGetProperty("use", out var use) && !Is(use, "sig")) reason = "use is not sig";
        else if (jwk.TryGetProperty("kid", out var kid) && !Is(kid, key.KeyId)) reason = "kid is not the RFC 7638 thumbprint";
        return reason.Length == 0;
    }

    private static PublicKey Make(string algorithm, params ReadOnlySpan<(string Name, string Value)> members)
    {
        var canonical = Json(members);
        var thumbprint = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        return new PublicKey(thumbprint, algorithm, canonical, Json([.. members, ("kid", thumbprint), ("alg", algorithm), ("use", "sig")]));
    }

    private static string Json(ReadOnlySpan<(string Name, string Value)> members)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in members) writer.WriteString(name, value);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string? Text(JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static bool Is(JsonElement value, string text) => value.ValueKind is JsonValueKind.String && value.ValueEquals(text);

    private static byte[]? Bytes(JsonElement jwk, string name) => Text(jwk, name) is { } text ? StrictBase64Url.Decode(text) : null;

    private static PublicKey? Refuse(string what, out string reason)
    {
        reason = what;
        return null;
    }
}
