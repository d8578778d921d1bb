using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sandbox.Pki;

namespace Gateway.Tests.Issuers;

/// <summary>
/// An authorization server of an institution, as small as can be: metadata and a key set over https, and tokens of any shape.
/// </summary>
internal sealed class HandMadeIssuer : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly DevelopmentAuthority _authority = DevelopmentAuthority.Create("Partner", TimeProvider.System);
    private readonly X509Certificate2 _certificate;
    private ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private string _kid = "f1";
    private int _fetches;

    private HandMadeIssuer()
    {
        _certificate = _authority.Issue(
            new CertificateProfile
            {
                Name = "login",
                Use = CertificateUse.Server,
                Hosts = CertificateProfile.Loopback,
            }
        );
        TrustFile = Path.GetTempFileName();
        File.WriteAllText(TrustFile, _authority.CertificatePem);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificate)));
        _host = builder.Build();
        _host.Run(Answer);
    }

    public string Url { get; private set; } = "";
    public string TrustFile { get; }

    /// <summary>How often the key set was asked for.</summary>
    public int Fetches => _fetches;
    public bool IsSilent { get; set; }

    /// <summary>Speaks OpenID Connect Discovery instead of RFC 8414.</summary>
    public bool SpeaksOpenId { get; set; }
    public string? NamedIssuer { get; set; }
    public string? NamedKeys { get; set; }
    public bool Redirects { get; set; }

    /// <summary>Served instead of the key set.</summary>
    public string? KeySet { get; set; }

    public static async Task<HandMadeIssuer> Start()
    {
        var issuer = new HandMadeIssuer();
        await issuer._host.StartAsync();
        var port = new Uri(
            issuer._host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()
        ).Port;
        issuer.Url = $"https://localhost:{port}";
        return issuer;
    }

    public void Rotate(string kid) => (_key, _kid) = (ECDsa.Create(ECCurve.NamedCurves.nistP256), kid);

    public string Jwks() => $"{{\"keys\":[{Jwk(_kid)}]}}";

    public string Jwk(string kid)
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"kty":"EC","crv":"P-256","use":"sig","kid":"{{kid}}","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
    }

    public string Token(JsonObject claims, string type = "at+jwt", string? kid = null)
    {
        var header = $$"""{"typ":"{{type}}","alg":"ES256","kid":"{{kid ?? _kid}}"}""";
        var input =
            $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return $"{input}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256))}";
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _certificate.Dispose();
        _authority.Dispose();
        _key.Dispose();
        File.Delete(TrustFile);
    }

    private Task Answer(HttpContext http)
    {
        var path = http.Request.Path.Value;
        if (IsSilent)
            http.Abort();
        if (path == (SpeaksOpenId ? "/.well-known/openid-configuration" : "/.well-known/oauth-authorization-server"))
            return http.Response.WriteAsync(
                new JsonObject { ["issuer"] = NamedIssuer ?? Url, ["jwks_uri"] = NamedKeys ?? Url + "/keys" }.ToJsonString()
            );
        if (path == "/elsewhere")
            return http.Response.WriteAsync(Jwks());
        if (path != "/keys")
            http.Response.StatusCode = 404;
        if (path != "/keys")
            return Task.CompletedTask;
        Interlocked.Increment(ref _fetches);
        if (Redirects)
            http.Response.Redirect(Url + "/elsewhere");
        return Redirects ? Task.CompletedTask : http.Response.WriteAsync(KeySet ?? Jwks());
    }
}
