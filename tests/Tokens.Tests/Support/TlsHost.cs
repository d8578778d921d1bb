using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Tokens.Transport;

namespace Tokens.Tests.Support;

/// <summary>A Kestrel on a loopback port with the transport under test; it answers with the thumbprint of the certificate it saw.</summary>
internal sealed class TlsHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TlsHost(WebApplication app, TlsListener listener, ConcurrentQueue<TlsRejection> rejections) =>
        (_app, Listener, Rejections) = (app, listener, rejections);

    public TlsListener Listener { get; }
    public ConcurrentQueue<TlsRejection> Rejections { get; }
    public int Port { get; private set; }

    public static async Task<TlsHost> Start(
        TlsSnapshot snapshot,
        ClientCertificates demand = ClientCertificates.Required,
        ConnectionCaps? caps = null,
        RequestDelegate? answer = null,
        Action<WebApplication>? configure = null,
        ILoggerProvider? logs = null
    )
    {
        var rejections = new ConcurrentQueue<TlsRejection>();
        var listener = new TlsListener("Data", demand, snapshot, TimeProvider.System) { OnRejected = rejections.Enqueue };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (logs is not null)
            builder.Logging.AddProvider(logs);
        builder.WebHost.UseKestrelHttpsConfiguration();
        ListenOptions? bound = null;
        builder.WebHost.ConfigureKestrel(options =>
        {
            KestrelLimits.Apply(options);
            options.Listen(IPAddress.Loopback, 0, listen => (bound = listen).UseTls(listener, caps));
        });
        var app = builder.Build();
        configure?.Invoke(app);
        app.Run(
            answer
                ?? (
                    static context =>
                        context.Response.WriteAsync(
                            $"{PresentedCertificate.Of(context)?.X5tS256 ?? "none"} {HandshakeOutcome.Of(context)?.ToString() ?? "sound"} {ListenerName.Of(context)}"
                        )
                )
        );
        await app.StartAsync();
        return new TlsHost(app, listener, rejections) { Port = bound!.IPEndPoint!.Port };
    }

    public HttpClient Client(
        X509Certificate2 root,
        X509Certificate2? certificate,
        Version? version = null,
        params X509Certificate2[] intermediates
    )
    {
        var context = certificate is null ? null : SslStreamCertificateContext.Create(certificate, [.. intermediates], offline: true);
        var tls = new OutgoingTls
        {
            Trust = [root],
            Client = context,
            ListedNetworks = [IPNetwork.Parse("127.0.0.0/8")],
            ConnectTimeout = TimeSpan.FromSeconds(30),
        };
        return new HttpClient(tls.Handler())
        {
            BaseAddress = new Uri($"https://127.0.0.1:{Port}"),
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>A raw TLS connection under options of the test's own.</summary>
    public async Task<SslStream> Connect(Action<SslClientAuthenticationOptions> set)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            EnabledSslProtocols = SslProtocols.Tls13,
        };
        set(options);
        await stream.AuthenticateAsClientAsync(options);
        return stream;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
