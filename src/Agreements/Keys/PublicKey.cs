using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Wording;

namespace Agreements.Keys;

/// <summary>
/// A public key of a partner, read from a JWK (RFC 7517) and checked: EC P-256 or RSA of at least 2048 bits, no private member.
/// </summary>
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
    public static PublicKey? Read(JsonElement jwk, out KeyFault fault)
    {
        fault = KeyFault.Of("key-not-object");
        if (jwk.ValueKind is not JsonValueKind.Object)
            return null;
        try
        {
            foreach (var member in PrivateMembers)
                if (jwk.TryGetProperty(member, out _))
                    return Refuse(KeyFault.Of("key-private", member), out fault);
            var key = Text(jwk, "kty") switch
            {
                "EC" => Elliptic(jwk, out fault),
                "RSA" => Rsa(jwk, out fault),
                _ => Refuse(KeyFault.Of("key-kty", "kty", "EC", "RSA"), out fault),
            };
            return key is not null && Agrees(jwk, key, out fault) ? key : null;
        }
        catch (CryptographicException)
        {
            return Refuse(KeyFault.Of("key-numbers"), out fault);
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json looks at the bytes of a string only when it is asked for: bad UTF-8 and lone surrogates end here.
            return Refuse(KeyFault.Of("key-unicode"), out fault);
        }
    }

    private static PublicKey? Elliptic(JsonElement jwk, out KeyFault fault)
    {
        if (Text(jwk, "crv") != "P-256")
            return Refuse(KeyFault.Of("key-curve", "crv", "P-256"), out fault);
        if (Bytes(jwk, "x") is not { Length: 32 } x || Bytes(jwk, "y") is not { Length: 32 } y)
            return Refuse(KeyFault.Of("key-point", Blank.List((string[])["x", "y"])), out fault);
        // Creating the key checks that the point lies on the curve.
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = x, Y = y } });
        fault = KeyFault.None;
        return Make("ES256", ("crv", "P-256"), ("kty", "EC"), ("x", Base64Url.EncodeToString(x)), ("y", Base64Url.EncodeToString(y)));
    }

    private static PublicKey? Rsa(JsonElement jwk, out KeyFault fault)
    {
        if (Bytes(jwk, "n") is not { Length: >= 256 and <= 1024 } n || n[0] == 0)
            return Refuse(KeyFault.Of("key-modulus", "n"), out fault);
        if (Bytes(jwk, "e") is not { Length: >= 3 and <= 4 } e || e[0] == 0 || e[^1] % 2 == 0)
            return Refuse(KeyFault.Of("key-exponent", "e"), out fault);
        using var key = RSA.Create(new RSAParameters { Modulus = n, Exponent = e });
        if (key.KeySize < 2048)
            return Refuse(KeyFault.Of("key-modulus", "n"), out fault);
        fault = KeyFault.None;
        return Make("PS256", ("e", Base64Url.EncodeToString(e)), ("kty", "RSA"), ("n", Base64Url.EncodeToString(n)));
    }

    private static bool Agrees(JsonElement jwk, PublicKey key, out KeyFault fault)
    {
        fault = KeyFault.None;
        if (jwk.TryGetProperty("alg", out var alg) && !Is(alg, key.Algorithm))
            fault = KeyFault.Of("key-curve", "alg", key.Algorithm);
        else if (jwk.TryGetProperty("use", out var use) && !Is(use, "sig"))
            fault = KeyFault.Of("key-curve", "use", "sig");
        else if (jwk.TryGetProperty("kid", out var kid) && !Is(kid, key.KeyId))
            fault = KeyFault.Of("key-thumbprint-wrong", "kid");
        return fault == KeyFault.None;
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
            foreach (var (name, value) in members)
                writer.WriteString(name, value);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string? Text(JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static bool Is(JsonElement value, string text) => value.ValueKind is JsonValueKind.String && value.ValueEquals(text);

    private static byte[]? Bytes(JsonElement jwk, string name) => Text(jwk, name) is { } text ? StrictBase64Url.Decode(text) : null;

    private static PublicKey? Refuse(KeyFault what, out KeyFault fault)
    {
        fault = what;
        return null;
    }
}
