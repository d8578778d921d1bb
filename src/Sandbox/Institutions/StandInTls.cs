using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Sandbox.Pki;

namespace Sandbox.Institutions;

/// <summary>
/// TLS of an institution: 1.3 only, its own certificate, and a client certificate of the authority that names the gateway.
/// A connection without any certificate gets as far as the control page and no further; one with a wrong certificate
/// fails in the handshake.
/// </summary>
public sealed class StandInTls : IDisposable
{
    private readonly X509Certificate2 _server;
    private readonly X509Certificate2Collection _trusted = [];

    /// <summary>Reads certificate and trust.</summary>
    public StandInTls(CertificateFiles certificate, string gatewayAuthority)
    {
        _server = certificate.Load();
        _trusted.ImportFromPemFile(gatewayAuthority);
    }

    /// <summary>Options of the listener.</summary>
    public TlsHandshakeCallbackOptions Options()
    {
        var context = SslStreamCertificateContext.Create(_server, additionalCertificates: null, offline: true);
        var chain = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        chain.CustomTrustStore.AddRange(_trusted);
        chain.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.2"));
        return new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = TimeSpan.FromSeconds(5),
            OnConnection = _ =>
                new(
                    new SslServerAuthenticationOptions
                    {
                        EnabledSslProtocols = SslProtocols.Tls13,
                        AllowTlsResume = false,
                        AllowRenegotiation = false,
                        ServerCertificateContext = context,
                        ApplicationProtocols = [SslApplicationProtocol.Http11],
                        ClientCertificateRequired = true,
                        CertificateChainPolicy = chain,
                        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                        RemoteCertificateValidationCallback = static (_, certificate, _, errors) =>
                            certificate is null ? errors == SslPolicyErrors.RemoteCertificateNotAvailable : errors == SslPolicyErrors.None,
                    }
                ),
        };
    }

    /// <summary>Is this the gateway? Chain and use were checked in the handshake; the name is checked here.</summary>
    public static bool IsGateway(X509Certificate2? certificate)
    {
        var names = certificate?.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return names is not null && names.RawData.AsSpan().IndexOf(GatewayName.AsSpan()) >= 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _server.Dispose();
        foreach (var certificate in _trusted)
            certificate.Dispose();
    }

    /// <summary>The one alternative name of the gateway's certificate, as DER: compared as a whole, so nothing is parsed.</summary>
    private static readonly ImmutableArray<byte> GatewayName = Encode();

    private static ImmutableArray<byte> Encode()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(DevelopmentPki.GatewayUri));
        return [.. names.Build().RawData];
    }
}
