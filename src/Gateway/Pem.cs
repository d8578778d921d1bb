using System.Security.Cryptography.X509Certificates;
using Ledger;

namespace Gateway;

/// <summary>Certificates and keys as PEM files, the form in which operators hold them.</summary>
internal static class Pem
{
    /// <summary>A certificate with its private key.</summary>
    /// <exception cref="InvalidDataException">A file is missing or does not hold what it should; names the file, never its content.</exception>
    public static X509Certificate2 Certificate(string certificate, string key)
    {
        try
        {
            return SecretFile.Certificate(certificate, key);
        }
        catch (Exception fault) when (fault is IOException or System.Security.Cryptography.CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"certificate '{certificate}' with key '{key}' cannot be read", fault);
        }
    }

    /// <summary>All certificates of a file but the first, which is the leaf.</summary>
    public static X509Certificate2Collection Intermediates(string file)
    {
        var all = Roots(file);
        all.RemoveAt(0);
        return all;
    }

    /// <summary>All certificates of a file.</summary>
    public static X509Certificate2Collection Roots(string file)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        return roots.Count > 0 ? roots : throw new InvalidDataException($"'{file}' holds no certificate");
    }
}
