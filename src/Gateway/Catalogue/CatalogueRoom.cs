namespace Gateway.Catalogue;

/// <summary>The room's services: one line for each path.</summary>
internal static class CatalogueRoom
{
    /// <summary>Adds the room.</summary>
    public static IServiceCollection AddCatalogue(this IServiceCollection services) =>
        services
            .AddSingleton<ICataloguePath, CallerPath>()
            .AddSingleton<ICataloguePath, OperationsPath>()
            .AddSingleton<ICataloguePath, AgreementsPath>()
            .AddSingleton<ICataloguePath, AgreementPath>()
            .AddSingleton<CallerLaw>()
            .AddSingleton<QuotaUsage>()
            .AddSingleton<ResourceDocument>()
            .AddSingleton<IPathEndpoint, CatalogueEndpoint>();
}
