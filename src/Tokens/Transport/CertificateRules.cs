using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tokens.Transport;

/// <summary>What a client certificate must be before anybody asks whose it is (hardening page, section 5.1).</summary>
internal static class CertificateRules
{
    /// <summary>Extended key usage of TLS clients (RFC 5280 section 4.2.1.12).</summary>
    internal const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const int MinimumEllipticBits = 256;
    private const int MinimumRsaBits = 3072;

    /// <summary>
    /// The verdict on a chain that the platform has built under the listener's policy; null means accepted. The platform lets a leaf
    /// without any extended key usage pass, hence the explicit look.
    /// </summary>
    internal static TlsRejection? Judge(
        X509Certificate2? leaf,
        X509Chain? chain,
        SslPolicyErrors errors,
        ClientTrust trust,
        DateTimeOffset now
    )
    {
        if (leaf is null || chain is null)
            return TlsRejection.NoCertificate;
        if (trust.SelfSigned.Count > 0 && trust.SelfSigned.Contains(PresentedCertificate.ThumbprintOf(leaf)))
            return JudgeLeaf(leaf, now);
        if (errors != SslPolicyErrors.None)
            return FromChain(chain, leaf, now);
        if (chain.ChainElements.Count > trust.MaxChainLength)
            return TlsRejection.ChainTooLong;
        for (var i = 1; i < chain.ChainElements.Count; i++)
            if (!IsAuthority(chain.ChainElements[i].Certificate))
                return TlsRejection.NotAnAuthority;
        return JudgeLeaf(leaf, now);
    }

    private static TlsRejection? JudgeLeaf(X509Certificate2 leaf, DateTimeOffset now)
    {
        if (now > new DateTimeOffset(leaf.NotAfter.ToUniversalTime()))
            return TlsRejection.Expired;
        if (now < new DateTimeOffset(leaf.NotBefore.ToUniversalTime()))
            return TlsRejection.NotYetValid;
        if (!IsForClients(leaf))
            return TlsRejection.WrongUsage;
        return HasStrongKey(leaf) ? null : TlsRejection.WeakKey;
    }

    private static TlsRejection FromChain(X509Chain chain, X509Certificate2 leaf, DateTimeOffset now)
    {
        var status = X509ChainStatusFlags.NoError;
        foreach (var entry in chain.ChainStatus)
            status |= entry.Status;
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return now < new DateTimeOffset(leaf.NotBefore.ToUniversalTime()) ? TlsRejection.NotYetValid : TlsRejection.Expired;
        if (status.HasFlag(X509ChainStatusFlags.NotValidForUsage))
            return TlsRejection.WrongUsage;
        if (status.HasFlag(X509ChainStatusFlags.InvalidBasicConstraints))
            return chain.ChainElements.Skip(1).All(static issuer => IsAuthority(issuer.Certificate))
                ? TlsRejection.ChainTooLong
                : TlsRejection.NotAnAuthority;
        return TlsRejection.UntrustedChain;
    }

    private static bool IsForClients(X509Certificate2 leaf)
    {
        foreach (var extension in leaf.Extensions)
        {
            if (extension is not X509EnhancedKeyUsageExtension usages)
                continue;
            foreach (var usage in usages.EnhancedKeyUsages)
                if (usage.Value == ClientAuthentication)
                    return true;
        }
        return false;
    }

    private static bool IsAuthority(X509Certificate2 issuer)
    {
        foreach (var extension in issuer.Extensions)
            if (extension is X509BasicConstraintsExtension { CertificateAuthority: true })
                return true;
        return false;
    }

    private static bool HasStrongKey(X509Certificate2 leaf)
    {
        try
        {
            using var elliptic = leaf.GetECDsaPublicKey();
            if (elliptic is not null)
                return elliptic.KeySize >= MinimumEllipticBits;
            using var rsa = leaf.GetRSAPublicKey();
            return rsa is not null && rsa.KeySize >= MinimumRsaBits;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
