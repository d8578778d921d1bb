using System.Net.Security;
using System.Security.Cryptography;
using Gateway.Authentication;
using Ledger;

namespace Gateway.Forwarding;

/// <summary>The room's services.</summary>
internal static class ForwardingRoom
{
    /// <summary>YARP's forwarder, the lines to providers, and the key that signs assertions.</summary>
    public static IServiceCollection AddForwarding(this IServiceCollection services, GatewayOptions options)
    {
        services.AddHttpForwarder();
        services.AddSingleton(provider => new ProviderConnections(
            options.ProviderAuthorities.ToDictionary(static set => set.Key, static set => Pem.Roots(set.Value), StringComparer.Ordinal),
            ClientContext(options), options.Networks(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ProviderStops>().IsStopped));
        services.AddSingleton(provider => new ExchangeAssertion(options.Resource, AssertionKey(options), provider.GetRequiredService<TimeProvider>()));
        return services.AddSingleton<ProviderCalls>();
    }

    private static SslStreamCertificateContext ClientContext(GatewayOptions options) =>
        SslStreamCertificateContext.Create(Pem.Certificate(options.ClientCertificate, options.ClientKey), Pem.Intermediates(options.ClientCertificate), offline: true);

    private static ECDsa AssertionKey(GatewayOptions options)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(SecretFile.ReadText(options.AssertionKey));
        return key;
    }
}
