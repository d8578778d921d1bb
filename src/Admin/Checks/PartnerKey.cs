using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Admin.CommandLine;
using Agreements.Keys;
using Ledger;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tokens.Jose;

namespace Admin.Checks;

/// <summary>
/// A partner's own private key, on the partner's own machine. Its private half is used to sign and never written but by <see cref="Save"/>.
/// </summary>
internal sealed class PartnerKey : IDisposable
{
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly AsymmetricAlgorithm _key;
    private readonly SigningCredentials _credentials;

    private PartnerKey(AsymmetricAlgorithm key)
    {
        _key = key;
        Public = PublicOf(key);
        var factory = new CryptoProviderFactory();
        SecurityKey security = key is RSA rsa
            ? new RsaSecurityKey(rsa) { KeyId = Public.KeyId, CryptoProviderFactory = factory }
            : new ECDsaSecurityKey((ECDsa)key) { KeyId = Public.KeyId, CryptoProviderFactory = factory };
        _credentials = new SigningCredentials(security, Public.Algorithm);
    }

    /// <summary>The public half, as the loader reads it.</summary>
    internal PublicKey Public { get; }

    /// <summary>A new key pair.</summary>
    internal static PartnerKey New(string algorithm) =>
        new(algorithm == AllowedAlgorithms.PS256 ? RSA.Create(3072) : ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a PKCS#8 or PKCS#1 PEM file.</summary>
    /// <exception cref="Declined">Not a private key that can be used here.</exception>
    internal static PartnerKey Load(string path)
    {
        var pem = SecretFile.ReadText(path);
        foreach (var empty in new Func<AsymmetricAlgorithm>[] { ECDsa.Create, RSA.Create })
        {
            var key = empty();
            try
            {
                key.ImportFromPem(pem);
                return new(key);
            }
            catch (Exception exception) when (exception is CryptographicException or ArgumentException)
            {
                key.Dispose(); // of the other kind, or no key at all
            }
        }
        throw Declined.Usage("no-private-key", path);
    }

    /// <summary>The key for a certificate request.</summary>
    internal AsymmetricAlgorithm Private => _key;

    /// <summary>Writes the private key for its owner alone; an existing file is never overwritten.</summary>
    internal void Save(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new StreamWriter(path, options);
        file.Write(_key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>A client assertion of a minute for the issuer (RFC 7523).</summary>
    internal string Assertion(string client, string issuer, DateTimeOffset now) =>
        Sign(
            "client-authentication+jwt",
            new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["iss"] = client,
                ["sub"] = client,
                ["aud"] = issuer,
                ["iat"] = now.ToUnixTimeSeconds(),
                ["exp"] = now.AddSeconds(60).ToUnixTimeSeconds(),
                ["jti"] = Random(),
            }
        );

    /// <summary>A DPoP proof (RFC 9449) for one call.</summary>
    internal string Proof(string method, Uri address, string? nonce, string? token, DateTimeOffset now)
    {
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["jti"] = Random(),
            ["htm"] = method,
            ["htu"] = address.GetLeftPart(UriPartial.Path),
            ["iat"] = now.ToUnixTimeSeconds(),
        };
        if (nonce is not null)
            claims["nonce"] = nonce;
        if (token is not null)
            claims["ath"] = Base64Url.EncodeToString(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(token)));
        return Sign("dpop+jwt", claims, JsonSerializer.Deserialize<JsonElement>(Public.Jwk));
    }

    /// <inheritdoc />
    public void Dispose() => _key.Dispose();

    /// <summary>Signs claims as a JWS of a type.</summary>
    internal string Sign(string type, Dictionary<string, object> claims, JsonElement? jwk = null)
    {
        var header = new Dictionary<string, object>(StringComparer.Ordinal) { ["typ"] = type };
        if (jwk is { } key)
            header["jwk"] = key;
        return Handler.CreateToken(JsonSerializer.Serialize(claims), _credentials, header);
    }

    internal static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    private static PublicKey PublicOf(AsymmetricAlgorithm key)
    {
        object jwk;
        if (key is RSA rsa)
        {
            var number = rsa.ExportParameters(includePrivateParameters: false);
            jwk = new
            {
                kty = "RSA",
                n = Base64Url.EncodeToString(number.Modulus),
                e = Base64Url.EncodeToString(number.Exponent),
            };
        }
        else
        {
            var parameters = ((ECDsa)key).ExportParameters(includePrivateParameters: false);
            jwk = new
            {
                kty = "EC",
                crv = parameters.Curve.Oid.FriendlyName is "nistP256" or "ECDSA_P256" ? "P-256" : "other",
                x = Base64Url.EncodeToString(parameters.Q.X),
                y = Base64Url.EncodeToString(parameters.Q.Y),
            };
        }
        return PublicKey.Read(JsonSerializer.SerializeToElement(jwk), out var reason) ?? throw Declined.Usage("keys-unusable", reason);
    }
}
