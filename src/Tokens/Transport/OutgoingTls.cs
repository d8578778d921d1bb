using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tokens.Transport;

/// <summary>
/// Connections that we open: to providers and to issuers' key sets. Destinations come from signed configuration alone (hardening page,
/// section 5.6): no proxy, no redirects, no cookies, no decompression, no system roots, and each resolved address is checked.
/// </summary>
public sealed record OutgoingTls
{
    internal const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private readonly AddressDoubts _doubts = new(TimeProvider.System);

    /// <summary>Roots that the server's certificate must chain to; no other is trusted.</summary>
    public required X509Certificate2Collection Trust { get; init; }

    /// <summary>Our certificate with its chain; null where none is shown.</summary>
    public SslStreamCertificateContext? Client { get; init; }

    /// <summary>Name of that set, under which <see cref="IsStopped"/> finds its revocation lists.</summary>
    public string TrustName { get; init; } = "";

    /// <summary>Is a certificate that was found sound revoked or stopped? Asked in each handshake; null refuses none.</summary>
    public Func<PresentedCertificate, bool>? IsStopped { get; init; }

    /// <summary>Networks that the registration lists although they are private, loopback or link-local.</summary>
    public IReadOnlyList<IPNetwork> ListedNetworks { get; init; } = [];

    /// <summary>Connections to the server at most.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <summary>Time to connect, address resolution and handshake included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a connection may rest between two calls. Common servers close after five seconds; ours are closed before.
    /// </summary>
    public TimeSpan LongestRest { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The resolver.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Names { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>
    /// TLS options: version, trust by <c>CustomRootTrust</c> alone, a name that the certificate states as an alternative name, no
    /// resumption.
    /// </summary>
    public SslClientAuthenticationOptions Options() =>
        new()
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            AllowTlsResume = false,
            AllowRenegotiation = false,
            CertificateChainPolicy = TlsSnapshot.ChainPolicy([Trust], ServerAuthentication),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ClientCertificateContext = Client,
            RemoteCertificateValidationCallback = (connection, certificate, chain, errors) =>
                errors == SslPolicyErrors.None
                && connection is SslStream { TargetHostName: var name }
                && certificate is X509Certificate2 server
                && States(server, name)
                && (IsStopped is null || (chain is not null && !IsStopped(PresentedCertificate.From(server, [TrustName], chain)))),
        };

    /// <summary>
    /// A handler for one server. The caller keeps it for as long as the server's settings do not change, and disposes it.
    /// </summary>
    /// <param name="watch">Gets each connection when its handshake is done, and gives the stream to use in its place.</param>
    public HttpMessageHandler Handler(Func<Stream, Stream>? watch = null) =>
        new OtherAddresses(
            _doubts,
            new SocketsHttpHandler
            {
                UseProxy = false,
                AllowAutoRedirect = false,
                UseCookies = false,
                PreAuthenticate = false,
                AutomaticDecompression = DecompressionMethods.None,
                MaxResponseHeadersLength = 32,
                ConnectTimeout = ConnectTimeout,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                PooledConnectionIdleTimeout = LongestRest,
                MaxConnectionsPerServer = MaxConnections,
                ActivityHeadersPropagator = null,
                SslOptions = Options(),
                ConnectCallback = Connect,
                PlaintextStreamFilter = watch is null ? null : (context, _) => ValueTask.FromResult(watch(context.PlaintextStream)),
            }
        );

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var addresses = await Resolve(context.DnsEndPoint.Host, cancellation);
        // checked addresses, not the name again
        var socket = await AddressRace.Connect(addresses, context.DnsEndPoint.Port, ConnectTimeout, cancellation);
        AddressDoubts.Note(context.InitialRequestMessage, ((IPEndPoint)socket.RemoteEndPoint!).Address, addresses);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private async ValueTask<IReadOnlyList<IPAddress>> Resolve(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var literal))
            return IsAllowed(literal)
                ? [literal]
                : throw new HttpRequestException(HttpRequestError.ConnectionError, "address is not one that registration allows");
        var allowed = Array.FindAll(await Names(host, cancellation), IsAllowed);
        return allowed.Length > 0
            ? _doubts.Order(AddressRace.InTurn(allowed))
            : throw new HttpRequestException(HttpRequestError.NameResolutionError, "no address that registration allows");
    }

    // The common name is a remark, not a name that anybody vouched for: it never stands in for an alternative name (RFC 9525).
    private static bool States(X509Certificate2 server, string name)
    {
        try
        {
            return server.MatchesHostname(name, allowWildcards: true, allowCommonName: false);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Public unicast addresses, and those of listed networks; never the cloud metadata address.</summary>
    internal bool IsAllowed(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        foreach (var forbidden in Never)
            if (forbidden.Contains(address))
                return false;
        foreach (var listed in ListedNetworks)
            if (listed.Contains(address))
                return true;
        foreach (var special in Special)
            if (special.Contains(address))
                return false;
        return true;
    }

    private static readonly IPNetwork[] Never =
    [
        IPNetwork.Parse("169.254.169.254/32"),
        IPNetwork.Parse("fd00:ec2::254/128"),
        IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("::/128"),
        IPNetwork.Parse("224.0.0.0/4"),
        IPNetwork.Parse("240.0.0.0/4"),
        IPNetwork.Parse("ff00::/8"),
    ];

    private static readonly IPNetwork[] Special =
    [
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("192.0.0.0/24"),
        IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("::1/128"),
        IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("fe80::/10"),
        IPNetwork.Parse("64:ff9b::/96"),
        IPNetwork.Parse("2002::/16"),
    ];
}
