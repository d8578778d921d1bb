using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tokens.Transport;
using Yarp.ReverseProxy.Forwarder;

namespace Benchmarks.Exchange;

/// <summary>Bare YARP: the same mutual TLS on both sides, the same upstream, <c>IHttpForwarder</c>, and nothing else.</summary>
public static class BareContender
{
    public static async Task<int> RunAsync(string file)
    {
        var settings = Settings.Read(file);
        var options = settings.Gateway;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHttpForwarder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        var clients = new ClientTrust
        {
            Authorities = options.ClientAuthorities.ToDictionary(
                static set => set.Key,
                static set => Roots(set.Value),
                StringComparer.Ordinal
            ),
        };
        var server = X509CertificateLoader.LoadPkcs12(
            X509Certificate2.CreateFromPemFile(options.ServerCertificate, options.ServerKey).Export(X509ContentType.Pkcs12),
            password: null
        );
        var listener = new TlsListener(
            "Data",
            ClientCertificates.Required,
            new TlsSnapshot(server, intermediates: null, clients),
            TimeProvider.System
        );
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            KestrelLimits.Apply(kestrel);
            kestrel.Listen(IPAddress.Loopback, options.DataPort, listen => listen.UseTls(listener, caps: null));
        });
        var app = builder.Build();
        var client = SslStreamCertificateContext.Create(
            X509Certificate2.CreateFromPemFile(options.ClientCertificate, options.ClientKey),
            null,
            offline: true
        );
        var outgoing = new OutgoingTls
        {
            Trust = Roots(options.ProviderAuthorities.Values.First()),
            Client = client,
            ListedNetworks = [IPNetwork.Parse("127.0.0.0/8")],
        };
        using var invoker = new HttpMessageInvoker(outgoing.Handler());
        var config = new ForwarderRequestConfig { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var transformer = new ToUpstream(new Uri(settings.Upstream));
        var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
        app.Run(async http => await forwarder.SendAsync(http, settings.Upstream, invoker, config, transformer));
        await app.RunAsync();
        return 0;
    }

    private static X509Certificate2Collection Roots(string file)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        return roots;
    }

    private sealed class ToUpstream(Uri address) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            Microsoft.AspNetCore.Http.HttpContext httpContext,
            HttpRequestMessage proxyRequest,
            string destinationPrefix,
            CancellationToken cancellationToken
        )
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.RequestUri = address;
            proxyRequest.Headers.Host = null;
        }
    }
}
