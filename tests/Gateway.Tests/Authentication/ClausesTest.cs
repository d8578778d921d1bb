using System.Net;
using System.Text;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Authentication;

/// <summary>What the resource server owes to RFC 6750, 8705, 9068 and 9396 (authority page, sections 13 and 14).</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class ClausesTest(TownFixture fixture)
{
    private const string Client = "anss-eligibility";
    private readonly Town _town = fixture.Town;

    [Fact, Provokes("certificate-not-accepted")]
    public async Task OA_30_What_is_registered_no_longer_is_refused_by_the_next_request_on_an_open_connection()
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100 });
        using var open = new OpenConnection(town, HttpVersion.Version20, Client);
        var token = await town.TokenFor(Client, "ASD_SCHOOLING");
        async Task<Reply> Question()
        {
            using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
            return await town.Send(Ask.Enrolments, body, token, open.Http, open.InVersion);
        }

        Assert.Equal(HttpStatusCode.OK, (await Question()).Status);
        var file = Path.Combine(town.Contracts.Folder, "institutions", "anss.yaml");
        var text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(
            file,
            text.Replace("urn:anss:client:anss-eligibility", "urn:anss:client:another", StringComparison.Ordinal)
        );
        await Soon.Holds(async () => (await Question()).Code == "certificate-not-accepted", "the certificate is refused");
        Assert.Equal(
            $"Bearer resource_metadata=\"{town.File.Gateway}/.well-known/oauth-protected-resource\"",
            (await Question()).Header("WWW-Authenticate")
        );
        await File.WriteAllTextAsync(file, text);
        await Soon.Holds(async () => (await Question()).Status == HttpStatusCode.OK, "the certificate is taken again");
        Assert.Equal(1, open.Opened);
    }

    [Fact, Provokes("proof-not-accepted")]
    public async Task OA_35_A_token_under_another_certificate_is_401_invalid_token_cached_or_not()
    {
        var token = await _town.TokenFor(Client, "ASD_SCHOOLING");
        for (var call = 0; call < 2; call++)
        {
            await Refused(
                await Question(token, _town.ClientAs("anss-batch")),
                HttpStatusCode.Unauthorized,
                "proof-not-accepted",
                "Bearer error=\"invalid_token\""
            );
            Assert.Equal(HttpStatusCode.OK, (await Question(token)).Status);
        }
    }

    [Fact, Provokes("token-not-accepted", "token-expired")]
    public async Task OA_50_Type_issuer_audience_key_life_and_claims_are_checked_one_by_one()
    {
        const string invalid = "Bearer error=\"invalid_token\"";
        Assert.Equal(HttpStatusCode.OK, (await Question(Forge.Token(_town, Client))).Status);
        string[] wrong =
        [
            Forge.Token(_town, Client, type: "JWT"),
            Forge.Token(_town, Client, type: "dpop+jwt"),
            Changed(static claims => claims["iss"] = "https://other.example"),
            Changed(claims => claims["iss"] = _town.File.Issuer + "/"),
            Changed(claims => claims["aud"] = _town.File.Gateway + "/"),
            Changed(claims => claims["aud"] = new[] { _town.File.Gateway }),
            Changed(static claims => claims.Remove("aud")),
            Changed(static claims => claims["sub"] = "anss-batch"),
            Changed(static claims => (claims["sub"], claims["client_id"]) = ("nobody-unregistered", "nobody-unregistered")),
            Changed(static claims => claims["org"] = "menps"),
            Changed(static claims => claims["exp"] = (long)claims["iat"] + 601),
            Changed(static claims => claims["iat"] = (long)claims["iat"] + 120),
            Changed(static claims => claims.Remove("jti")),
            Changed(static claims => claims.Remove("cnf")),
            Changed(static claims => claims.Remove("authorization_details")),
            Tampered(Forge.Token(_town, Client)),
            "not.a.token",
        ];
        foreach (var token in wrong)
            await Refused(await Question(token), HttpStatusCode.Unauthorized, "token-not-accepted", invalid);
        await Refused(
            await Question(Forge.Token(_town, Client, issued: -400, expires: -100)),
            HttpStatusCode.Unauthorized,
            "token-expired",
            invalid
        );
    }

    [Fact, Provokes("request-malformed", "token-missing")]
    public async Task OA_51_A_token_in_the_query_or_in_a_form_and_two_headers_are_refused()
    {
        const string invalid = "Bearer error=\"invalid_request\"";
        var token = await _town.TokenFor(Client, "ASD_SCHOOLING");
        using var mutual = new OpenConnection(_town, HttpVersion.Version11, Client);
        foreach (var header in new[] { token, null })
        {
            using var body = new StringContent(Ask.Question(_town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
            await Refused(
                await _town.Send($"{Ask.Enrolments}?access_token={token}", body, header, mutual.Http),
                HttpStatusCode.BadRequest,
                "request-malformed",
                invalid
            );
        }

        using (var body = new StringContent("{}", Encoding.UTF8, "application/json"))
            await Refused(
                await _town.Send(Ask.Enrolments, body, token: null, mutual.Http, request =>
                    request.Headers.TryAddWithoutValidation("Authorization", [$"Bearer {token}", $"Bearer {token}"])
                ),
                HttpStatusCode.BadRequest,
                "request-malformed",
                invalid
            );

        var health = await _town.TokenFor("anss-inclusion", "INCLUSION_HEALTH", null, "health.immunization-recommendation.read");
        foreach (var (header, status) in new[] { (health, HttpStatusCode.BadRequest), (null, HttpStatusCode.Unauthorized) })
        {
            using var form = new FormUrlEncodedContent([
                new("patient:identifier", $"urn:anss:id:health|{SectorToken.Of("health", Fixtures.Infant)}"),
                new("access_token", health),
            ]);
            var reply = await _town.Send(Ask.Immunizations, form, header, _town.ClientAs("anss-inclusion"), static request =>
                request.Headers.Add("Case-Reference", "INC-2026-000771")
            );
            Assert.Equal(status, reply.Status);
            if (header is not null)
                Assert.Equal(("request-malformed", invalid), (reply.Code, reply.Header("WWW-Authenticate")));
        }

        await Refused(
            await Question(token: null),
            HttpStatusCode.Unauthorized,
            "token-missing",
            $"Bearer resource_metadata=\"{_town.File.Gateway}/.well-known/oauth-protected-resource\",DPoP algs=\"ES256 PS256\""
        );
    }

    [Fact, Provokes("operation-not-covered")]
    public async Task OA_52_An_insufficient_scope_is_403_and_names_the_scope_under_the_scheme_of_the_call()
    {
        var token = await _town.TokenFor(Client, "ASD_SCHOOLING");
        using var body = new StringContent("{}", Encoding.UTF8, "application/json");
        await Refused(
            await _town.Send(Ask.JobSeekers, body, token, _town.ClientAs(Client)),
            HttpStatusCode.Forbidden,
            "operation-not-covered",
            "Bearer error=\"insufficient_scope\", scope=\"employment.job-seeker-status.read\""
        );
        using var prover = new Prover(_town);
        var bound = await prover.Token();
        var nonce = await prover.Nonce(bound);
        var reply = await prover.Send(
            bound,
            prover.Proof(bound, nonce, claims => claims["htu"] = prover.Listener + Ask.JobSeekers),
            path: Ask.JobSeekers
        );
        await Refused(
            reply,
            HttpStatusCode.Forbidden,
            "operation-not-covered",
            "DPoP error=\"insufficient_scope\", scope=\"employment.job-seeker-status.read\", algs=\"ES256 PS256\""
        );
    }

    [
        Fact,
        Provokes(
            "agreement-unknown",
            "agreement-expired",
            "agreement-suspended",
            "purpose-not-covered",
            "operation-not-covered",
            "token-outdated"
        )
    ]
    public async Task OA_58_The_tokens_own_agreement_purpose_and_operations_are_enforced_and_sealed()
    {
        var agreed = Forge.Reference(_town, "ANSS-MENPS-2026");
        var record = await (await Question(Forge.Token(_town, Client, agreement: agreed))).Record();
        Assert.Equal((agreed, "ASD_SCHOOLING"), (record.GetProperty("agr").GetString(), record.GetProperty("purp").GetString()));
        Assert.Equal("agreement-unknown", (await Question(Forge.Token(_town, Client, agreement: "ANSS-NOBODY-2026-01@1"))).Code);
        Assert.Equal(
            "agreement-expired",
            (await Question(Forge.Token(_town, Client, agreement: Forge.Reference(_town, "ANSS-MENPS-2025")))).Code
        );
        Assert.Equal(
            "agreement-suspended",
            (await Question(Forge.Token(_town, Client, agreement: Forge.Reference(_town, "ANSS-CNSS")))).Code
        );
        // Another party's agreement with somebody else opens nothing to this caller.
        Assert.Equal(
            "operation-not-covered",
            (await Question(Forge.Token(_town, Client, agreement: Forge.Reference(_town, "ANSS-SANTE")))).Code
        );
        Assert.Equal("purpose-not-covered", (await Question(Forge.Token(_town, Client, agreement: agreed, purpose: "ASD_BIRTH"))).Code);
        Assert.Equal(
            "operation-not-covered",
            (
                await Question(
                    Changed(claims =>
                        claims["authorization_details"] = new[]
                        {
                            new
                            {
                                type = "data_exchange",
                                agreement = agreed,
                                purpose = "ASD_SCHOOLING",
                                operations = new[] { "employment.job-seeker-status.read" },
                            },
                        }
                    )
                )
            ).Code
        );
        await Refused(
            await Question(Forge.Token(_town, Client, agreement: agreed[..^1] + "2")),
            HttpStatusCode.Unauthorized,
            "token-outdated",
            "Bearer error=\"invalid_token\""
        );
    }

    private string Changed(Action<Dictionary<string, object>> change) => Forge.Token(_town, Client, change: change);

    private static string Tampered(string token) => token[..^4] + (token[^4..] == "AAAA" ? "BBBB" : "AAAA");

    private async Task<Reply> Question(string? token, HttpClient? http = null)
    {
        using var body = new StringContent(Ask.Question(_town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
        return await _town.Send(Ask.Enrolments, body, token, http ?? _town.ClientAs(Client));
    }

    private static Task Refused(Reply reply, HttpStatusCode status, string code, string challenge)
    {
        Assert.Equal((status, code, challenge), (reply.Status, reply.Code!, reply.Header("WWW-Authenticate")));
        reply.Receipt();
        return Task.CompletedTask;
    }
}
