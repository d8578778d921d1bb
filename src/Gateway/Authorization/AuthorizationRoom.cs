namespace Gateway.Authorization;

/// <summary>The room's services.</summary>
internal static class AuthorizationRoom
{
    /// <summary>Reads the keys of the sectors and the declared dossiers; without them nothing starts.</summary>
    public static IServiceCollection AddAuthorization(this IServiceCollection services, GatewayOptions options)
    {
        var keys = SectorKeys.Load(options.Keys, options.Development);
        var dossiers = options.Dossiers.Length == 0 ? new DossierRegister(keys.DossierKey) : DossierRegister.Load(options.Dossiers, keys.DossierKey);
        return services.AddSingleton(keys).AddSingleton(dossiers);
    }
}
