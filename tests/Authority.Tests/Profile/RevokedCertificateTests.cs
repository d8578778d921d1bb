using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Authority.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;

namespace Authority.Tests.Profile;

/// <summary>
/// A certificate that was revoked or stopped authenticates nobody, and the tokens that were issued under it end with it (OA-31).
/// </summary>
[Trait("Needs", "Inside")]
[Trait("Tier", "Whole")]
public sealed class RevokedCertificateTests : IAsyncLifetime
{
    private const string Inactive = """{"active":false}""";
    private readonly string _folder = Directory.CreateTempSubdirectory("revoked-").FullName;
    private readonly TheAuthority _authority;
    private int _number;

    public RevokedCertificateTests() =>
        _authority = new TheAuthority
        {
            Configure = options =>
                options.Revocation = new Dictionary<string, RevocationSettings>(StringComparer.Ordinal)
                {
                    ["anss-partners"] = new() { Files = [List], Fail = RevocationFailure.Hard },
                },
        };

    private string List => Path.Combine(_folder, "partners.crl");

    public async ValueTask InitializeAsync()
    {
        Publish();
        await _authority.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _authority.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_client_whose_certificate_is_on_the_list_is_told_so_on_its_open_connection_by_whichever_method()
    {
        var (byCertificate, byAssertion) = (_authority.HttpOf(TheAuthority.Inclusion), _authority.HttpOf(TheAuthority.Eligibility));
        Assert.Equal(HttpStatusCode.OK, (await _authority.Ask(ByCertificate(), byCertificate)).Status);
        var token = (await _authority.Ask(_authority.Form(_authority.Assertion()), byAssertion)).Token;
        Assert.NotEqual(Inactive, (await Introspect(token)).Body.ToJsonString());
        Publish(TheAuthority.Inclusion, TheAuthority.Eligibility);
        await Until(async () => (await _authority.Ask(ByCertificate(), byCertificate)).Status != HttpStatusCode.OK);
        foreach (
            var answer in new[]
            {
                await _authority.Ask(ByCertificate(), byCertificate),
                await _authority.Ask(_authority.Form(_authority.Assertion()), byAssertion),
            }
        )
            Assert.StartsWith(
                "certificate-revoked AUT-08",
                answer.Refused(HttpStatusCode.Unauthorized, "invalid_client").Description,
                StringComparison.Ordinal
            );
        foreach (var path in new[] { "/connect/revocation", "/connect/explain", "/connect/introspect" })
            Assert.StartsWith(
                "certificate-revoked AUT-08",
                (await TokenAnswer.Post(byAssertion, path, About(TheAuthority.Eligibility, token)))
                    .Refused(HttpStatusCode.Unauthorized, "invalid_client")
                    .Description,
                StringComparison.Ordinal
            );
        // The token that was issued under it is active no longer, whoever asks.
        await Until(async () => (await Introspect(token)).Body.ToJsonString() == Inactive);
        // Others learn nothing about whose certificate it is.
        (await _authority.Ask(ByCertificate(), byAssertion)).RefusedAsStranger();
    }

    [Fact]
    public async Task A_token_bound_to_a_proof_key_ends_with_the_certificate_under_which_it_was_issued()
    {
        const string rule =
            "auth: tls_client_auth\n    binding: mtls\n    certificate: { authority: anss-partners, sanUri: \"urn:anss:client:anss-inclusion\" }";
        _authority.Contracts.Edit(
            "institutions/anss.yaml",
            static text => text,
            rule,
            rule.Replace("binding: mtls", "binding: dpop", StringComparison.Ordinal)
        );
        await _authority.Reloaded();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var http = _authority.HttpOf(TheAuthority.Inclusion);
        var wanted = await Ask(http, key, nonce: null);
        var token = (await Ask(http, key, Assert.Single(wanted.Response.Headers.GetValues("DPoP-Nonce")))).Token;
        var (jti, status) = ((string)Jws.Payload(token)["jti"]!, _authority.Services.GetRequiredService<ITokenStatus>());
        Assert.False(status.Current.IsRevoked(jti));
        Publish(TheAuthority.Inclusion);
        await Until(() => Task.FromResult(status.Current.IsRevoked(jti)));
    }

    [Fact]
    public async Task What_operators_deny_is_refused_and_its_tokens_are_not_active_at_any_node()
    {
        var token = (await _authority.Ask(_authority.Form(_authority.Assertion()))).Token;
        await using var second = await _authority.StartSecond();
        var id = PresentedCertificate.From(_authority.Certificate(TheAuthority.Eligibility)).X5tS256;
        await second.Services.GetRequiredService<ITokenStatus>().Suspend(StoppedKind.Certificate, id, "key-leak");
        await Until(async () =>
            (await _authority.Ask(_authority.Form(_authority.Assertion()))).Description.StartsWith(
                "certificate-revoked AUT-08",
                StringComparison.Ordinal
            )
        );
        await Until(async () => (await Introspect(token)).Body.ToJsonString() == Inactive);
    }

    [Fact]
    public async Task A_stopped_certificate_in_foreign_hands_takes_nothing_from_its_client()
    {
        const string rule = "certificate: { authority: anss-partners, sanUri: \"urn:anss:client:anss-inclusion\" }\n";
        const string limits = "    limits: { tokensPerMinute: 60, connections: 8, requestsPerSecond: 20 }\n";
        _authority.Contracts.Edit("institutions/anss.yaml", static text => text, rule, rule + limits);
        await _authority.Reloaded();
        var stolen = _authority.Pki.Leaf(names: static names => names.AddUri(new Uri($"urn:anss:client:{TheAuthority.Inclusion}")));
        var id = PresentedCertificate.From(stolen).X5tS256;
        await _authority.Services.GetRequiredService<ITokenStatus>().Suspend(StoppedKind.Certificate, id, "key-leak");
        var (thief, own) = (_authority.Http(stolen), _authority.HttpOf(TheAuthority.Inclusion));
        await Until(async () => (await _authority.Ask(ByCertificate(), thief)).Status == HttpStatusCode.Unauthorized);
        for (var i = 0; i < 80; i++)
        {
            var refused = await _authority.Ask(ByCertificate(), thief);
            Assert.StartsWith("certificate-revoked AUT-08", refused.Description, StringComparison.Ordinal);
        }

        for (var i = 0; i < 40; i++)
            Assert.Equal(HttpStatusCode.OK, (await _authority.Ask(ByCertificate(), own)).Status);
    }

    [Fact]
    public async Task Without_a_list_in_date_a_hard_authority_gives_no_token_and_says_that_it_is_not_the_clients_fault()
    {
        await _authority.Pass(TimeSpan.FromDays(2));
        var answer = (await _authority.Ask(ByCertificate(), _authority.HttpOf(TheAuthority.Inclusion))).Refused(
            HttpStatusCode.ServiceUnavailable,
            "temporarily_unavailable"
        );
        Assert.StartsWith("certificate-status-unknown AUT-09", answer.Description, StringComparison.Ordinal);
        Assert.NotNull(answer.Response.Headers.RetryAfter);
    }

    private Dictionary<string, string> ByCertificate() =>
        _authority.Form(
            "",
            ("client_assertion", null),
            ("client_assertion_type", null),
            ("client_id", TheAuthority.Inclusion),
            ("scope", "employment.job-seeker-status.read"),
            ("authorization_details", null)
        );

    private Dictionary<string, string> About(string client, string token) =>
        _authority.Form(
            _authority.Assertion(client),
            ("grant_type", null),
            ("scope", null),
            ("authorization_details", null),
            ("token", token)
        );

    private Task<TokenAnswer> Introspect(string token) =>
        TokenAnswer.Post(_authority.HttpOf(TheAuthority.Batch), "/connect/introspect", About(TheAuthority.Batch, token));

    private Task<TokenAnswer> Ask(HttpClient http, ECDsa key, string? nonce)
    {
        var payload = new JsonObject
        {
            ["jti"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(8)),
            ["htm"] = "POST",
            ["htu"] = _authority.Addresses.MutualTls + "/connect/token",
            ["iat"] = _authority.Clock.GetUtcNow().ToUnixTimeSeconds(),
        };
        if (nonce is not null)
            payload["nonce"] = nonce;
        var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent(ByCertificate()) };
        request.Headers.TryAddWithoutValidation(
            "DPoP",
            Jws.Make($$"""{"typ":"dpop+jwt","alg":"ES256","jwk":{{TempContracts.Jwk(key)}}}""", payload.ToJsonString(), key)
        );
        return TokenAnswer.Send(http, request);
    }

    private void Publish(params string[] clients)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var client in clients)
            list.AddEntry(_authority.Certificate(client));
        var now = _authority.Clock.GetUtcNow();
        File.WriteAllBytes(
            List + ".new",
            list.Build(
                _authority.Pki.Root,
                ++_number,
                now.AddDays(1),
                HashAlgorithmName.SHA256,
                rsaSignaturePadding: null,
                now.AddMinutes(-1)
            )
        );
        File.Move(List + ".new", List, overwrite: true);
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            if (await holds())
                return;
            await Task.Delay(25);
        }
        Assert.Fail("it did not come about in fifteen seconds");
    }
}
