using System.Buffers.Text;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sandbox.Institutions;
using Sandbox.Persons;
using Sandbox.Pki;

namespace Sandbox.Tests.Institutions;

/// <summary>Plays the gateway towards a stand-in: certificate, assertion, headers as the exchanges page demands.</summary>
public sealed class GatewayDouble : IDisposable
{
    private readonly TemporaryState _state = new();
    private readonly DevelopmentPki _pki;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public GatewayDouble()
    {
        _pki = new DevelopmentPki(_state.Folder, TimeProvider.System);
        Calendar = new SchoolCalendar(TimeProvider.System);
    }

    public SchoolCalendar Calendar { get; }
    public DevelopmentPki Pki => _pki;

    public Task<StandIn> Start(string institution, int pupils = 500) =>
        StandIn.StartAsync(
            new StandInOptions
            {
                Institution = institution,
                Certificate = _pki.Provider(institution),
                GatewayAuthority = _pki.AuthorityFile(DevelopmentPki.Servers),
                AssertionKey = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(
                    new ECDsaSecurityKey(ECDsa.Create(_key.ExportParameters(false)))
                ),
            },
            InstitutionCatalogue.Operations(institution, Calendar, pupils),
            TimeProvider.System
        );

    /// <summary>Asks as the gateway would.</summary>
    public async Task<HttpResponseMessage> Ask(
        StandIn standIn,
        string operation,
        string path,
        string body,
        Action<Dictionary<string, object>>? change = null,
        CancellationToken stop = default
    )
    {
        using var client = Client(_pki.GatewayAsClient().Load());
        var exchange = Convert.ToHexString(RandomNumberGenerator.GetBytes(13));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(standIn.Address, path));
        request.Content = new StringContent(
            body,
            Encoding.UTF8,
            path.StartsWith("/fhir", StringComparison.Ordinal) ? "application/x-www-form-urlencoded" : "application/json"
        );
        request.Headers.Add("Exchange-Id", exchange);
        request.Headers.Add("Exchange-Assertion", Assertion(standIn, operation, exchange, body, change));
        return await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, stop);
    }

    /// <summary>Asks and reads the answer as JSON.</summary>
    public async Task<JsonElement> Answer(StandIn standIn, string operation, string path, string body)
    {
        using var response = await Ask(standIn, operation, path, body);
        response.EnsureSuccessStatusCode();
        return JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>The school-enrolment question about a person.</summary>
    public Task<HttpResponseMessage> AskEnrolment(StandIn standIn, string idcs, CancellationToken stop = default) =>
        Ask(standIn, "education.school-enrolment.read", "/v1/school-enrolments/query", EnrolmentBody(idcs), stop: stop);

    public string EnrolmentBody(string idcs) =>
        JsonSerializer.Serialize(
            new { subject = new { scheme = "sector-token", value = SectorToken.Of("education", idcs) }, schoolYear = Calendar.Name }
        );

    public HttpClient Client(X509Certificate2? certificate)
    {
        var roots = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        roots.CustomTrustStore.Add(_pki[DevelopmentPki.Providers].Certificate);
        return new HttpClient(
            new SocketsHttpHandler
            {
                UseProxy = false,
                SslOptions = new SslClientAuthenticationOptions
                {
                    EnabledSslProtocols = SslProtocols.Tls13,
                    CertificateChainPolicy = roots,
                    ClientCertificates = certificate is null ? null : [certificate],
                },
            }
        );
    }

    public void Dispose()
    {
        _key.Dispose();
        _pki.Dispose();
        _state.Dispose();
    }

    private string Assertion(StandIn standIn, string operation, string exchange, string body, Action<Dictionary<string, object>>? change)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = "https://localhost:8443",
            ["aud"] = standIn.Address.GetLeftPart(UriPartial.Authority),
            ["iat"] = now,
            ["exp"] = now + 60,
            ["jti"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
            ["org"] = "anss",
            ["op"] = operation,
            ["agr"] = "ANSS-MENPS-2026-01@3",
            ["purp"] = "ASD_SCHOOLING",
            ["bdig"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(body))),
        };
        change?.Invoke(claims);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            JsonSerializer.Serialize(claims),
            new SigningCredentials(new ECDsaSecurityKey(_key), SecurityAlgorithms.EcdsaSha256),
            new Dictionary<string, object> { ["typ"] = "exchange+jwt" }
        );
    }
}
