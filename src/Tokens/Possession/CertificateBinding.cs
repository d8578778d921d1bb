using System.Buffers.Text;
using System.Security.Cryptography;
using Tokens.Transport;

namespace Tokens.Possession;

/// <summary>Is the token bound to the certificate of this connection (RFC 8705 section 3)?</summary>
public static class CertificateBinding
{
    /// <summary>Compares <c>cnf.x5t#S256</c> with the certificate in fixed time.</summary>
    public static bool Holds(ReadOnlySpan<byte> confirmation, PresentedCertificate certificate) =>
        confirmation.Length == SHA256.HashSizeInBytes && CryptographicOperations.FixedTimeEquals(confirmation, certificate.Hash.AsSpan());

    /// <summary>The 32 bytes of a base64url SHA-256; false when the text is anything else.</summary>
    public static bool TryDecodeHash(string text, out byte[] hash)
    {
        hash = [];
        if (text.Length != 43 || !Jose.CompactJws.IsStrict(text))
            return false;
        hash = Base64Url.DecodeFromChars(text);
        return true;
    }
}
