using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Tokens.Jose;

namespace Authority.Keys;

/// <summary>An ES256 key of the ring. Its private half is reached through <see cref="Credentials"/> and nowhere else.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;

    internal SigningKey(ECDsa key)
    {
        _key = key;
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        (X, Y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        KeyId = KeySet.Thumbprint(
            new JsonWebKey
            {
                Kty = "EC",
                Crv = "P-256",
                X = X,
                Y = Y,
            }
        );
        // A factory of its own: the process-wide one would hand out a signer over a key of the same id that was disposed of since.
        Credentials = new SigningCredentials(
            new ECDsaSecurityKey(key) { KeyId = KeyId, CryptoProviderFactory = new CryptoProviderFactory() },
            SecurityAlgorithms.EcdsaSha256
        );
    }

    /// <summary>RFC 7638 thumbprint.</summary>
    public string KeyId { get; }

    /// <summary>Public point, base64url.</summary>
    public string X { get; }

    /// <summary>Public point, base64url.</summary>
    public string Y { get; }

    /// <summary>For signing.</summary>
    public SigningCredentials Credentials { get; }

    /// <summary>PBES2, AES-256, 600,000 rounds (authority page, section 10).</summary>
    internal string Encrypt(string passphrase) =>
        _key.ExportEncryptedPkcs8PrivateKeyPem(
            passphrase,
            new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, iterationCount: 600_000)
        );

    internal static SigningKey New() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    internal static SigningKey Decrypt(string pem, string passphrase)
    {
        var key = ECDsa.Create();
        key.ImportFromEncryptedPem(pem, passphrase);
        return new(key);
    }

    /// <inheritdoc />
    public void Dispose() => _key.Dispose();
}
