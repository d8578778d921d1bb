using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Tokens.Transport;

/// <summary>
/// Connections that we open: to providers and to issuers' key sets. Destinations come from signed configuration alone (hardening page,
/// section 5.6): no proxy, no redirects, no cookies, no decompression, no system roots, and the resolved address is checked.
/// </summary>
public sealed record OutgoingTls
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Roots that the server's certificate must chain to; no other is trusted.</summary>
    public required X509Certificate2Collection Trust { get; init; }
    /// <summary>Our certificate with its chain; null where none is shown.</summary>
    public SslStreamCertificateContext? Client { get; init; }
    /// <summary>TLS 1.2 too, for a server registered as unable to do better.</summary>
    public bool AllowsTls12 { get; init; }
    /// <summary>Networks that the registration lists although they are private, loopback or link-local.</summary>
    public IReadOnlyList<IPNetwork> ListedNetworks { get; init; } = [];
    /// <summary>Connections to the server at most.</summary>
    public int MaxConnections { get; init; } = 64;
    /// <summary>Time to connect, address resolution and handshake included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>TLS options: version, trust by <c>CustomRootTrust</c> alone, no resumption.</summary>
    public SslClientAuthenticationOptions Options() => new()
    {
        EnabledSslProtocols = AllowsTls12 ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls13,
        AllowTlsResume = false,
        AllowRenegotiation = false,
        CertificateChainPolicy = TlsSnapshot.ChainPolicy([Trust], ServerAuthentication),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        ClientCertificateContext = Client,
    };

    /// <summary>A handler for one server. The caller keeps it for as long as the server's settings do not change, and disposes it.</summary>
    public SocketsHttpHandler Handler() => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        PreAuthenticate = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = 32,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxConnectionsPerServer = MaxConnections,
        ActivityHeadersPropagator = null,
        SslOptions = Options(),
        ConnectCallback = Connect,
    };

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var address = await Resolve(context.DnsEndPoint.Host, cancellation);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), cancellation); // the checked address, not the name again
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask<IPAddress> Resolve(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var literal))
            return IsAllowed(literal) ? literal : throw new HttpRequestException(HttpRequestError.ConnectionError, "address is not one that registration allows");
        foreach (var address in await Dns.GetHostAddressesAsync(host, cancellation))
            if (IsAllowed(address)) return address;
        throw new HttpRequestException(HttpRequestError.NameResolutionError, "no address that registration allows");
    }

    /// <summary>Public unicast addresses, and those of listed networks; never the cloud metadata address.</summary>
    internal bool IsAllowed(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        foreach (var forbidden in Never) if (forbidden.Contains(address)) return false;
        foreach (var listed in ListedNetworks) if (listed.Contains(address)) return true;
        foreach (var special in Special) if (special.Contains(address)) return false;
        return true;
    }

    private static readonly IPNetwork[] Never =
    [
        IPNetwork.Parse("169.254.169.254/32"), IPNetwork.Parse("fd00:ec2::254/128"), IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("::/128"),
        IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"), IPNetwork.Parse("ff00::/8"),
    ];

    private static readonly IPNetwork[] Special =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("64:ff9b::/96"), IPNetwork.Parse("2002::/16"),
    ];
}
