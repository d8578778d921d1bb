using Tokens.Access;
using Tokens.Possession;
using Tokens.Replay;
using Tokens.Status;
using Tokens.Transport;

namespace Gateway.Authentication;

/// <summary>The room's services.</summary>
internal static class AuthenticationRoom
{
    /// <summary>Trusts one issuer, with the keys that it publishes at its configured address.</summary>
    public static IServiceCollection AddAuthentication(this IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(provider =>
        {
            var outgoing = new OutgoingTls { Trust = Pem.Roots(options.IssuerTrust), ListedNetworks = options.Networks() };
            return IssuerKeys.Fetched(new Uri(options.IssuerJwks), new HttpClient(outgoing.Handler()), provider.GetRequiredService<TimeProvider>());
        })
        .AddSingleton(provider => StatusStore.Open(options.Status, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => ReplayStore.Open(options.Replay, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider =>
        {
            // The key is derived from the shared secret, so that all nodes take each other's nonces.
            var (time, secret) = (provider.GetRequiredService<TimeProvider>(), KeyFile.Read(Path.Combine(options.Keys, "dpop-nonce.key")));
            return new DpopProofs(provider.GetRequiredService<IReplayGuard>(), new DpopNonces(secret, options.Resource, time), time);
        })
        .AddSingleton(provider => new AccessTokenValidator(
            new TrustedIssuers([new TrustedIssuer { Issuer = options.Issuer, Keys = provider.GetRequiredService<IssuerKeys>(), IsOwn = true }]),
            options.Resource, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<DpopProofs>()))
        .AddSingleton<Challenges>()
        .AddSingleton<Authenticator>();
}
