using Ledger;
using Tokens.Operations;
using Tokens.Possession;
using Tokens.Renewal;
using Tokens.Replay;
using Tokens.Revocation;
using Tokens.Status;

namespace Gateway.Authentication;

/// <summary>The room's services.</summary>
internal static class AuthenticationRoom
{
    /// <summary>Issuers, status list, proofs, and who puts them together.</summary>
    public static IServiceCollection AddAuthentication(this IServiceCollection services, GatewayOptions options) =>
        services
            .AddSingleton(provider => StatusStore.Open(options.Status, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(provider => ReplayStore.Open(options.Replay, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(provider =>
            {
                // The key is derived from the shared secret, so that all nodes take each other's nonces.
                var (time, secret) = (provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<GatewayFiles>().NonceSecret);
                var nonces = new DpopNonces(secret.Current, options.Resource, time);
                secret.Changed += (_, _) => nonces.Renew(secret.Current);
                return new DpopProofs(provider.GetRequiredService<IReplayGuard>(), nonces, time);
            })
            .AddSingleton(_ => Book(options.RevocationBook))
            .AddSingleton(provider =>
            {
                var sets = provider.GetRequiredService<GatewayFiles>().Clients;
                var lists = RevocationLists.Open(
                    options.ClientRevocation,
                    sets.Current,
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILogger<RevocationLists>>(),
                    provider.GetRequiredService<BackgroundWork>().Report,
                    provider.GetRequiredService<RevocationBook>(),
                    provider.GetRequiredService<WatchedFiles>()
                );
                sets.Changed += (_, set) => lists.Renew(set.Name, sets.Of(set.Name)!);
                return lists;
            })
            .AddSingleton(provider => new ProviderTrust(
                options,
                provider.GetRequiredService<GatewayFiles>().Providers,
                provider.GetRequiredService<WatchedFiles>()
            ))
            .AddSingleton<ProviderStops>()
            .AddSingleton<CertificateStops>()
            .AddSingleton<ConnectionCertificates>()
            .AddSingleton<IssuerDirectory>()
            .AddSingleton<Challenges>()
            .AddSingleton<CertificateSightings>()
            .AddSingleton<RegisteredSystems>()
            .AddSingleton<Authenticator>();

    private static RevocationBook Book(string file) =>
        file.Length == 0
            ? RevocationBook.Open(text: null, static _ => { })
            : RevocationBook.Open(AtomicFile.Read(file), text => AtomicFile.Replace(file, text));
}
