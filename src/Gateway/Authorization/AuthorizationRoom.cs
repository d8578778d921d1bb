using Gateway.Authorization.Dossiers;

namespace Gateway.Authorization;

/// <summary>The room's services.</summary>
internal static class AuthorizationRoom
{
    /// <summary>Reads the keys of the sectors and the declared dossiers; without them nothing starts.</summary>
    public static IServiceCollection AddAuthorization(this IServiceCollection services, GatewayOptions options, TimeProvider time)
    {
        var keys = SectorKeys.Load(options.Keys, options.Development);
        var dossiers = DossierRegister.Open(options.DossierStore, options.Dossiers, keys.DossierKey, time);
        // By a factory, so that the container closes it.
        return services.AddSingleton(keys).AddSingleton<KeyedDigest>().AddSingleton(_ => dossiers);
    }
}
