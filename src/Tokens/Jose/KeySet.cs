using System.Buffers.Text;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Tokens.Jose;

/// <summary>
/// Public verification keys, parsed once into immutable objects. A new version of a registration brings a new set, so cached signature
/// providers of removed keys die with the old one.
/// </summary>
public sealed class KeySet
{
    /// <summary>Keys in a set at most.</summary>
    public const int MaxKeys = 20;

    /// <summary>
    /// Longest RSA modulus of a key that somebody has registered or publishes; the loader of registrations has the same bound.
    /// </summary>
    public const int MaximumRsaBits = 8192;
    private const int MinimumRsaBits = 2048;
    private const int ExponentBytes = 4; // a long exponent makes a check as dear as a signature
    private const int CoordinateBytes = 32;
    private readonly FrozenDictionary<string, JsonWebKey> _byId;
    private readonly SecurityKey[] _all;

    private KeySet(ImmutableArray<JsonWebKey> keys)
    {
        (Keys, _all) = (keys, [.. keys]);
        _byId = keys.ToFrozenDictionary(static key => key.Kid, StringComparer.Ordinal);
    }

    /// <summary>A set without keys: verifies nothing.</summary>
    public static KeySet Empty { get; } = new([]);

    /// <summary>The keys.</summary>
    public ImmutableArray<JsonWebKey> Keys { get; }

    /// <summary>Is there a key with this id?</summary>
    public bool Has(string keyId) => _byId.ContainsKey(keyId);

    /// <summary>The algorithm for which the key with this id is kept; null when there is none.</summary>
    public string? AlgorithmOf(string keyId) => _byId.TryGetValue(keyId, out var key) ? key.Alg : null;

    /// <summary>The key that a header names, or every key of the set when it names none.</summary>
    internal IReadOnlyList<SecurityKey> Candidates(string? keyId) =>
        keyId is null ? _all
        : _byId.TryGetValue(keyId, out var key) ? [key]
        : [];

    /// <summary>The keys of this set whose ids pass.</summary>
    public KeySet Only(Func<string, bool> keyId) => new([.. Keys.Where(key => keyId(key.Kid))]);

    /// <summary>
    /// Reads a JWK Set (RFC 7517). Unusable keys are left out: other curves, RSA that is small or huge, private members, encryption keys.
    /// </summary>
    /// <exception cref="FormatException">The text is no JWK Set, or holds more than <see cref="MaxKeys"/> keys, or two with one
    /// id.</exception>
    public static KeySet Parse(string jwks)
    {
        var usable = ImmutableArray.CreateBuilder<JsonWebKey>();
        try
        {
            using var document = JsonDocument.Parse(jwks, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            var members = document.RootElement.GetProperty("keys");
            if (members.GetArrayLength() > MaxKeys)
                throw new FormatException("too many keys");
            foreach (var member in members.EnumerateArray())
                if (ReadKey(member.GetRawText()) is { } key)
                    usable.Add(key);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("not a JWK Set", exception);
        }
        if (usable.DistinctBy(static key => key.Kid, StringComparer.Ordinal).Count() != usable.Count)
            throw new FormatException("two keys with one id");
        return new(usable.ToImmutable());
    }

    /// <summary>
    /// A usable public signature key, with <c>kid</c> and <c>alg</c> filled in; null for anything else, before any work with its numbers.
    /// Never throws.
    /// </summary>
    /// <param name="jwk">The key.</param>
    /// <param name="longestRsa">Bits of an RSA modulus at most.</param>
    public static JsonWebKey? ReadKey(string jwk, int longestRsa = MaximumRsaBits)
    {
        try
        {
            var key = new JsonWebKey(jwk) { CryptoProviderFactory = new CryptoProviderFactory() };
            if (key.HasPrivateKey || key.K is not null || key.Use is not (null or "sig"))
                return null;
            if (key.KeyOps.Count > 0 && !key.KeyOps.Contains("verify", StringComparer.Ordinal))
                return null;
            var algorithm = key.Kty switch
            {
                "EC" when key.Crv == "P-256" => AllowedAlgorithms.ES256,
                "RSA" when IsBounded(key.N, longestRsa / 8) && IsBounded(key.E, ExponentBytes) && key.KeySize >= MinimumRsaBits =>
                    AllowedAlgorithms.PS256,
                _ => null,
            };
            if (algorithm is null || (key.Alg is not null && key.Alg != algorithm))
                return null;
            if (!CanVerify(key))
                return null;
            key.Alg = algorithm;
            if (string.IsNullOrEmpty(key.Kid))
                key.Kid = Thumbprint(key);
            return key;
        }
        catch (Exception exception)
            when (exception
                    is ArgumentException
                        or FormatException
                        or JsonException
                        or InvalidOperationException
                        or NotSupportedException
                        or CryptographicException
                        or SecurityTokenException
            )
        {
            return null;
        }
    }

    /// <summary>RFC 7638 thumbprint, base64url.</summary>
    public static string Thumbprint(JsonWebKey key) => Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());

    private static bool IsBounded(string? number, int bytes) => number is not null && number.Length <= Base64Url.GetEncodedLength(bytes);

    /// <summary>Makes the platform load the key, so that a point off the curve is refused now and not at the first token.</summary>
    private static bool CanVerify(JsonWebKey key)
    {
        if (key.Kty == "RSA")
            return key.CryptoProviderFactory.IsSupportedAlgorithm(AllowedAlgorithms.PS256, key);
        if (!IsBounded(key.X, CoordinateBytes) || !IsBounded(key.Y, CoordinateBytes))
            return false;
        var (x, y) = (Base64UrlEncoder.DecodeBytes(key.X), Base64UrlEncoder.DecodeBytes(key.Y));
        if (x.Length != CoordinateBytes || y.Length != CoordinateBytes)
            return false;
        using var point = ECDsa.Create(
            new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = x, Y = y },
            }
        );
        return point.KeySize == 8 * CoordinateBytes;
    }
}
