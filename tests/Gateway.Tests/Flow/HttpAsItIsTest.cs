using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Doors;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>
/// The clauses of RFC 9110 and RFC 9112 that the gateway decides itself, over real connections; the table stands in
/// src/Gateway/HTTP.md.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class HttpAsItIsTest(TownFixture fixture)
{
    private const string Client = "anss-eligibility",
        Json = "Content-Type: application/json\r\n";
    private readonly Town _town = fixture.Town;

    [Theory]
    [InlineData("Authorization: Bearer abc\r\n" + Json, 401)]
    [InlineData(Json, 401)]
    [InlineData("Content-Type: text/plain\r\n", 415)]
    [InlineData(Json + "Accept: text/html\r\n", 406)]
    public async Task A_refusal_before_the_body_closes_a_connection_on_which_100_was_waited_for(string headers, int status)
    {
        foreach (var framing in new[] { "Content-Length: 81\r\n", "Transfer-Encoding: chunked\r\n" })
        {
            await using var connection = await Connect();
            await connection.Send(Post(Ask.Enrolments, headers + framing + "Expect: 100-continue\r\n"));
            // The next request comes at once, as from a client that has given up its body: it must not be taken for that.
            await connection.Send(Post(Ask.Enrolments, Json + "Authorization: Bearer abc\r\nContent-Length: 2\r\n") + "{}");
            var answer = await connection.Read();
            Assert.Equal((status, true), (answer!.Status, answer.Closes));
            Assert.Null(await connection.Read());
        }
    }

    [Fact]
    public async Task A_refusal_before_a_short_body_that_is_on_its_way_leaves_the_connection_in_step()
    {
        await using var connection = await Connect();
        for (var i = 0; i < 3; i++)
        {
            var answer = await connection.Ask(Post(Ask.Enrolments, Json + "Authorization: Bearer abc\r\nContent-Length: 2\r\n") + "{}");
            Assert.Equal((401, false), (answer.Status, answer.Closes));
        }

        var (token, body) = (await _town.TokenFor(Client, "ASD_SCHOOLING"), Ask.Question(_town, Fixtures.PlainChild));
        var goOn = await connection.Ask(
            Post(Ask.Enrolments, Json + $"Authorization: Bearer {token}\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n")
        );
        Assert.Equal(100, goOn.Status);
        Assert.Equal(200, (await connection.Ask(body)).Status);
    }

    [Theory]
    [InlineData("GET", Ask.Enrolments, "POST")]
    [InlineData("OPTIONS", Ask.Enrolments, "POST")]
    [InlineData("HEAD", Ask.Enrolments, "POST")]
    [InlineData("GET", Ask.Immunizations, "POST")]
    [InlineData("GET", "/fhir/ImmunizationRecommendation", "")]
    [InlineData("POST", "/fhir/ImmunizationRecommendation", "")]
    [InlineData("POST", "/catalogue/v1/caller", "GET")]
    [InlineData("HEAD", "/catalogue/v1/caller", "GET")]
    [InlineData("DELETE", "/catalogue/v1/operations", "GET")]
    [InlineData("PUT", "/.well-known/oauth-protected-resource", "GET")]
    [InlineData("GET", "/catalogue/v1/explanations", "POST")]
    [InlineData("GET", "/catalogue/v1/agreements/ANSS-MENPS-2026-01/suspensions", "POST")]
    [InlineData("POST", "/audit/policy", "GET")]
    [InlineData("PATCH", "/education/v1/school-enrolment-batches/01M4Z9XFEG8YJ96NKJ10RVCVSR", "DELETE, GET")]
    public async Task Every_405_names_the_methods_that_there_are(string method, string path, string allow)
    {
        await using var connection = await Connect();
        await connection.Send($"{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var answer = await connection.Read(withBody: method != "HEAD");
        Assert.Equal((405, allow), (answer!.Status, answer.Header("Allow")));
        if (method != "HEAD")
            Assert.Contains("method-not-allowed", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_other_listeners_name_them_too_and_health_is_looked_at_by_HEAD_as_well()
    {
        await using (var diagnosis = await RawHttp.Tls(new Uri(_town.File.Diagnose!).Port))
            Assert.Equal(
                (405, "GET"),
                Allowed(await diagnosis.Ask("POST /diagnose HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"))
            );
        await using var operations = await RawHttp.Plain(new Uri(_town.File.Metrics).Port);
        var early = await operations.Ask("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal((405, "GET, HEAD"), Allowed(early));
        Assert.True(early.Closes);
        await using var again = await RawHttp.Plain(new Uri(_town.File.Metrics).Port);
        await again.Send("HEAD /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await again.Read(withBody: false))!.Status);
        Assert.Contains("refused by the server: 400", (await again.Ask("GARBAGE\r\n\r\n")).Body, StringComparison.Ordinal);

        static (int, string?) Allowed(RawAnswer answer) => (answer.Status, answer.Header("Allow"));
    }

    [Theory]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("Application/Json;charset=US-ASCII")]
    public async Task A_charset_is_read_as_the_parameter_that_it_is(string type)
    {
        var token = await _town.TokenFor(Client, "ASD_SCHOOLING");
        var body = new ByteArrayContent(Encoding.UTF8.GetBytes(Ask.Question(_town, Fixtures.PlainChild)));
        body.Headers.TryAddWithoutValidation("Content-Type", type);
        Assert.Equal(HttpStatusCode.OK, (await _town.Send(Ask.Enrolments, body, token, _town.ClientAs(Client))).Status);
    }

    [Theory]
    [InlineData("application/json;q=0.1, text/csv", 200)]
    [InlineData("application/json;charset=utf-8", 200)]
    [InlineData("application/*;q=0.5", 200)]
    [InlineData("text/csv, */*;q=0.1", 200)]
    [InlineData("application/json;q=0, text/csv", 406)]
    [InlineData("*/*, application/json;q=0", 406)]
    [InlineData("*/*;q=0", 406)]
    [InlineData("application/xml", 406)]
    public async Task What_a_caller_accepts_is_weighed(string accept, int status)
    {
        var reply = await _town.Post(Ask.Enrolments, Ask.Question(_town, Fixtures.PlainChild), Client, "ASD_SCHOOLING", request =>
            request.Headers.TryAddWithoutValidation("Accept", accept)
        );
        Assert.Equal(status, (int)reply.Status);
    }

    [Theory]
    [InlineData("application/json; charset=\"utf-8\"", 200)]
    [InlineData("application/json;q=0.3, text/html;q=0", 200)]
    [InlineData("text/csv", 406)]
    [InlineData("application/json;q=0", 406)]
    public async Task The_catalogue_weighs_it_alike(string accept, int status)
    {
        var token = await _town.TokenFor(Client, "ASD_SCHOOLING");
        var reply = await _town.Send(
            "/catalogue/v1/caller",
            body: null,
            token,
            _town.ClientAs(Client),
            request => request.Headers.TryAddWithoutValidation("Accept", accept),
            HttpMethod.Get
        );
        Assert.Equal(status, (int)reply.Status);
    }

    [Theory]
    [InlineData("application/fhir+json; fhirVersion=4.0", 200)]
    [InlineData("application/fhir+json; fhirVersion=\"4.0\"", 200)]
    [InlineData("application/fhir+json;q=1.0, application/json+fhir;q=0.9", 200)]
    [InlineData("application/json", 200)]
    [InlineData("application/fhir+json; fhirVersion=5.0", 406)]
    [InlineData("application/fhir+xml", 406)]
    public async Task A_FHIR_client_names_its_version(string accept, int status)
    {
        var reply = await _town.Immunization(Fixtures.Infant, request => request.Headers.TryAddWithoutValidation("Accept", accept));
        Assert.Equal(status, (int)reply.Status);
    }

    [Theory]
    [InlineData("_format=json", null)]
    [InlineData("_format=application/fhir%2Bjson", null)]
    [InlineData("_format=application/json", "application/fhir+xml")]
    public async Task The_form_may_stand_in_the_address_of_a_search_and_then_decides(string query, string? accept)
    {
        var reply = await Search(query, accept);
        Assert.True(reply.Status == HttpStatusCode.OK, reply.Text);
    }

    [Theory]
    [InlineData("_format=xml", "_format")]
    [InlineData("_format=json&_format=json", "_format")]
    [InlineData("_format=json&_pretty=true", "_pretty")]
    [InlineData("_format=json&_summary=count", "_summary")]
    [InlineData("_elements=SECRET", "_elements")]
    [InlineData("patient:identifier=SECRET", "patient:identifier")]
    [InlineData("_format=json&2666041939=SECRET", "?2")]
    [InlineData("surname=SECRET", "?1")]
    public async Task Any_other_parameter_of_the_address_is_named_and_its_value_never(string query, string named)
    {
        var reply = await Search(query, accept: null);
        Assert.Equal((HttpStatusCode.BadRequest, "search-parameter-not-allowed"), (reply.Status, reply.Code));
        Assert.Contains(
            named,
            reply.Json.GetProperty("issue")[0].GetProperty("details").GetProperty("text").GetString(),
            StringComparison.Ordinal
        );
        foreach (var secret in new[] { "SECRET", "2666041939", "surname" })
            Assert.DoesNotContain(secret, reply.Text, StringComparison.Ordinal);
        reply.Receipt();
    }

    [Theory]
    [InlineData("_format=json", "?_format")]
    [InlineData("access_token=SECRET", "?access_token")]
    [InlineData("surname=SECRET", "?1")]
    public async Task A_question_in_JSON_takes_none_and_says_which_it_was(string query, string named)
    {
        var reply = await _town.Post(Ask.Enrolments + "?" + query, Ask.Question(_town, Fixtures.PlainChild), Client, "ASD_SCHOOLING");
        Assert.Equal((HttpStatusCode.BadRequest, "request-malformed"), (reply.Status, reply.Code));
        Assert.Equal(named, reply.Json.GetProperty("errors")[0].GetProperty("pointer").GetString());
        Assert.DoesNotContain("SECRET", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Case-Reference: Dossier-\u00d9\u0085\u00d9\u0084\u00d9\u0081", "Case-Reference", "invalid-format", "printable ASCII")]
    [InlineData("consent-reference: SECRET n\u00c2\u00b0 5", "Consent-Reference", "invalid-format", "printable ASCII")]
    [InlineData("Agent: SECRET-1\r\nAgent: SECRET-2", "Agent", "repeated", "one value")]
    [InlineData("Idempotency-Key: SECRET,SECRET", "Idempotency-Key", "repeated", "one value")]
    [InlineData("Expect: SECRET", "Expect", "invalid-format", "100-continue")]
    [InlineData("Trailer: X-SECRET", "Trailer", "not-admitted", "no trailers")]
    [InlineData("X-SECRET: \u00c2\u00b0", null, null, null)]
    [InlineData("SECRET_Case: 1", null, null, null)]
    public async Task A_header_that_cannot_be_taken_is_named_with_its_rule_unless_its_name_is_the_callers_own(
        string header,
        string? name,
        string? code,
        string? rule
    )
    {
        await using var connection = await Connect();
        var answer = await connection.Ask(Post(Ask.Enrolments, Json + $"Accept-Language: en\r\n{header}\r\nContent-Length: 2\r\n") + "{}");
        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.Header("Content-Type")));
        Assert.NotNull(answer.Header("Audit-Receipt"));
        Assert.DoesNotContain("SECRET", answer.Body, StringComparison.Ordinal);
        var problem = JsonSerializer.Deserialize<JsonElement>(answer.Body);
        Assert.Equal("request-malformed", problem.GetProperty("code").GetString());
        Assert.Equal(name is not null, problem.TryGetProperty("errors", out var errors));
        if (name is null)
            return;
        var error = Assert.Single(errors.EnumerateArray());
        Assert.Equal(
            (name, code, rule),
            (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString(), error.GetProperty("rule").GetString())
        );
        Assert.StartsWith($"Header {name} is not accepted", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact, Provokes("headers-too-large")]
    public async Task Too_many_headers_are_refused_in_words_whoever_notices()
    {
        foreach (var (lines, isSealed) in new[] { (41, true), (900, true), (1100, false) })
        {
            await using var connection = await Connect();
            var many = string.Concat(Enumerable.Range(0, lines).Select(static i => $"X-{i}: y\r\n"));
            var answer = await connection.Ask(
                Post(Ask.Enrolments, Json + "Accept-Language: en\r\n" + many + "Content-Length: 2\r\n") + "{}"
            );
            Assert.Equal(
                (431, "application/problem+json", "en"),
                (answer.Status, answer.Header("Content-Type"), answer.Header("Content-Language"))
            );
            var problem = JsonSerializer.Deserialize<JsonElement>(answer.Body);
            Assert.Equal(
                ("headers-too-large", "WIR-12", 431),
                (problem.GetProperty("code").GetString(), problem.GetProperty("rule").GetString(), problem.GetProperty("status").GetInt32())
            );
            Assert.Equal(isSealed, answer.Header("Audit-Receipt") is not null);
            Assert.Equal(26, problem.GetProperty("instance").GetString()!.Length);
        }
    }

    [Theory]
    [InlineData("GARBAGE\r\n\r\n", 400, "request-malformed")]
    [InlineData(
        "POST /education/v1/school-enrolments/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: +2\r\n\r\n{}",
        400,
        "request-malformed"
    )]
    [InlineData("POST /education/v1/school-enrolments/query HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n", 400, "request-malformed")]
    [InlineData("POST /fhir/ImmunizationRecommendation/_search HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n", 400, "OperationOutcome")]
    public async Task What_the_server_refuses_by_itself_has_a_document_whose_record_follows(string request, int status, string says)
    {
        await using var connection = await Connect();
        var answer = await connection.Ask(request);
        Assert.Equal((status, true), (answer.Status, answer.Closes));
        Assert.Contains(says, answer.Body, StringComparison.Ordinal);
        if (says == "OperationOutcome")
            return;
        var id = JsonSerializer.Deserialize<JsonElement>(answer.Body).GetProperty("instance").GetString()!;
        for (var look = 0; look < 400 && !Recorded(id); look++)
            await Task.Delay(25);
        Assert.True(Recorded(id), "the refusal has no record");
    }

    [Theory]
    [InlineData("0\r\nX-Late: a\r\n\r\n", 400)]
    [InlineData("zz\r\n", 400)]
    [InlineData("0\r\nConnection: X-Secret\r\n\r\n", 400)]
    [InlineData("ffffffffffffffff\r\n", 400)]
    [InlineData("0\r\n\r\n", 200)]
    public async Task A_chunked_question_that_has_trailers_or_breaks_is_refused(string end, int status)
    {
        var (token, body) = (await _town.TokenFor(Client, "ASD_SCHOOLING"), Ask.Question(_town, Fixtures.PlainChild));
        await using var connection = await Connect();
        var answer = await connection.Ask(
            Post(Ask.Enrolments, Json + $"Authorization: Bearer {token}\r\nTransfer-Encoding: chunked\r\n")
                + $"{body.Length:x}\r\n{body}\r\n{end}"
        );
        Assert.True(answer.Status == status, answer.Body);
        if (status == 400)
            Assert.Contains("request-malformed", answer.Body, StringComparison.Ordinal);
    }

    private bool Recorded(string id)
    {
        if (_town.Ledger.Published is not { } published)
            return false;
        var log = Ledger.Tiles.LogReader.Open(_town.LedgerFolder, Ledger.Notes.VerifierKey.Parse(_town.File.Ledger.Vkey));
        for (var index = published.Size - 1; index >= 0 && index > published.Size - 200; index--)
            if (
                JsonSerializer.Deserialize<JsonElement>(log.Entry(index).Text.Span).TryGetProperty("id", out var one)
                && one.GetString() == id
            )
                return true;
        return false;
    }

    private async Task<Reply> Search(string query, string? accept)
    {
        var token = await _town.TokenFor("anss-inclusion", "INCLUSION_HEALTH", null, "health.immunization-recommendation.read");
        var infant = SectorToken.Of("health", Fixtures.Infant);
        var form = new FormUrlEncodedContent([new("patient:identifier", $"urn:anss:id:health|{infant}")]);
        return await _town.Send(Ask.Immunizations + "?" + query, form, token, _town.ClientAs("anss-inclusion"), request =>
        {
            request.Headers.Add("Case-Reference", "INC-2026-000771");
            request.Headers.AcceptLanguage.Add(new StringWithQualityHeaderValue("en"));
            if (accept is not null)
                request.Headers.TryAddWithoutValidation("Accept", accept);
        });
    }

    private static string Post(string path, string headers) => $"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n";

    private async Task<RawHttp> Connect()
    {
        var entry = _town.File.Clients.First(static one => one.Id == Client);
        using var certificate = X509Certificate2.CreateFromPemFile(entry.Certificate, entry.CertificateKey);
        return await RawHttp.Tls(new Uri(_town.File.Gateway).Port, certificate);
    }
}
