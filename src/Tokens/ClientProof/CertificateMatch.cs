using System.Net;
using System.Security.Cryptography.X509Certificates;
using Tokens.Transport;

namespace Tokens.ClientProof;

/// <summary>
/// Compares a presented certificate with a client's registered rules (RFC 8705 section 2; authority page, section 7). Display strings are
/// never compared.
/// </summary>
public static class CertificateMatch
{
    /// <summary>Does any rule match?</summary>
    public static bool Any(PresentedCertificate certificate, IReadOnlyList<CertificatePattern> patterns)
    {
        for (var i = 0; i < patterns.Count; i++)
            if (Matches(certificate, patterns[i]))
                return true;
        return false;
    }

    /// <summary>Does this rule match? A name counts only under its authority.</summary>
    public static bool Matches(PresentedCertificate certificate, CertificatePattern pattern)
    {
        if (pattern.Kind == CertificatePatternKind.SpkiSha256)
            return certificate.SpkiSha256 == pattern.Value;
        if (pattern.Kind == CertificatePatternKind.X5tS256)
            return certificate.X5tS256 == pattern.Value;
        if (pattern.Authority is not { } authority || !certificate.Authorities.Contains(authority, StringComparer.Ordinal))
            return false;
        return pattern.Kind switch
        {
            CertificatePatternKind.SanUri => certificate.Names.Uris.Contains(pattern.Value, StringComparer.Ordinal),
            CertificatePatternKind.SanEmail => certificate.Names.Emails.Contains(pattern.Value, StringComparer.Ordinal),
            CertificatePatternKind.SanDns => certificate.Names.DnsNames.Contains(pattern.Value, StringComparer.OrdinalIgnoreCase),
            CertificatePatternKind.SanIp => IPAddress.TryParse(pattern.Value, out var address)
                && certificate.Names.Addresses.Contains(address),
            CertificatePatternKind.SubjectDn => IsSubject(certificate.Certificate.SubjectName, pattern.Value),
            _ => false,
        };
    }

    /// <summary>
    /// Same sequence of (type, value), ordinally. RFC 4514 lists the last name first, hence the flag. Backslash escapes and plus signs,
    /// which the platform's parser takes for text, and multi-valued names never match.
    /// </summary>
    private static bool IsSubject(X500DistinguishedName subject, string registered)
    {
        if (registered.AsSpan().ContainsAny('\\', '+'))
            return false;
        try
        {
            var expected = new X500DistinguishedName(registered, X500DistinguishedNameFlags.Reversed);
            using var left = expected.EnumerateRelativeDistinguishedNames(reversed: false).GetEnumerator();
            using var right = subject.EnumerateRelativeDistinguishedNames(reversed: false).GetEnumerator();
            while (true)
            {
                var more = left.MoveNext();
                if (more != right.MoveNext())
                    return false;
                if (!more)
                    return true;
                if (left.Current.HasMultipleElements || right.Current.HasMultipleElements)
                    return false;
                if (left.Current.GetSingleElementType().Value != right.Current.GetSingleElementType().Value)
                    return false;
                if (left.Current.GetSingleElementValue() is not { } value || value != right.Current.GetSingleElementValue())
                    return false;
            }
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return false;
        }
    }
}
