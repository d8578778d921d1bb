using Gateway.Authorization.Dossiers;

namespace Gateway.Authorization;

/// <summary>The room's services.</summary>
internal static class AuthorizationRoom
{
    /// <summary>Reads the declared dossiers; without them nothing starts.</summary>
    public static IServiceCollection AddAuthorization(
        this IServiceCollection services,
        GatewayOptions options,
        GatewayFiles files,
        TimeProvider time
    )
    {
        var keys = files.Sectors;
        var dossiers = DossierRegister.Open(options.DossierStore, options.Dossiers, keys.DossierKey, time);
        // By a factory, so that the container closes it.
        return services.AddSingleton(keys).AddSingleton<KeyedDigest>().AddSingleton(_ => dossiers);
    }
}
