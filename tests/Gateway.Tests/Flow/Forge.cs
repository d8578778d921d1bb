using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Authority;
using Authority.Keys;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;

namespace Gateway.Tests.Flow;

/// <summary>
/// Tokens that the authority would never issue, signed with its own key: what the gateway must refuse on its own account.
/// </summary>
public static class Forge
{
    public static string Token(
        Town town,
        string client,
        string agreement = "ANSS-MENPS-2026-01@3",
        string purpose = "ASD_SCHOOLING",
        string? audience = null,
        int issued = 0,
        int expires = 300,
        X509Certificate2? certificate = null,
        Action<Dictionary<string, object>>? change = null,
        string type = "at+jwt"
    )
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        using var own = X509CertificateLoader.LoadCertificateFromFile(town.File.Clients.First(entry => entry.Id == client).Certificate);
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["iss"] = town.File.Issuer,
            ["sub"] = client,
            ["client_id"] = client,
            ["aud"] = audience ?? town.File.Gateway,
            ["iat"] = now + issued,
            ["exp"] = now + expires,
            ["jti"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            ["org"] = "anss",
            ["scope"] = "education.school-enrolment.read",
            ["authorization_details"] = new[]
            {
                new
                {
                    type = "data_exchange",
                    agreement,
                    purpose,
                    operations = new[] { "education.school-enrolment.read" },
                },
            },
            ["cnf"] = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["x5t#S256"] = Base64Url.EncodeToString(SHA256.HashData((certificate ?? own).RawData)),
            },
        };
        change?.Invoke(claims);
        var key = town.AuthorityHost.Services.GetRequiredService<KeyRing>().Signing;
        return TokenComposer.Sign(JsonSerializer.Serialize(claims), key, type);
    }

    /// <summary>id@version of the deployed agreement whose id begins so.</summary>
    public static string Reference(Town town, string beginning) =>
        town.Law.Current.Agreements.Values.First(agreement => agreement.Id.StartsWith(beginning, StringComparison.Ordinal)).Reference;
}
