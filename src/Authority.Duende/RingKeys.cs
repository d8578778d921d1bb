using Authority.Keys;
using Duende.IdentityServer.Models;
using Duende.IdentityServer.Services;
using Duende.IdentityServer.Stores;
using Microsoft.IdentityModel.Tokens;

namespace Authority.Duende;

/// <summary>The ring of both engines, and the issuer's name.</summary>
internal sealed class RingKeys(KeyRing ring, AuthorityAddresses addresses, IHttpContextAccessor accessor)
    : ISigningCredentialStore,
        IValidationKeysStore,
        IIssuerNameService
{
    /// <summary>The key that the record names, also when the ring turned since.</summary>
    public Task<SigningCredentials?> GetSigningCredentialsAsync() =>
        Task.FromResult<SigningCredentials?>((TokenCall.Of(accessor).Token?.Token.Key ?? ring.Signing).Credentials);

    public Task<IEnumerable<SecurityKeyInfo>> GetValidationKeysAsync() =>
        Task.FromResult<IEnumerable<SecurityKeyInfo>>([
            new() { Key = ring.Signing.Credentials.Key, SigningAlgorithm = SecurityAlgorithms.EcdsaSha256 },
        ]);

    public Task<string> GetCurrentAsync() => Task.FromResult(addresses.Issuer);
}
