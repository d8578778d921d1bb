using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sandbox;

namespace Gateway.Tests.Authentication;

/// <summary>
/// One TLS connection of a partner that stays open, in the version of HTTP that the test names, and counts whether it stayed one.
/// </summary>
internal sealed class OpenConnection : IDisposable
{
    private readonly Version _version;
    private readonly X509Certificate2? _certificate;
    private int _opened;

    public OpenConnection(Town town, Version version, string? client)
    {
        _version = version;
        var entry = client is null ? null : town.File.Clients.First(one => one.Id == client);
        _certificate = entry is null ? null : X509Certificate2.CreateFromPemFile(entry.Certificate, entry.CertificateKey);
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        trust.CustomTrustStore.ImportFromPemFile(town.File.Ca);
        Http = new HttpClient(
            new SocketsHttpHandler
            {
                UseProxy = false,
                MaxConnectionsPerServer = 1,
                ConnectCallback = Connect,
                SslOptions = new SslClientAuthenticationOptions
                {
                    EnabledSslProtocols = SslProtocols.Tls13,
                    CertificateChainPolicy = trust,
                    ClientCertificateContext = _certificate is null
                        ? null
                        : SslStreamCertificateContext.Create(_certificate, additionalCertificates: null, offline: true),
                },
            }
        );
    }

    public HttpClient Http { get; }

    public int Opened => _opened;

    public Action<HttpRequestMessage> InVersion =>
        request => (request.Version, request.VersionPolicy) = (_version, HttpVersionPolicy.RequestVersionExact);

    public void Dispose()
    {
        Http.Dispose();
        _certificate?.Dispose();
    }

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _opened);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
