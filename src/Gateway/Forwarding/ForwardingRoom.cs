using Gateway.Authentication;

namespace Gateway.Forwarding;

/// <summary>The room's services.</summary>
internal static class ForwardingRoom
{
    /// <summary>YARP's forwarder, the lines to providers, and the key that signs assertions.</summary>
    public static IServiceCollection AddForwarding(this IServiceCollection services, GatewayOptions options)
    {
        services.AddHttpForwarder();
        services.AddSingleton(provider => new ProviderConnections(
            provider.GetRequiredService<GatewayFiles>().Providers,
            provider.GetRequiredService<GatewayFiles>().Client,
            options.Networks(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ProviderStops>().IsStopped
        ));
        services.AddSingleton(provider => new ExchangeAssertion(
            options.Resource,
            provider.GetRequiredService<GatewayFiles>().AssertionKey,
            provider.GetRequiredService<TimeProvider>()
        ));
        return services.AddSingleton<ProviderCalls>();
    }
}
