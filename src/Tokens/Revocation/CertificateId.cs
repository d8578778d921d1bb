using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tokens.Revocation;

/// <summary>
/// How the status list names a certificate that is stopped: by its fingerprint, or by issuer and serial number, which somebody may know who
/// never saw the certificate. The parts of the issuer's name are sorted, so that it is the same text however the bytes encode them, and in
/// whichever of the two usual orders a tool printed them.
/// </summary>
public static class CertificateId
{
    private const int FingerprintBytes = 32;

    /// <summary>Issuer and serial number; null when a part of the issuer's name has several values.</summary>
    public static string? Of(X500DistinguishedName issuer, string serial)
    {
        var parts = new List<string>();
        try
        {
            foreach (var part in issuer.EnumerateRelativeDistinguishedNames(reversed: false))
            {
                if (part.HasMultipleElements || part.GetSingleElementValue() is not { } value)
                    return null;
                parts.Add(
                    $"{Word(part.GetSingleElementType().Value!)}={value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace("#", "\\#", StringComparison.Ordinal)}"
                );
            }
        }
        catch (CryptographicException)
        {
            return null;
        }
        parts.Sort(StringComparer.Ordinal);
        return parts.Count == 0 ? null : $"{string.Join(',', parts)}#{serial}";
    }

    /// <summary>
    /// Reads a fingerprint that a person copied: base64url as <c>x5t#S256</c>, or hexadecimal with or without colons; null when it is none.
    /// </summary>
    public static string? ReadFingerprint(string written)
    {
        var text = written.Trim();
        if (Possession.CertificateBinding.TryDecodeHash(text, out _))
            return text;
        var digits = text.Replace(":", "", StringComparison.Ordinal);
        return digits.Length == FingerprintBytes * 2 && digits.All(char.IsAsciiHexDigit)
            ? System.Buffers.Text.Base64Url.EncodeToString(Convert.FromHexString(digits))
            : null;
    }

    private static string Word(string type) =>
        type switch
        {
            "2.5.4.3" => "CN",
            "2.5.4.6" => "C",
            "2.5.4.7" => "L",
            "2.5.4.8" => "ST",
            "2.5.4.10" => "O",
            "2.5.4.11" => "OU",
            "0.9.2342.19200300.100.1.25" => "DC",
            _ => type,
        };
}
