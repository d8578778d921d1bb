using System.Globalization;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Benchmarks.Issuing;

/// <summary>
/// The least that can be called a token server on this platform: Kestrel, mutual TLS, one assertion verified, one token signed. No replay
/// memory, no record, no policy, no guard. What it does on a machine is what there is to be shared out on that machine.
/// </summary>
public static class BareTokens
{
    /// <summary>Serves until it is ended.</summary>
    /// <param name="settings">File with the peer's settings.</param>
    /// <param name="port">Port on loopback.</param>
    public static async Task<int> RunAsync(string settings, int port)
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(settings));
        var root = document.RootElement;
        var keys = root.GetProperty("clients")
            .EnumerateArray()
            .ToDictionary(
                static client => client.GetProperty("client_id").GetString()!,
                static client => new JsonWebKeySet(client.GetProperty("jwks").GetRawText()).GetSigningKeys()[0],
                StringComparer.Ordinal
            );
        var issuer = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{port}");
        var audience = root.GetProperty("resources").EnumerateObject().First().Name;
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var credentials = new SigningCredentials(new ECDsaSecurityKey(own) { KeyId = "bare" }, SecurityAlgorithms.EcdsaSha256);
        using var server = X509Certificate2.CreateFromPemFile(
            root.GetProperty("certificate").GetString()!,
            root.GetProperty("key").GetString()!
        );
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(
                    new HttpsConnectionAdapterOptions
                    {
                        ServerCertificate = server,
                        SslProtocols = SslProtocols.Tls13,
                        ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                        ClientCertificateValidation = static (_, _, _) => true,
                    }
                )));
        await using var app = builder.Build();
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        var type = new Dictionary<string, object>(StringComparer.Ordinal) { ["typ"] = "at+jwt" };
        app.Run(context => AnswerAsync(context, handler, type, keys, issuer, audience, credentials));
        await app.RunAsync();
        return 0;
    }

    private static async Task AnswerAsync(
        HttpContext context,
        JsonWebTokenHandler handler,
        Dictionary<string, object> type,
        Dictionary<string, SecurityKey> keys,
        string issuer,
        string audience,
        SigningCredentials credentials
    )
    {
        var form = await context.Request.ReadFormAsync();
        var client = form["client_id"].ToString();
        var result = await handler.ValidateTokenAsync(
            form["client_assertion"].ToString(),
            new TokenValidationParameters
            {
                ValidIssuer = client,
                ValidAudience = issuer,
                IssuerSigningKey = keys[client],
                ValidAlgorithms = ["ES256"],
            }
        );
        if (!result.IsValid)
            throw result.Exception;
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var jti = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var token = handler.CreateToken(
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"iss":"{{issuer}}","sub":"{{client}}","client_id":"{{client}}","aud":"{{audience}}","iat":{{now}},"exp":{{now + 300}},"jti":"{{jti}}","scope":"{{TokenTown.Scope}}"}"""
            ),
            credentials,
            type
        );
        var body = Encoding.UTF8.GetBytes(
            $$"""{"access_token":"{{token}}","token_type":"Bearer","expires_in":300,"scope":"{{TokenTown.Scope}}"}"""
        );
        (context.Response.ContentType, context.Response.ContentLength) = ("application/json", body.Length);
        await context.Response.Body.WriteAsync(body);
    }
}
