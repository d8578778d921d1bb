using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Ledger;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Sandbox;

/// <summary>The key of a system that shows no certificate: it makes a DPoP proof for each request (RFC 9449 section 4).</summary>
public sealed class ProofKey : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create();

    /// <summary>Reads a PEM file.</summary>
    public ProofKey(string file) => _key.ImportFromPem(SecretFile.ReadText(file));

    /// <summary>A proof for one request.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="url">Address, without query.</param>
    /// <param name="token">Access token that it accompanies; null at the token endpoint.</param>
    /// <param name="nonce">Nonce that this server gave last; null at first.</param>
    public string Make(string method, string url, string? token, string? nonce)
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["jti"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            ["htm"] = method,
            ["htu"] = url,
            ["iat"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
        };
        if (token is not null)
            claims["ath"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
        if (nonce is not null)
            claims["nonce"] = nonce;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor
            {
                Claims = claims,
                TokenType = "dpop+jwt",
                AdditionalHeaderClaims = new Dictionary<string, object>(StringComparer.Ordinal)
                {
                    ["jwk"] = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["kty"] = "EC",
                        ["crv"] = "P-256",
                        ["x"] = Base64UrlEncoder.Encode(point.X),
                        ["y"] = Base64UrlEncoder.Encode(point.Y),
                    },
                },
                SigningCredentials = new SigningCredentials(
                    new ECDsaSecurityKey(_key) { CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } },
                    SecurityAlgorithms.EcdsaSha256
                ),
            }
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
