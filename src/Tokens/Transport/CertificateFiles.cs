using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tokens.Transport;

/// <summary>A certificate of ours with its private key, and what stands between it and its root.</summary>
/// <param name="Leaf">The certificate, with its key.</param>
/// <param name="Intermediates">What is sent with it.</param>
public sealed record OwnCertificate(X509Certificate2 Leaf, X509Certificate2Collection Intermediates)
{
    /// <summary>As TLS wants it.</summary>
    public SslStreamCertificateContext Context { get; } = SslStreamCertificateContext.Create(Leaf, Intermediates, offline: true);

    /// <summary>Why it may not take the place of another: it is not valid now. Null when it may.</summary>
    /// <param name="now">When.</param>
    public string? WhyNot(DateTimeOffset now) =>
        now > new DateTimeOffset(Leaf.NotAfter.ToUniversalTime()) ? "the certificate has ended"
        : now < new DateTimeOffset(Leaf.NotBefore.ToUniversalTime()) ? "the certificate is not valid yet"
        : null;
}

/// <summary>Certificates and keys as PEM files, the form in which operators hold them.</summary>
public static class CertificateFiles
{
    /// <summary>A certificate (with its chain) and its private key.</summary>
    /// <param name="certificate">File of the certificate.</param>
    /// <param name="key">File of the key.</param>
    /// <param name="secret">Reads a file of a secret, or refuses it.</param>
    /// <exception cref="InvalidDataException">
    /// A file is missing or does not hold what it should; names the files, never their content.
    /// </exception>
    public static OwnCertificate Own(string certificate, string key, Func<string, string> secret)
    {
        try
        {
            var chain = Roots(certificate);
            return new OwnCertificate(X509Certificate2.CreateFromPem(File.ReadAllText(certificate), secret(key)), [.. chain.Skip(1)]);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"certificate {certificate} and key {key} cannot be read, or do not belong together", fault);
        }
    }

    /// <summary>All certificates of a file.</summary>
    /// <exception cref="InvalidDataException">It is missing, or holds none.</exception>
    public static X509Certificate2Collection Roots(string file)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{file} cannot be read as certificates", fault);
        }

        // Half a file is a file without its last line; what was cut off would be an authority that is trusted no longer.
        return roots.Count == 0 ? throw new InvalidDataException($"{file} holds no certificate")
            : roots.Count != Ends(file) ? throw new InvalidDataException($"{file} holds part of a certificate")
            : roots;
    }

    private static int Ends(string file) =>
        File.ReadLines(file)
            .Count(static line =>
                line.StartsWith("-----BEGIN ", StringComparison.Ordinal) && line.Contains("CERTIFICATE", StringComparison.Ordinal)
            );
}
