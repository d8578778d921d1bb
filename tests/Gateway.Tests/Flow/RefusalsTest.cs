using System.Net;
using System.Text;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>What a bad request gets: a stable code, the rule, a remedy, in three languages, sealed.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class RefusalsTest(TownFixture fixture)
{
    private readonly Sandbox.Town _town = fixture.Town;

    [Fact]
    public async Task Without_a_certificate_there_is_no_connection()
    {
        using var client = _town.ClientWith(certificate: null);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetAsync(new Uri(_town.File.Gateway + "/catalogue/v1/caller")));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_expired_early_or_for_servers_gets_no_connection()
    {
        const string id = "anss-eligibility";
        foreach (
            var certificate in new[]
            {
                _town.Wrong.OfAnotherAuthority(id),
                _town.Wrong.Expired(id),
                _town.Wrong.NotYetValid(id),
                _town.Wrong.WithoutUsage(id),
                _town.Wrong.ForServers(id),
            }
        )
        {
            using var client = _town.ClientWith(certificate);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetAsync(new Uri(_town.File.Gateway + "/catalogue/v1/caller")));
            certificate.Dispose();
        }
    }

    [Fact, Provokes("token-missing")]
    public async Task Without_a_token_the_caller_learns_where_to_get_one()
    {
        var reply = await _town.Send(Ask.Enrolments, Json("{}"), token: null, _town.ClientAs("anss-eligibility"));
        await Refused(reply, HttpStatusCode.Unauthorized, "token-missing", "AUT-02");
        Assert.Contains("resource_metadata", reply.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Fact, Provokes("token-not-accepted")]
    public async Task A_token_that_was_tampered_with_is_refused_in_general_words()
    {
        var token = await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        var forged = token[..^4] + (token[^4..] == "AAAA" ? "BBBB" : "AAAA");
        await Refused(
            await _town.Send(Ask.Enrolments, Json("{}"), forged, _town.ClientAs("anss-eligibility")),
            HttpStatusCode.Unauthorized,
            "token-not-accepted",
            "AUT-03"
        );
    }

    [Fact, Provokes("token-not-accepted")]
    public async Task A_token_for_another_audience_is_refused()
    {
        var token = Forge.Token(_town, "anss-eligibility", audience: "https://other.example");
        await Refused(
            await _town.Send(Ask.Enrolments, Json("{}"), token, _town.ClientAs("anss-eligibility")),
            HttpStatusCode.Unauthorized,
            "token-not-accepted",
            "AUT-03"
        );
    }

    [Fact, Provokes("token-expired")]
    public async Task An_expired_token_is_refused()
    {
        var token = Forge.Token(_town, "anss-eligibility", issued: -400, expires: -100);
        await Refused(
            await _town.Send(Ask.Enrolments, Json("{}"), token, _town.ClientAs("anss-eligibility")),
            HttpStatusCode.Unauthorized,
            "token-expired",
            "AUT-04"
        );
    }

    [Fact, Provokes("proof-not-accepted")]
    public async Task A_token_under_another_certificate_is_refused()
    {
        var token = await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        await Refused(
            await _town.Send(Ask.Enrolments, Json("{}"), token, _town.ClientAs("anss-batch")),
            HttpStatusCode.Unauthorized,
            "proof-not-accepted",
            "AUT-05"
        );
    }

    [Fact, Provokes("certificate-not-accepted")]
    public async Task A_certificate_that_is_nobodys_is_refused_where_the_refusal_can_be_read()
    {
        using var certificate = _town.Wrong.Unregistered();
        using var client = _town.ClientWith(certificate);
        var token = Forge.Token(_town, "anss-eligibility", certificate: certificate);
        await Refused(
            await _town.Send(Ask.Enrolments, Json("{}"), token, client),
            HttpStatusCode.Unauthorized,
            "certificate-not-accepted",
            "AUT-01"
        );
    }

    [Fact, Provokes("token-outdated")]
    public async Task A_token_of_an_earlier_version_of_the_agreement_is_outdated()
    {
        var token = Forge.Token(_town, "anss-eligibility", agreement: "ANSS-MENPS-2026-01@2");
        await Refused(
            await _town.Send(Ask.Enrolments, Json("{}"), token, _town.ClientAs("anss-eligibility")),
            HttpStatusCode.Unauthorized,
            "token-outdated",
            "AUT-06"
        );
    }

    [Fact, Provokes("agreement-unknown")]
    public async Task An_agreement_that_does_not_exist_is_refused()
    {
        var token = Forge.Token(_town, "anss-eligibility", agreement: "ANSS-NOBODY-2026-01@1");
        await Refused(
            await _town.Send(Ask.Enrolments, Json("{}"), token, _town.ClientAs("anss-eligibility")),
            HttpStatusCode.Forbidden,
            "agreement-unknown",
            "AGR-01"
        );
    }

    [Fact, Provokes("agreement-expired")]
    public async Task An_agreement_that_has_ended_is_refused()
    {
        var token = Forge.Token(_town, "anss-eligibility", agreement: Forge.Reference(_town, "ANSS-MENPS-2025"));
        await Refused(
            await _town.Send(Ask.Enrolments, Json("{}"), token, _town.ClientAs("anss-eligibility")),
            HttpStatusCode.Forbidden,
            "agreement-expired",
            "AGR-03"
        );
    }

    [Fact, Provokes("agreement-suspended")]
    public async Task A_suspended_agreement_is_refused()
    {
        var token = Forge.Token(_town, "anss-eligibility", agreement: Forge.Reference(_town, "ANSS-CNSS"), purpose: "ASD_ELIGIBILITY");
        await Refused(
            await _town.Send(Ask.Enrolments, Json("{}"), token, _town.ClientAs("anss-eligibility")),
            HttpStatusCode.Forbidden,
            "agreement-suspended",
            "AGR-04"
        );
    }

    [Fact, Provokes("purpose-not-covered")]
    public async Task A_request_outside_the_purpose_is_refused_and_sealed()
    {
        var token = Forge.Token(_town, "anss-eligibility", purpose: "ASD_BIRTH");
        var reply = await _town.Send(Ask.Enrolments, Json("{}"), token, _town.ClientAs("anss-eligibility"));
        await Refused(reply, HttpStatusCode.Forbidden, "purpose-not-covered", "PER-02");
        Assert.StartsWith("ANSS-MENPS-2026-01@3", reply.Json.GetProperty("clause").GetString(), StringComparison.Ordinal);
        Assert.Equal("agreement-officer", reply.Json.GetProperty("fixableBy").GetString());
        var record = await reply.Record();
        Assert.Equal("anss", record.GetProperty("org").GetString());
        Assert.Equal("ASD_BIRTH", record.GetProperty("purp").GetString());
    }

    [Fact, Provokes("operation-not-covered")]
    public async Task An_operation_that_the_token_does_not_carry_is_refused_with_the_scope_to_ask_for()
    {
        var token = await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        var reply = await _town.Send(Ask.JobSeekers, Json("{}"), token, _town.ClientAs("anss-eligibility"));
        await Refused(reply, HttpStatusCode.Forbidden, "operation-not-covered", "PER-01");
        Assert.Contains("insufficient_scope", reply.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Theory, Provokes("invalid-identifier")]
    [InlineData("2666041938")]
    [InlineData("1200345678")]
    public async Task An_identifier_that_fails_its_check_digit_is_refused(string idcs) =>
        await Refused(await _town.Enrolment(idcs), HttpStatusCode.BadRequest, "invalid-identifier", "REQ-02");

    [Fact, Provokes("identifier-scheme-not-allowed")]
    public async Task A_scheme_that_the_grant_does_not_list_is_refused() =>
        await Refused(
            await Question("""{"subject":{"scheme":"household-id","value":"7866041924"},"schoolYear":"YEAR"}"""),
            HttpStatusCode.BadRequest,
            "identifier-scheme-not-allowed",
            "REQ-03"
        );

    [Fact, Provokes("wrong-sector-token")]
    public async Task A_token_of_another_sector_is_refused() =>
        await Refused(
            await Question("""{"subject":{"scheme":"sector-token","value":"emp_6P7W1VFQ5RP29W1N98E3X9YSF6"},"schoolYear":"YEAR"}"""),
            HttpStatusCode.BadRequest,
            "wrong-sector-token",
            "REQ-04"
        );

    [Theory, Provokes("request-invalid")]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("""{"subject":{"scheme":"idcs","value":"2666041939"},"schoolYear":"YEAR","schoolYear":"YEAR"}""")]
    [InlineData("""{"subject":{"scheme":"idcs","value":"2666041939"},"schoolYear":"YEAR","surprise":true}""")]
    [InlineData("""{"subject":{"scheme":"idcs","value":"2666041939","more":1},"schoolYear":"YEAR"}""")]
    [InlineData("""{"subject":{"scheme":"idcs"},"schoolYear":"YEAR"}""")]
    [InlineData(
        """[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"""
    )]
    public async Task A_body_that_is_not_the_contracts_is_refused(string body) =>
        await Refused(await Question(body), HttpStatusCode.BadRequest, "request-invalid", "REQ-01");

    [Fact, Provokes("body-too-large")]
    public async Task A_body_over_sixteen_kilobytes_is_refused() =>
        await Refused(await Question(new string(' ', 17 * 1024)), HttpStatusCode.RequestEntityTooLarge, "body-too-large", "WIR-06");

    [Fact, Provokes("school-year-out-of-range")]
    public async Task A_school_year_out_of_range_is_refused() =>
        await Refused(
            await Question("""{"subject":{"scheme":"idcs","value":"2666041939"},"schoolYear":"2001-2002"}"""),
            HttpStatusCode.UnprocessableEntity,
            "school-year-out-of-range",
            "REQ-07"
        );

    [Fact, Provokes("period-out-of-range")]
    public async Task A_reference_date_in_the_future_is_refused() =>
        await Refused(
            await Question("""{"subject":{"scheme":"idcs","value":"2666041939"},"schoolYear":"YEAR","referenceDate":"2099-01-01"}"""),
            HttpStatusCode.UnprocessableEntity,
            "period-out-of-range",
            "REQ-08"
        );

    [Fact, Provokes("field-not-allowed")]
    public async Task A_field_beyond_the_release_is_refused_and_named()
    {
        var reply = await Question(
            """{"subject":{"scheme":"idcs","value":"2666041939"},"schoolYear":"YEAR","fields":["enrolment.cycle"]}"""
        );
        await Refused(reply, HttpStatusCode.Forbidden, "field-not-allowed", "PER-04");
        Assert.Equal("enrolment.cycle", reply.Json.GetProperty("missing")[0].GetString());
    }

    [Fact, Provokes("dossier-not-open")]
    public async Task Without_an_open_dossier_no_source_learns_of_the_question()
    {
        _town["menps"].Received.Clear();
        await Refused(await _town.Enrolment(Fixtures.NoDossier), HttpStatusCode.Forbidden, "dossier-not-open", "PER-10");
        Assert.Empty(_town["menps"].Received.All);
    }

    [Fact, Provokes("case-reference-required", "agent-required")]
    public async Task A_human_lookup_needs_case_and_agent()
    {
        const string office = "anss-office-06181-01";
        var without = await _town.Post(Ask.Enrolments, Ask.Question(_town, Fixtures.PlainChild), office);
        await Refused(without, HttpStatusCode.BadRequest, "case-reference-required", "PER-05");
        var agentless = await _town.Post(Ask.Enrolments, Ask.Question(_town, Fixtures.PlainChild), office, with: static request =>
            request.Headers.Add("Case-Reference", "ELJ-2026-00417")
        );
        await Refused(agentless, HttpStatusCode.BadRequest, "agent-required", "PER-06");
    }

    [Fact, Provokes("territory-out-of-scope")]
    public async Task An_office_asks_about_its_own_province_alone()
    {
        static void Human(HttpRequestMessage request)
        {
            request.Headers.Add("Case-Reference", "ELJ-2026-00417");
            request.Headers.Add("Agent", "ag-4417");
        }

        const string office = "anss-office-06181-01";
        var home = await _town.Post(Ask.Enrolments, Ask.Question(_town, Fixtures.PlainChild), office, with: Human);
        Assert.Equal(("MATCHED", null), (home.MatchStatus, home.Code));
        Assert.Equal("ag-4417", (await home.Record()).GetProperty("agent").GetString());
        await Refused(
            await _town.Post(Ask.Enrolments, Ask.Question(_town, Fixtures.OtherProvince), office, with: Human),
            HttpStatusCode.Forbidden,
            "territory-out-of-scope",
            "PER-12"
        );
    }

    [Theory, Provokes("header-invalid")]
    [InlineData("2666041939")]
    [InlineData("AB123456")]
    [InlineData("a")]
    public async Task A_case_reference_must_not_be_a_persons_number(string reference) =>
        await Refused(
            await _town.Post(Ask.Enrolments, Ask.Question(_town, Fixtures.PlainChild), purpose: "ASD_SCHOOLING", with: request =>
                request.Headers.Add("Case-Reference", reference)
            ),
            HttpStatusCode.BadRequest,
            "header-invalid",
            "REQ-06"
        );

    [Fact, Provokes("content-encoding-unsupported")]
    public async Task A_compressed_body_is_refused_as_that_and_told_what_is_taken()
    {
        foreach (var isSaid in new[] { true, false })
        {
            using var zipped = new MemoryStream();
            await using (
                var zip = new System.IO.Compression.GZipStream(zipped, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true)
            )
                await zip.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Ask.Question(_town, Fixtures.PlainChild)));
            using var body = new ByteArrayContent(zipped.ToArray());
            body.Headers.ContentType = new("application/json");
            if (isSaid)
                body.Headers.ContentEncoding.Add("gzip");
            var refused = await _town.Send(
                Ask.Enrolments,
                body,
                await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING"),
                _town.ClientAs("anss-eligibility")
            );
            await Refused(refused, HttpStatusCode.UnsupportedMediaType, "content-encoding-unsupported", "WIR-13");
            Assert.Equal("identity", refused.Header("Accept-Encoding"));
        }
    }

    [Fact]
    public async Task A_refusal_names_what_is_wrong_and_its_explanation_says_the_same()
    {
        var question = $$"""{"subject":{"scheme":"idcs","valeu":"x","2666041939":"x"},"schoolYear":"26"}""";
        var refused = await _town.Post(Ask.Enrolments, question, purpose: "ASD_SCHOOLING");
        await Refused(refused, HttpStatusCode.BadRequest, "request-invalid", "REQ-01");
        Assert.Equal(
            [
                "/subject/valeu unknown-member  ",
                "/subject unknown-member  3",
                "/subject/value missing-member  ",
                "/schoolYear invalid-format pattern ^[0-9]{4}-[0-9]{4}$, at most 9 characters ",
            ],
            Told(refused.Json)
        );
        Assert.DoesNotContain("2666041939", refused.Text, StringComparison.Ordinal);
        var explained = await Explanations.DryRunTest.Explain(_town, new { exchangeId = refused.Receipt().ExchangeId });
        Assert.Equal(Told(refused.Json), Told(explained.Json.GetProperty("finding")));

        refused = await _town.Post(
            Ask.Enrolments,
            Ask.Question(_town, Fixtures.PlainChild),
            purpose: "ASD_SCHOOLING",
            with: static request => request.Headers.Add("Case-Reference", "AB123456")
        );
        Assert.StartsWith("Case-Reference looks-like-identifier ", Assert.Single(Told(refused.Json)), StringComparison.Ordinal);
        explained = await Explanations.DryRunTest.Explain(_town, new { exchangeId = refused.Receipt().ExchangeId });
        Assert.Equal(Told(refused.Json), Told(explained.Json.GetProperty("finding")));
        Assert.Contains(
            "Case-Reference",
            explained.Json.GetProperty("finding").GetProperty("texts").GetProperty("en").GetProperty("detail").GetString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_line_of_a_batch_names_what_is_wrong_as_precisely_as_a_single_call_and_is_explained()
    {
        string[] wrong =
        [
            _town.BatchLine("AB123456", Fixtures.PlainChild),
            _town.BatchLine("b b", Fixtures.PlainChild),
            _town
                .BatchLine("b3", Fixtures.PlainChild)
                .Replace("{\"reference\"", "{\"nickname\":\"x\",\"reference\"", StringComparison.Ordinal),
        ];
        var lines = (await _town.BatchResults(wrong)).ToDictionary(
            static line => line.GetProperty("reference").GetString()!,
            StringComparer.Ordinal
        );
        Assert.Equal($"/reference looks-like-identifier {NoPersonNumber} ", Assert.Single(Told(lines["line:1"])));
        Assert.Equal("/reference invalid-format pattern ^[A-Za-z0-9._-]{1,64}$ ", Assert.Single(Told(lines["line:2"])));
        Assert.Equal("/nickname unknown-member  ", Assert.Single(Told(lines["b3"])));
        foreach (var line in lines.Values)
        {
            var explained = await Explanations.DryRunTest.Explain(
                _town,
                new { exchangeId = line.GetProperty("exchangeId").GetString() },
                "anss-batch",
                token: await _town.TokenFor("anss-batch", "ASD_SCHOOLING", null, "education.school-enrolment.batch")
            );
            Assert.Equal(Told(line), Told(explained.Json.GetProperty("finding")));
        }
    }

    private const string NoPersonNumber = global::Gateway.Requests.References.NoPersonNumber;

    private static string[] Told(System.Text.Json.JsonElement refusal) =>
        [
            .. refusal
                .GetProperty("errors")
                .EnumerateArray()
                .Select(static error =>
                    $"{Member(error, "pointer")} {Member(error, "code")} {Member(error, "rule")} {Member(error, "position")}"
                ),
        ];

    private static string Member(System.Text.Json.JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var member) ? member.ToString() : "";

    [Fact, Provokes("route-unknown")]
    public async Task An_unknown_path_is_told_so() =>
        await Refused(
            await _town.Post("/education/v1/marks/query", "{}", purpose: "ASD_SCHOOLING"),
            HttpStatusCode.NotFound,
            "route-unknown",
            "WIR-02"
        );

    [Fact, Provokes("method-not-allowed")]
    public async Task Another_method_is_refused() =>
        await Refused(
            await _town.Send(
                Ask.Enrolments,
                body: null,
                await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING"),
                _town.ClientAs("anss-eligibility"),
                method: HttpMethod.Get
            ),
            HttpStatusCode.MethodNotAllowed,
            "method-not-allowed",
            "WIR-03"
        );

    [Fact, Provokes("media-type-unsupported")]
    public async Task Another_media_type_is_refused()
    {
        using var xml = new StringContent("<a/>", Encoding.UTF8, "application/xml");
        await Refused(
            await _town.Send(
                Ask.Enrolments,
                xml,
                await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING"),
                _town.ClientAs("anss-eligibility")
            ),
            HttpStatusCode.UnsupportedMediaType,
            "media-type-unsupported",
            "WIR-05"
        );
    }

    [Fact, Provokes("request-malformed")]
    public async Task An_identifier_in_the_query_string_is_refused() =>
        await Refused(
            await _town.Post(Ask.Enrolments + "?idcs=1", "{}", purpose: "ASD_SCHOOLING"),
            HttpStatusCode.BadRequest,
            "request-malformed",
            "WIR-01"
        );

    [Fact, Provokes("search-parameter-not-allowed")]
    public async Task A_search_parameter_that_would_leak_is_refused_as_an_operation_outcome()
    {
        var token = await _town.TokenFor("anss-inclusion", "INCLUSION_HEALTH", null, "health.immunization-recommendation.read");
        using var form = new FormUrlEncodedContent([
            new("patient:identifier", $"urn:anss:id:health|{SectorToken.Of("health", Fixtures.Infant)}"),
            new("_include", "ImmunizationRecommendation:patient"),
        ]);
        var reply = await _town.Send(Ask.Immunizations, form, token, _town.ClientAs("anss-inclusion"), static request =>
            request.Headers.Add("Case-Reference", "INC-2026-000771")
        );
        await Refused(reply, HttpStatusCode.BadRequest, "search-parameter-not-allowed", "REQ-05");
        Assert.Equal("OperationOutcome", reply.Json.GetProperty("resourceType").GetString());
    }

    [Theory]
    [InlineData("fr", "Aucun dossier ouvert pour cette personne")]
    [InlineData("ar", "لا يوجد ملف مفتوح لهذا الشخص")]
    [InlineData("en", "No open case file for this person")]
    public async Task A_refusal_is_told_in_the_callers_language(string language, string title)
    {
        var reply = await _town.Enrolment(Fixtures.NoDossier, language: language);
        Assert.Equal(title, reply.Json.GetProperty("title").GetString());
        Assert.Equal(language, reply.Header("Content-Language"));
        Assert.False(string.IsNullOrEmpty(reply.Json.GetProperty("remedy").GetString()));
    }

    private Task<Reply> Question(string body) =>
        _town.Post(Ask.Enrolments, body.Replace("YEAR", _town.File.SchoolYear, StringComparison.Ordinal), purpose: "ASD_SCHOOLING");

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    internal static async Task Refused(Reply reply, HttpStatusCode status, string code, string rule)
    {
        Assert.Equal(code, reply.Code);
        Assert.Equal(status, reply.Status);
        Assert.Equal("no-store", reply.Header("Cache-Control"));
        var record = await reply.Record();
        Assert.Equal((int)status >= 500 ? "fault" : "deny", record.GetProperty("ev").GetString());
        Assert.Equal(code, record.GetProperty("code").GetString());
        Assert.Equal(rule, record.GetProperty("rule").GetString());
        Assert.Equal((int)status, record.GetProperty("st").GetInt32());
        if (reply.Json.TryGetProperty("instance", out var instance))
            Assert.Equal(reply.Receipt().ExchangeId, instance.GetString());
    }
}
