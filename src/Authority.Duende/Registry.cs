using Duende.IdentityServer.Models;
using Duende.IdentityServer.Stores;
using Duende.IdentityServer.Validation;

namespace Authority.Duende;

/// <summary>
/// The client of a call as Duende knows clients. What a client may have is decided by <see cref="ExchangeGrant"/>, so this is the outline
/// of one.
/// </summary>
internal sealed class RegistryClients(IHttpContextAccessor accessor) : IClientStore, IClientSecretValidator
{
    /// <summary>
    /// Authenticated already, by the room that both engines share: Duende's own validators have neither its strictness nor its memory.
    /// </summary>
    public async Task<ClientSecretValidationResult> ValidateAsync(HttpContext context)
    {
        var client = await FindClientByIdAsync(TokenCall.Of(accessor).Client.Id);
        return new()
        {
            IsError = client is null,
            Client = client,
            Secret = new ParsedSecret { Id = client?.ClientId!, Type = "registered" },
        };
    }

    public Task<Client?> FindClientByIdAsync(string clientId)
    {
        var call = TokenCall.Of(accessor);
        return Task.FromResult(
            clientId != call.Client.Id
                ? null
                : new Client
                {
                    ClientId = clientId,
                    AllowedGrantTypes = GrantTypes.ClientCredentials,
                    AllowedScopes = [.. call.Client.Registry.Operations.Keys],
                    ClientClaimsPrefix = "",
                    IncludeJwtId = false, // the sealed token has one
                }
        );
    }
}

/// <summary>Every operation is a scope. Which audience it has follows from the grant.</summary>
internal sealed class RegistryResources(IHttpContextAccessor accessor) : IResourceStore
{
    private IEnumerable<ApiScope> Scopes =>
        TokenCall.Of(accessor).Client.Registry.Operations.Keys.Select(static operation => new ApiScope(operation));

    public Task<IEnumerable<ApiScope>> FindApiScopesByNameAsync(IEnumerable<string> scopeNames) =>
        Task.FromResult(Scopes.Where(scope => scopeNames.Contains(scope.Name)));

    public Task<IEnumerable<IdentityResource>> FindIdentityResourcesByScopeNameAsync(IEnumerable<string> scopeNames) =>
        Task.FromResult<IEnumerable<IdentityResource>>([]);

    public Task<IEnumerable<ApiResource>> FindApiResourcesByScopeNameAsync(IEnumerable<string> scopeNames) =>
        Task.FromResult<IEnumerable<ApiResource>>([]);

    public Task<IEnumerable<ApiResource>> FindApiResourcesByNameAsync(IEnumerable<string> apiResourceNames) =>
        Task.FromResult<IEnumerable<ApiResource>>([]);

    public Task<Resources> GetAllResourcesAsync() => Task.FromResult(new Resources([], [], Scopes));
}
