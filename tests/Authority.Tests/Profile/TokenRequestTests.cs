using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Authority.Tests.Support;
using Tokens.Transport;

namespace Authority.Tests.Profile;

/// <summary>Token request, OA-10 to OA-18.</summary>
[Trait("Tier", "Whole")]
public sealed class TokenRequestTests(TheAuthority authority) : IClassFixture<TheAuthority>
{
    [Fact(DisplayName = "fapi2-security-profile-final-happy-flow: A_sound_assertion_over_mutual_TLS_gets_a_token_bound_to_the_certificate")]
    public async Task A_sound_assertion_over_mutual_TLS_gets_a_token_bound_to_the_certificate()
    {
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            var answer = await authority.Ask(
                authority.Form(authority.Assertion()),
                authority.Http(authority.Certificate(TheAuthority.Eligibility), version)
            );
            Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToJsonString());
            Assert.Equal(
                PresentedCertificate.From(authority.Certificate(TheAuthority.Eligibility)).X5tS256,
                (string?)Jws.Payload(answer.Token)["cnf"]!["x5t#S256"]
            );
        }
    }

    [Fact]
    public async Task OA_10_Only_a_posted_form_is_served()
    {
        var http = authority.HttpOf(TheAuthority.Eligibility);
        (await TokenAnswer.Send(http, new HttpRequestMessage(HttpMethod.Get, "/connect/token"))).Refused(
            HttpStatusCode.MethodNotAllowed,
            "invalid_request"
        );
        var json = new StringContent("""{"grant_type":"client_credentials"}""", Encoding.UTF8, "application/json");
        (await TokenAnswer.Send(http, new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = json })).Refused(
            HttpStatusCode.BadRequest,
            "invalid_request"
        );
        using var form = new FormUrlEncodedContent(authority.Form(authority.Assertion()));
        (
            await TokenAnswer.Send(
                http,
                new HttpRequestMessage(HttpMethod.Post, "/connect/token?scope=" + TheAuthority.Schooling) { Content = form }
            )
        ).Refused(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_compressed_form_is_refused_as_that_and_told_what_is_taken(bool isSaid)
    {
        using var zipped = new MemoryStream();
        using var plain = new FormUrlEncodedContent(authority.Form(authority.Assertion()));
        await using (var zip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            await plain.CopyToAsync(zip);
        using var form = new ByteArrayContent(zipped.ToArray());
        form.Headers.ContentType = new("application/x-www-form-urlencoded");
        if (isSaid)
            form.Headers.ContentEncoding.Add("gzip");
        using var asked = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = form };
        using var answer = await authority.HttpOf(TheAuthority.Eligibility).SendAsync(asked);
        Assert.Equal(
            (HttpStatusCode.UnsupportedMediaType, "identity"),
            (answer.StatusCode, string.Join(',', answer.Headers.GetValues("Accept-Encoding")))
        );
        Assert.Contains("content-encoding-unsupported WIR-13", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scope", TheAuthority.Schooling)]
    [InlineData("Scope", TheAuthority.Schooling)]
    [InlineData("client_assertion", "x")]
    [InlineData("client_id", TheAuthority.Eligibility)]
    [InlineData("unheard_of", "1")]
    public async Task OA_11_A_parameter_sent_twice_is_refused(string name, string value)
    {
        var pairs = authority
            .Form(authority.Assertion(), ("client_id", TheAuthority.Eligibility), ("unheard_of", "1"))
            .Select(static pair => KeyValuePair.Create(pair.Key, pair.Value));
        using var form = new FormUrlEncodedContent(pairs.Append(KeyValuePair.Create(name, value)));
        (
            await TokenAnswer.Send(
                authority.HttpOf(TheAuthority.Eligibility),
                new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = form }
            )
        ).Refused(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    public async Task OA_12_Two_client_authentication_methods_are_refused()
    {
        using var form = new FormUrlEncodedContent(authority.Form(authority.Assertion()));
        var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", "YTpi");
        (await TokenAnswer.Send(authority.HttpOf(TheAuthority.Eligibility), request)).Refused(HttpStatusCode.BadRequest, "invalid_request");
        (await authority.Ask(authority.Form(authority.Assertion(), ("client_secret", "s")))).Refused(
            HttpStatusCode.BadRequest,
            "invalid_request"
        );
    }

    [Fact(
        DisplayName = "fapi2-security-profile-final-ensure-client-assertion-in-token-endpoint: OA_13_Missing_authentication_is_invalid_client_and_a_header_is_challenged_in_its_own_scheme"
    )]
    public async Task OA_13_Missing_authentication_is_invalid_client_and_a_header_is_challenged_in_its_own_scheme()
    {
        var form = authority.Form("", ("client_assertion", null), ("client_assertion_type", null));
        (await authority.Ask(form, authority.Http(certificate: null))).Refused(HttpStatusCode.BadRequest, "invalid_client");
        using var content = new FormUrlEncodedContent(form);
        var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", "YTpi");
        var answer = (await TokenAnswer.Send(authority.Http(certificate: null), request)).Refused(
            HttpStatusCode.Unauthorized,
            "invalid_client"
        );
        Assert.Equal("Basic", Assert.Single(answer.Response.Headers.WwwAuthenticate).Scheme);
        (
            await authority.Ask(
                authority.Form(
                    "",
                    ("client_assertion", null),
                    ("client_assertion_type", null),
                    ("client_id", TheAuthority.Eligibility),
                    ("client_secret", "s")
                )
            )
        ).Refused(HttpStatusCode.Unauthorized, "invalid_client");
    }

    [Fact]
    public async Task OA_14_A_token_is_answered_as_JSON_and_never_stored()
    {
        var answer = await authority.Ask(authority.Form(authority.Assertion()));
        Assert.Equal("application/json", answer.Response.Content.Headers.ContentType?.MediaType);
        Assert.True(answer.Response.Headers.CacheControl?.NoStore);
        Assert.False(answer.Response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task OA_15_No_refresh_token_and_a_true_expires_in()
    {
        var answer = await authority.Ask(authority.Form(authority.Assertion()));
        Assert.Null(answer.Body["refresh_token"]);
        var claims = Jws.Payload(answer.Token);
        Assert.Equal((int)claims["exp"]! - (int)claims["iat"]!, (int)answer.Body["expires_in"]!);
        Assert.Equal("Bearer", (string?)answer.Body["token_type"]);
    }

    [Theory]
    [InlineData("education.unheard-of.read")]
    [InlineData("openid")]
    [InlineData(TheAuthority.Schooling + " employment.job-seeker-status.read")]
    [InlineData("EDUCATION.SCHOOL-ENROLMENT.READ")]
    public async Task OA_16_A_scope_that_is_unknown_or_not_covered_is_refused_and_never_narrowed(string scope)
    {
        var answer = (await authority.Ask(authority.Form(authority.Assertion(), ("scope", scope)))).Refused(
            HttpStatusCode.BadRequest,
            "invalid_scope"
        );
        Assert.StartsWith("operation-not-covered PER-01", answer.Description, StringComparison.Ordinal);
        Assert.Equal("https://gateway.test/problems/operation-not-covered", (string?)answer.Body["error_uri"]);
        (await authority.Ask(authority.Form(authority.Assertion(), ("scope", scope), ("authorization_details", null)))).Refused(
            HttpStatusCode.BadRequest,
            "invalid_scope"
        );
    }

    [Fact]
    public async Task OA_16_Neither_scope_nor_operations_is_invalid_scope()
    {
        (await authority.Ask(authority.Form(authority.Assertion(), ("scope", null)))).Refused(HttpStatusCode.BadRequest, "invalid_scope");
        (await authority.Ask(authority.Form(authority.Assertion(), ("scope", null), ("authorization_details", null)))).Refused(
            HttpStatusCode.BadRequest,
            "invalid_scope"
        );
    }

    [Theory]
    [InlineData("https://elsewhere.test")]
    [InlineData(TheAuthority.Gateway + "#part")]
    [InlineData(TheAuthority.Gateway + "/")]
    public async Task OA_17_An_unknown_resource_is_invalid_target(string resource) =>
        (await authority.Ask(authority.Form(authority.Assertion(), ("resource", resource)))).Refused(
            HttpStatusCode.BadRequest,
            "invalid_target"
        );

    [Fact]
    public async Task OA_18_One_audience_per_token()
    {
        Assert.Equal(TheAuthority.Gateway, (string?)Jws.Payload((await authority.Ask(authority.Form(authority.Assertion()))).Token)["aud"]);
        Assert.Equal(
            "https://console.test",
            (string?)
                Jws.Payload((await authority.Ask(authority.Form(authority.Assertion(), ("resource", "https://console.test")))).Token)["aud"]
        );
        var pairs = authority
            .Form(authority.Assertion(), ("resource", TheAuthority.Gateway))
            .Select(static pair => KeyValuePair.Create(pair.Key, pair.Value));
        using var form = new FormUrlEncodedContent(pairs.Append(KeyValuePair.Create("resource", "https://console.test")));
        (
            await TokenAnswer.Send(
                authority.HttpOf(TheAuthority.Eligibility),
                new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = form }
            )
        ).Refused(HttpStatusCode.BadRequest, "invalid_target");
    }

    [Theory]
    [InlineData("password")]
    [InlineData("authorization_code")]
    [InlineData("refresh_token")]
    [InlineData("CLIENT_CREDENTIALS")]
    public async Task OA_63_No_other_grant_exists(string grant)
    {
        (await authority.Ask(authority.Form(authority.Assertion(), ("grant_type", grant)))).Refused(
            HttpStatusCode.BadRequest,
            "unsupported_grant_type"
        );
        (await authority.Ask(authority.Form(authority.Assertion(), ("grant_type", null)))).Refused(
            HttpStatusCode.BadRequest,
            "invalid_request"
        );
    }

    [Fact]
    public async Task A_form_that_is_too_large_is_refused_before_anything_is_verified()
    {
        (
            await authority.Ask(
                authority.Form(authority.Assertion(), ("padding", new string('a', 8000)), ("more", new string('a', 8000)), ("still", "b"))
            )
        ).Refused(HttpStatusCode.BadRequest, "invalid_request");
        (await authority.Ask(authority.Form(new string('a', 8300)))).Refused(HttpStatusCode.BadRequest, "invalid_request");
    }
}
