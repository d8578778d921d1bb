using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Admin.Checks;
using Admin.CommandLine;
using Agreements.Keys;
using Tokens.Transport;

namespace Admin.Registration;

/// <summary>What a partner asks to be registered as.</summary>
internal sealed record NewClient(
    string Id,
    string Auth,
    string Binding,
    string Algorithm,
    string Authority,
    string French,
    string Arabic,
    string English
);

/// <summary>
/// Makes a partner's keys on the partner's own machine and writes what is public beside them: registration fragment, JWK Set, certificate
/// request. Private keys get mode 0600 and are neither printed nor sent.
/// </summary>
/// <param name="folder">Where.</param>
/// <param name="time">Clock.</param>
internal sealed class PartnerFiles(string folder, TimeProvider time)
{
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan SelfSignedLife = TimeSpan.FromDays(365);

    /// <summary>Writes all files of a new client; gives the public ones, in the order in which they are to be read.</summary>
    internal IReadOnlyList<string> Make(NewClient client)
    {
        Directory.CreateDirectory(folder);
        var made = new List<string>();
        if (client.Auth == "private_key_jwt" || client.Binding == "dpop")
        {
            using var key = PartnerKey.New(client.Algorithm);
            key.Save(At($"{client.Id}.key"));
            if (client.Auth == "private_key_jwt")
                made.Add(Write($"{client.Id}.jwks.json", PublicKeySet.Write([key.Public]) + "\n"));
        }
        var rule = client.Binding == "mtls" || client.Auth != "private_key_jwt" ? Certificate(client, made) : null;
        made.Insert(0, Write($"{client.Id}.client.yaml", Fragment(client, rule)));
        return made;
    }

    /// <summary>A second key pair for a rotation.</summary>
    internal string MakeKey(string client, string algorithm)
    {
        Directory.CreateDirectory(folder);
        using var key = PartnerKey.New(algorithm);
        key.Save(At($"{client}.{key.Public.KeyId[..8]}.key"));
        return Write($"{client}.{key.Public.KeyId[..8]}.jwks.json", PublicKeySet.Write([key.Public]) + "\n");
    }

    private string Certificate(NewClient client, List<string> made)
    {
        using var key = PartnerKey.New("ES256");
        key.Save(At($"{client.Id}.tls.key"));
        var request = new CertificateRequest($"CN={client.Id}", (ECDsa)key.Private, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(
                certificateAuthority: false,
                hasPathLengthConstraint: false,
                pathLengthConstraint: 0,
                critical: true
            )
        );
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientUsage)], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri($"urn:anss:client:{client.Id}"));
        request.CertificateExtensions.Add(names.Build());
        if (client.Auth == "self_signed_tls_client_auth")
        {
            using var certificate = request.CreateSelfSigned(time.GetUtcNow().AddHours(-1), time.GetUtcNow() + SelfSignedLife);
            made.Add(Write($"{client.Id}.tls.pem", certificate.ExportCertificatePem() + "\n"));
            return $"{{ x5tS256: \"{PresentedCertificate.From(certificate).X5tS256}\" }}";
        }
        made.Add(Write($"{client.Id}.csr.pem", request.CreateSigningRequestPem() + "\n"));
        return $"{{ authority: {client.Authority}, sanUri: \"urn:anss:client:{client.Id}\" }}";
    }

    private static string Fragment(NewClient client, string? rule) =>
        string.Concat(
            $"  - id: {client.Id}\n",
            $"    names: {{ fr: {Quoted(client.French)}, ar: {Quoted(client.Arabic)}, en: {Quoted(client.English)} }}\n",
            "    status: active\n",
            $"    auth: {client.Auth}\n",
            $"    binding: {client.Binding}\n",
            client.Auth == "private_key_jwt" ? $"    jwks: {{ file: {client.Id}.jwks.json }}\n" : "",
            rule is null ? "" : $"    certificate: {rule}\n"
        );

    private static string Quoted(string text) => text.AsSpan().ContainsAny('"', '\\') ? throw Declined.Usage("name-quoted") : $"\"{text}\"";

    private string At(string name) => Path.Combine(folder, name);

    private string Write(string name, string text)
    {
        using var file = new StreamWriter(At(name), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write });
        file.Write(text);
        return At(name);
    }
}
