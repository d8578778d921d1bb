using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Persons;

namespace Gateway.Tests.Issuers;

/// <summary>A town whose agency runs an authorization server of its own, mapped to two of its systems.</summary>
internal sealed class PartnerTown : IAsyncDisposable
{
    /// <summary>A system for which the issuer speaks, and for which one agreement and purpose cover the question.</summary>
    public const string Speaker = "anss-payments";

    /// <summary>One for which several purposes do.</summary>
    public const string Ambiguous = "anss-eligibility";
    private const string Scope = "education.school-enrolment.read";

    private PartnerTown(Town town, HandMadeIssuer issuer) => (Town, Issuer) = (town, issuer);

    public Town Town { get; }
    public HandMadeIssuer Issuer { get; }
    public string InstitutionFile => Path.Combine(Town.Contracts.Folder, "institutions", "anss.yaml");

    /// <summary>The clock of the gateway; moving it does not move the tokens' times unless the test wants that.</summary>
    public static async Task<PartnerTown> Start(Authentication.ShiftedClock? clock = null, string terms = "")
    {
        var issuer = await HandMadeIssuer.Start();
        var ports = TownPorts.Free();
        var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Ports = ports,
                Clock = clock ?? TimeProvider.System,
                ConfigureGateway = gateway => gateway.IssuerAuthorities["partner"] = issuer.TrustFile,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                EditContracts = contracts =>
                    File.AppendAllText(
                        Path.Combine(contracts, "institutions", "anss.yaml"),
                        $$"""
                        issuer:
                          url: {{issuer.Url}}
                          audiences: [ "https://localhost:{{ports.Gateway}}" ]
                          clients: { "7f3c-ext": {{Speaker}}, "81aa-ext": {{Ambiguous}} }
                          trust: partner{{terms}}

                        """
                    ),
            }
        );
        return new PartnerTown(town, issuer);
    }

    /// <summary>Claims as the issuer would write them for a system, bound to its certificate.</summary>
    public JsonObject Claims(string client = "7f3c-ext", string system = Speaker)
    {
        using var own = X509CertificateLoader.LoadCertificateFromFile(Town.File.Clients.First(entry => entry.Id == system).Certificate);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = Issuer.Url,
            ["sub"] = client,
            ["client_id"] = client,
            ["aud"] = Town.File.Gateway,
            ["iat"] = now,
            ["exp"] = now + 300,
            ["jti"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            ["scope"] = Scope,
            ["cnf"] = new JsonObject { ["x5t#S256"] = Base64Url.EncodeToString(SHA256.HashData(own.RawData)) },
        };
    }

    /// <summary>Asks the usual question.</summary>
    public async Task<Reply> Question(string token, string system = Speaker)
    {
        using var body = new StringContent(Ask.Question(Town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
        return await Town.Send(Ask.Enrolments, body, token, Town.ClientAs(system));
    }

    /// <summary>The readiness page of the gateway.</summary>
    public async Task<string> Readiness()
    {
        using var plain = new HttpClient();
        using var page = await plain.GetAsync(new Uri(Town.File.Metrics.Replace("/metrics", "/health/ready", StringComparison.Ordinal)));
        return await page.Content.ReadAsStringAsync();
    }

    /// <summary>The question with sound claims but for what <paramref name="change"/> does to them.</summary>
    public Task<Reply> Changed(Action<JsonObject> change)
    {
        var claims = Claims();
        change(claims);
        return Question(Issuer.Token(claims));
    }

    public async ValueTask DisposeAsync()
    {
        await Town.DisposeAsync();
        await Issuer.DisposeAsync();
    }
}
