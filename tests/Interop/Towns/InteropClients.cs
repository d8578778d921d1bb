using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Sandbox;
using Sandbox.Deployment;
using Tokens.Transport;
using CertificateFiles = Sandbox.Pki.CertificateFiles;

namespace Interop.Towns;

/// <summary>
/// Two clients that the committed contracts do not have: one bound by DPoP, one with a self-signed certificate. Both are let into the
/// schooling grant of the town's copy of the contracts.
/// </summary>
internal sealed class InteropClients : IDisposable
{
    public const string Eligibility = "anss-eligibility";
    public const string Batch = "anss-batch";
    public const string Proving = "anss-proving";
    public const string Alone = "anss-alone";
    private const string Agreement = "ANSS-MENPS-2026-01";
    private readonly string _folder = Directory.CreateTempSubdirectory("interop-clients-").FullName;
    private readonly CertificateFiles _alone;

    public InteropClients()
    {
        _alone = new CertificateFiles(Path.Combine(_folder, "alone.pem"), Path.Combine(_folder, "alone.key"));
        using var certificate = SelfSigned();
        _alone.Save(certificate);
    }

    /// <summary>Changes the deployed contracts; the town's parties sign them afterwards.</summary>
    public void Register(string contracts)
    {
        using var certificate = _alone.Load();
        Edit(
            Path.Combine(contracts, "institutions", "anss.yaml"),
            "signingKeys:",
            $$"""
              - id: {{Proving}}
                names: { fr: "Preuve", ar: "إثبات", en: "Proving" }
                status: active
                auth: private_key_jwt
                binding: dpop
                jwks: { file: {{Proving}}.jwks.json }
                limits: { tokensPerMinute: 100000, connections: 100, requestsPerSecond: 10000 }
              - id: {{Alone}}
                names: { fr: "Seul", ar: "وحيد", en: "Alone" }
                status: active
                auth: self_signed_tls_client_auth
                binding: mtls
                certificate: { x5tS256: "{{PresentedCertificate.From(certificate).X5tS256}}" }
                limits: { tokensPerMinute: 100000, connections: 100, requestsPerSecond: 10000 }
            signingKeys:
            """
        );
        Edit(
            Path.Combine(contracts, "agreements", Agreement + ".yaml"),
            "    clients: [anss-eligibility, anss-batch]",
            $"    clients: [anss-eligibility, anss-batch, {Proving}, {Alone}]"
        );
    }

    /// <summary>What the scripts are told: addresses, and for each client its first right and where its keys lie.</summary>
    public string Settings(Town town)
    {
        // The town lists no system whose key it does not hold: what that one may do is what the grant gives to its neighbour.
        var neighbour = town.File.Clients.First(static client => client is { Id: Eligibility, Agreement: Agreement });
        var clients = town
            .File.Clients.Where(static client => client.Id != Alone)
            .Append(neighbour with { Id = Alone })
            .GroupBy(static client => client.Id, StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, group => Told(group.First()), StringComparer.Ordinal);
        return JsonSerializer.Serialize(
            new
            {
                issuer = town.File.Issuer,
                gateway = town.File.Gateway,
                gatewayDpop = town.File.GatewayDpop,
                ca = town.File.Ca,
                clients,
            },
            JsonSerializerOptions.Web
        );
    }

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private object Told(ClientEntry right)
    {
        var byCertificate = right.Id == Alone;
        return new
        {
            right.Dpop,
            Key = byCertificate ? null : right.Key,
            Kid = byCertificate ? null : right.Kid,
            Certificate = right.Dpop ? null
            : byCertificate ? _alone.Certificate
            : right.Certificate,
            CertificateKey = right.Dpop ? null
            : byCertificate ? _alone.Key
            : right.CertificateKey,
            right.Scopes,
            right.Agreement,
            right.Purpose,
        };
    }

    private static void Edit(string path, string what, string with)
    {
        var text = File.ReadAllText(path);
        if (text.Split(what).Length != 2)
            throw new InvalidOperationException($"'{what}' stands not once in {Path.GetFileName(path)}");
        File.WriteAllText(path, text.Replace(what, with.ReplaceLineEndings("\n"), StringComparison.Ordinal));
    }

    private static X509Certificate2 SelfSigned()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=alone", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(
                certificateAuthority: false,
                hasPathLengthConstraint: false,
                pathLengthConstraint: 0,
                critical: true
            )
        );
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }
}
