using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Flow;
using Postgres;
using Sandbox;
using Sandbox.Persons;
using Sandbox.Pki;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Stores;
using Tokens.Transport;
using Xunit;

namespace Gateway.Tests.Authentication;

/// <summary>
/// A certificate that its authority revoked, or that operators stopped, opens nothing: on open connections, for cached tokens, at every
/// door.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class RevokedCertificateTest(RealPostgres server)
{
    private const string Client = "anss-eligibility",
        Purpose = "ASD_SCHOOLING";

    [Theory, Provokes("certificate-revoked")]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_certificate_that_is_put_on_the_list_is_refused_on_an_open_connection_and_at_every_path(string version)
    {
        await using var town = await Start(RevocationFailure.Hard, number: 1);
        using var open = new OpenConnection(town, Version.Parse(version), Client);
        var token = await town.TokenFor(Client, Purpose);
        Assert.Equal(HttpStatusCode.OK, (await Question(town, open, token)).Status);
        using var certificate = Certificate(town);
        Publish(town.Pki.AuthorityFile(DevelopmentPki.Partners), number: 2, certificate);
        Reply refused = null!;
        await Soon.Holds(
            async () => (refused = await Question(town, open, token)).Code == "certificate-revoked",
            "the certificate is refused"
        );
        Assert.Equal((HttpStatusCode.Unauthorized, "AUT-08"), (refused.Status, refused.Json.GetProperty("rule").GetString()));
        Assert.Equal(
            $"Bearer resource_metadata=\"{town.File.Gateway}/.well-known/oauth-protected-resource\"",
            refused.Header("WWW-Authenticate")
        );
        Assert.Equal("AUT-08", (await refused.Record()).GetProperty("rule").GetString());
        foreach (
            var path in new[]
            {
                "/catalogue/v1/caller",
                "/catalogue/v1/agreements",
                "/audit/" + town.Ledger.Key.Name.Split('/', 3)[2] + "/checkpoint",
            }
        )
            Assert.Equal("certificate-revoked", (await town.Send(path, body: null, token, open.Http, open.InVersion, HttpMethod.Get)).Code);
        Assert.Equal(
            HttpStatusCode.OK,
            (
                await town.Send("/.well-known/oauth-protected-resource", body: null, token: null, open.Http, open.InVersion, HttpMethod.Get)
            ).Status
        );
        Assert.Equal(1, open.Opened);
        // A new connection is refused in the same words, the authority issues nothing, and everybody else goes on.
        using var again = new OpenConnection(town, Version.Parse(version), Client);
        Assert.Equal("certificate-revoked", (await Question(town, again, token)).Code);
        await Soon.Holds(
            async () => await WhyNoToken(town) is { } why && why.Contains("certificate-revoked AUT-08", StringComparison.Ordinal),
            "the authority refuses too"
        );
        Assert.NotEmpty(await town.TokenFor("anss-inclusion", "INCLUSION_EMPLOYMENT"));
    }

    [Theory, Provokes("certificate-revoked")]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task What_operators_deny_by_fingerprint_or_by_number_is_refused_until_it_is_lifted(string version)
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100 });
        using var open = new OpenConnection(town, Version.Parse(version), Client);
        var (token, status) = (await town.TokenFor(Client, Purpose), StatusTest.StatusOf(town));
        using var certificate = Certificate(town);
        foreach (
            var id in new[]
            {
                PresentedCertificate.From(certificate).X5tS256,
                CertificateId.Of(certificate.IssuerName, SerialNumber.Read(certificate.SerialNumber)!)!,
            }
        )
        {
            Assert.Equal(HttpStatusCode.OK, (await Question(town, open, token)).Status);
            await status.Suspend(StoppedKind.Certificate, id, "key-leak");
            await Soon.Holds(async () => (await Question(town, open, token)).Code == "certificate-revoked", "the certificate is refused");
            Assert.Contains("certificate-revoked AUT-08", await WhyNoToken(town), StringComparison.Ordinal);
            await status.Lift(StoppedKind.Certificate, id);
            await Soon.Holds(async () => (await Question(town, open, token)).Status == HttpStatusCode.OK, "it is served again");
        }

        Assert.Equal(1, open.Opened);
    }

    [Fact, Provokes("certificate-status-unknown")]
    public async Task Without_a_list_a_hard_authority_stops_and_a_soft_one_warns()
    {
        await using var soft = await Start(RevocationFailure.Soft, number: null);
        using (var open = new OpenConnection(soft, HttpVersion.Version20, Client))
            Assert.Equal(HttpStatusCode.OK, (await Question(soft, open, await soft.TokenFor(Client, Purpose))).Status);
        Assert.Equal((HttpStatusCode.OK, "true"), await Ready(soft));
        Assert.Contains("taken unchecked", await Note(soft), StringComparison.Ordinal);
        await using var hard = await Start(RevocationFailure.Hard, number: null, atAuthority: RevocationFailure.Soft);
        using var connection = new OpenConnection(hard, HttpVersion.Version20, Client);
        var (token, reply) = (await hard.TokenFor(Client, Purpose), default(Reply)!);
        reply = await Question(hard, connection, token);
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "certificate-status-unknown", "AUT-09"),
            (reply.Status, reply.Code, reply.Json.GetProperty("rule").GetString())
        );
        Assert.NotNull(reply.Header("Retry-After"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "false"), await Ready(hard));
        using var plain = new HttpClient();
        Assert.Contains(
            "revocation_complete{authority=\"anss-partners\",fail=\"hard\"} 0",
            await plain.GetStringAsync(new Uri(hard.File.Metrics)),
            StringComparison.Ordinal
        );
        Publish(hard.Pki.AuthorityFile(DevelopmentPki.Partners), number: 1);
        await Soon.Holds(async () => (await Question(hard, connection, token)).Status == HttpStatusCode.OK, "the list is there");
        Assert.Equal((HttpStatusCode.OK, "true"), await Ready(hard));
        Assert.Null(await Note(hard));
    }

    [Theory]
    [InlineData("fr", "révoqué")]
    [InlineData("ar", "ملغاة")]
    [InlineData("en", "revoked")]
    public async Task The_diagnosis_says_so_in_the_callers_language(string language, string word)
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100 });
        using var certificate = Certificate(town);
        await StatusTest.StatusOf(town).Suspend(StoppedKind.Certificate, PresentedCertificate.From(certificate).X5tS256, "key-leak");
        using var http = town.ClientWith(certificate);
        JsonElement finding = default;
        await Soon.Holds(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(town.File.Diagnose!));
                request.Headers.AcceptLanguage.ParseAdd(language);
                using var answer = await http.SendAsync(request);
                if (answer.StatusCode != HttpStatusCode.OK)
                    return false;
                finding = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("findings")[0];
                return finding.GetProperty("code").GetString() == "revoked";
            },
            "the diagnosis tells it"
        );
        Assert.Contains(word, finding.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_nodes_on_one_database_each_hears_what_was_denied_at_the_other()
    {
        var store = new StoreSettings { Postgres = await server.NewDatabase(), PasswordFile = server.PasswordFile };
        TownOptions options = new()
        {
            Pupils = 100,
            ConfigureGateway = gateway => gateway.Status = store,
            ConfigureAuthority = authority => authority.Status = store,
        };
        await using var one = await Town.StartAsync(options);
        await using var two = await Town.StartAsync(options);
        using var open = new OpenConnection(two, HttpVersion.Version20, Client);
        var token = await two.TokenFor(Client, Purpose);
        Assert.Equal(HttpStatusCode.OK, (await Question(two, open, token)).Status);
        using var certificate = Certificate(two);
        await StatusTest.StatusOf(one).Suspend(StoppedKind.Certificate, PresentedCertificate.From(certificate).X5tS256, "key-leak");
        await Soon.Holds(async () => (await Question(two, open, token)).Code == "certificate-revoked", "the other node refuses it");
        Assert.Equal(1, open.Opened);
    }

    /// <summary>Writes the list that <see cref="Start"/> configures.</summary>
    internal static void Publish(string authorityFile, int number, params X509Certificate2[] revoked)
    {
        using var authority = DevelopmentAuthority.Load(authorityFile, Path.ChangeExtension(authorityFile, ".key"), TimeProvider.System);
        var list = new CertificateRevocationListBuilder();
        foreach (var one in revoked)
            list.AddEntry(one);
        var file = Path.ChangeExtension(authorityFile, ".crl");
        File.WriteAllBytes(
            file + ".new",
            list.Build(
                authority.Certificate,
                number,
                DateTimeOffset.UtcNow.AddDays(1),
                HashAlgorithmName.SHA256,
                rsaSignaturePadding: null,
                DateTimeOffset.UtcNow.AddMinutes(-1)
            )
        );
        File.Move(file + ".new", file, overwrite: true);
    }

    private static Task<Town> Start(RevocationFailure fail, int? number, RevocationFailure? atAuthority = null)
    {
        var list = "";
        return Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                ConfigureAuthority = authority =>
                {
                    // The town makes its certificates before its programs: the list lies beside them.
                    var file = Path.Combine(Path.GetDirectoryName(authority.StateDirectory)!, "pki", DevelopmentPki.Partners + ".ca.pem");
                    if (number is { } first)
                        Publish(file, first);
                    list = Path.ChangeExtension(file, ".crl");
                    authority.Revocation = new Dictionary<string, RevocationSettings>(StringComparer.Ordinal)
                    {
                        [DevelopmentPki.Partners] = new() { Files = [list], Fail = atAuthority ?? fail },
                    };
                },
                ConfigureGateway = gateway =>
                    gateway.ClientRevocation[DevelopmentPki.Partners] = new()
                    {
                        Files = [Path.ChangeExtension(gateway.ClientAuthorities[DevelopmentPki.Partners], ".crl")],
                        Fail = fail,
                    },
            }
        );
    }

    private static X509Certificate2 Certificate(Town town)
    {
        var entry = town.File.Clients.First(static one => one.Id == Client);
        return X509Certificate2.CreateFromPemFile(entry.Certificate, entry.CertificateKey);
    }

    private static async Task<string?> WhyNoToken(Town town)
    {
        using var partner = new Partner(town.File, town.File.Clients.First(static one => one is { Id: Client, Purpose: Purpose }));
        using var answer = await partner.RequestToken();
        return answer.IsSuccessStatusCode ? null : await answer.Content.ReadAsStringAsync();
    }

    private static async Task<(HttpStatusCode Status, string Revocation)> Ready(Town town)
    {
        using var plain = new HttpClient();
        using var answer = await plain.GetAsync(new Uri(town.File.Metrics.Replace("/metrics", "/health/ready", StringComparison.Ordinal)));
        return (
            answer.StatusCode,
            JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("revocation").GetRawText()
        );
    }

    private static async Task<string?> Note(Town town)
    {
        using var plain = new HttpClient();
        var page = await plain.GetStringAsync(new Uri(town.File.Metrics.Replace("/metrics", "/health/ready", StringComparison.Ordinal)));
        return
            JsonSerializer.Deserialize<JsonElement>(page).TryGetProperty("notes", out var notes)
            && notes.TryGetProperty("revocation", out var note)
            ? note.GetString()
            : null;
    }

    private static async Task<Reply> Question(Town town, OpenConnection open, string token)
    {
        using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
        return await town.Send(Ask.Enrolments, body, token, open.Http, open.InVersion);
    }
}
