using System.Text;
using System.Text.Json;
using Agreements;
using Gateway.Requests;
using Gateway.Tests.Minimization;
using Xunit;

namespace Gateway.Tests.Requests;

public sealed class RequestReaderTest
{
    private const string Subject = """ "subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"} """;
    private static readonly DateOnly Today = SomeContract.Today;
    private static readonly Grant Tokens = SomeGrant.Of(SomeGrant.Schooling, "sector-token");
    private static readonly Grant Both = SomeGrant.Of(SomeGrant.Schooling, "sector-token", "idcs");
    private static readonly Registry Law = SomeGrant.Registry();

    private static Verdict<AccessRequest> Read(string body, Grant? grant = null, DateOnly? today = null) =>
        Read(Encoding.UTF8.GetBytes(body), grant, today);

    private static Verdict<AccessRequest> Read(byte[] body, Grant? grant = null, DateOnly? today = null) =>
        RequestReader.Read(Law, SomeContract.SchoolEnrolment, grant ?? Tokens, SomeGrant.Schooling, body, today ?? Today);

    private static AccessRequest Allowed(string body, Grant? grant = null, DateOnly? today = null)
    {
        Assert.True(
            Read(body, grant, today).Allows(out var request, out var refusal),
            refusal is null ? "" : string.Join(' ', refusal.Errors)
        );
        return request;
    }

    private static Refusal Refused(string body, Grant? grant = null)
    {
        Assert.False(Read(body, grant).Allows(out _, out var refusal));
        return refusal;
    }

    [Fact]
    public void The_provider_gets_the_operations_members_in_order_with_the_person_rewritten()
    {
        var request = Allowed($$"""{"fields":["enrolment.status"],"schoolYe\u0061r" : "2026\u002d2027" , {{Subject}} }""");
        Assert.Equal(new DataSubject("sector-token", "edu_0EHG7CY33N48KJNS6574C03H7S"), request.Subject);
        Assert.Equal("2026-2027", request.SchoolYear);
        Assert.Equal(["enrolment.status"], request.Fields);
        Assert.Equal(
            """{"subject":{"scheme":"idcs","value":"2666041939"},"schoolYear":"2026-2027","referenceDate":"2026-10-15"}""",
            Encoding.UTF8.GetString(request.BodyFor(new DataSubject("idcs", "2666041939")).Span)
        );
    }

    [Fact]
    public void A_stated_reference_date_is_kept_and_one_left_out_is_today_only_within_the_year()
    {
        Assert.Equal(
            new DateOnly(2026, 9, 30),
            Allowed($$"""{ {{Subject}},"schoolYear":"2026-2027","referenceDate":"2026-09-30"}""").ReferenceDate
        );
        Assert.Equal(Today, Allowed($$"""{ {{Subject}},"schoolYear":"2026-2027"}""").ReferenceDate);
        Assert.Null(Allowed($$"""{ {{Subject}},"schoolYear":"2025-2026"}""").ReferenceDate);
        Assert.Null(Allowed($$"""{ {{Subject}},"schoolYear":"2027-2028"}""").ReferenceDate);
    }

    [Theory]
    [InlineData("2026-08-31", "2025-2026", true)]
    [InlineData("2026-08-31", "2027-2028", false)]
    [InlineData("2026-09-01", "2027-2028", true)]
    [InlineData("2026-09-01", "2024-2025", false)]
    [InlineData("2026-10-15", "2026-2027", true)]
    [InlineData("2026-10-15", "2024-2025", false)]
    [InlineData("2026-10-15", "2026-2028", false)]
    [InlineData("2026-10-15", "2026-2026", false)]
    public void School_years_turn_on_the_first_of_September(string today, string year, bool allowed)
    {
        var verdict = Read(
            $$"""{ {{Subject}},"schoolYear":"{{year}}"}""",
            today: DateOnly.Parse(today, System.Globalization.CultureInfo.InvariantCulture)
        );
        Assert.Equal(allowed ? null : "school-year-out-of-range", verdict.Refusal?.Problem.Code);
        if (!allowed)
            Assert.Equal(422, verdict.Refusal!.Problem.Status);
    }

    [Theory]
    [InlineData("2026-10-16")]
    [InlineData("2026-08-31")]
    [InlineData("2027-09-01")]
    public void A_date_outside_the_school_year_or_ahead_is_out_of_range(string date)
    {
        var refusal = Refused($$"""{ {{Subject}},"schoolYear":"2026-2027","referenceDate":"{{date}}"}""");
        Assert.Equal(("period-out-of-range", 422), (refusal.Problem.Code, refusal.Problem.Status));
    }

    [Theory]
    [InlineData("sector-token", "emp_6P7W1VFQ5RP29W1N98E3X9YSF6", "wrong-sector-token", "/subject/value")]
    [InlineData("sector-token", "edu_8EHG7CY33N48KJNS6574C03H7S", "invalid-identifier", "/subject/value")]
    [InlineData("sector-token", "edu_0ehg7cy33n48kjns6574c03h7s", "invalid-identifier", "/subject/value")]
    [InlineData("sector-token", "xyz_0EHG7CY33N48KJNS6574C03H7S", "invalid-identifier", "/subject/value")]
    [InlineData("idcs", "1200345678", "invalid-identifier", "/subject/value")]
    [InlineData("idcs", "2666041938", "invalid-identifier", "/subject/value")]
    [InlineData("household-id", "7866041924", "identifier-scheme-not-allowed", "/subject/scheme")]
    [InlineData("cnie", "AB123456", "identifier-scheme-not-allowed", "/subject/scheme")]
    public void A_sole_defect_of_the_identifier_is_refused_as_itself(string scheme, string value, string code, string pointer)
    {
        var refusal = Refused($$"""{"subject":{"scheme":"{{scheme}}","value":"{{value}}"},"schoolYear":"2026-2027"}""", Both);
        Assert.Equal(code, refusal.Problem.Code);
        Assert.Equal([new RequestError(pointer, code)], refusal.Errors);
    }

    [Fact]
    public void A_scheme_that_the_grant_does_not_list_is_not_admitted()
    {
        const string Body = """{"subject":{"scheme":"idcs","value":"2666041939"},"schoolYear":"2026-2027"}""";
        Assert.Equal("identifier-scheme-not-allowed", Refused(Body).Problem.Code);
        Assert.Equal("2666041939", Allowed(Body, Both).Subject.Value);
    }

    [Fact]
    public void All_errors_are_collected_each_with_its_place()
    {
        const string Person = """{"scheme":"sector-token","value":"nonsense","2666041939":1}""";
        var refusal = Refused($$"""{"subject":{{Person}},"schoolYear":"2020-2021","shoolYear":{"a":1},"fields":"all"}""");
        Assert.Equal("request-invalid", refusal.Problem.Code);
        Assert.Equal(
            [
                "/subject unknown-member",
                "/shoolYear unknown-member",
                "/fields wrong-type",
                "/subject/value invalid-identifier",
                "/schoolYear school-year-out-of-range",
            ],
            refusal.Errors.Select(error => $"{error.Pointer} {error.Code}")
        );
        Assert.Equal(3, refusal.Errors[0].Position);
        Assert.Equal("type array", refusal.Errors[2].Rule);
        Assert.DoesNotContain("2666041939", string.Concat(refusal.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shoolYear")]
    [InlineData("SchoolYear")]
    [InlineData("school_year")]
    [InlineData("@context")]
    [InlineData("year2")]
    public void A_mistyped_name_is_said_back(string name)
    {
        var error = Assert.Single(Refused($$"""{ {{Subject}},"schoolYear":"2026-2027","{{name}}":"2666041939"}""").Errors);
        Assert.Equal(($"/{name}", "unknown-member", null), (error.Pointer, error.Code, error.Position));
    }

    [Theory]
    [InlineData("2666041939")]
    [InlineData("id2666041939")]
    [InlineData("AB123456")]
    [InlineData("ab12345")]
    [InlineData("J123456789")]
    [InlineData("123456789")]
    [InlineData("edu_0EHG7CY33N48KJNS6574C03H7S")]
    [InlineData("EDU-0EHGACYAANABKJNSAFFACABHAS")]
    [InlineData("Fatima Zahra")]
    [InlineData("\u0641\u0627\u0637\u0645\u0629")]
    [InlineData("a.very.long.name.that.nobody.would.mistype.so")]
    [InlineData("a/b")]
    [InlineData("")]
    public void A_name_that_could_hold_an_identifier_is_told_by_its_place(string name)
    {
        var refusal = Refused($$"""{ {{Subject}},"{{name}}":1,"schoolYear":"2026-2027"}""");
        var error = Assert.Single(refusal.Errors);
        Assert.Equal(("", "unknown-member", 2), (error.Pointer, error.Code, error.Position));
    }

    [Theory]
    [InlineData("\"schoolYear\":\"26\"", @"pattern ^\d{4}-\d{4}$, at most 9 characters")]
    [InlineData("\"schoolYear\":\"2026-2027\",\"referenceDate\":\"today\"", "format date")]
    [InlineData("\"schoolYear\":{}", "type string")]
    public void A_value_of_the_wrong_form_is_told_its_rule(string members, string rule) =>
        Assert.Equal(
            rule,
            Assert
                .Single(
                    Refused($$"""{ {{Subject}},{{members}}}""").Errors.Where(static error => error.Code is "invalid-format" or "wrong-type")
                )
                .Rule
        );

    [Theory]
    [InlineData("{}", "/subject missing-member,/schoolYear missing-member")]
    [InlineData("[]", " wrong-type")]
    [InlineData("1", " wrong-type")]
    [InlineData("", " not-json")]
    [InlineData("{", " not-json")]
    [InlineData("""{"a":1}{}""", " not-json")]
    [InlineData("""{"subject":null,"schoolYear":2026}""", "/subject wrong-type,/schoolYear wrong-type")]
    [InlineData(
        """{"subject":{"scheme":1,"value":["x"]},"schoolYear":"2026-2027"}""",
        "/subject/scheme wrong-type,/subject/value wrong-type"
    )]
    [InlineData(
        """{"subject":{},"schoolYear":"26"}""",
        "/subject/scheme missing-member,/subject/value missing-member,/schoolYear invalid-format"
    )]
    public void What_is_not_in_the_contract_is_refused_where_it_stands(string body, string errors)
    {
        var refusal = Refused(body);
        Assert.Equal("request-invalid", refusal.Problem.Code);
        Assert.Equal(errors, string.Join(',', refusal.Errors.Select(error => $"{error.Pointer} {error.Code}")));
    }

    [Theory]
    [InlineData("""{S,"schoolYear":"2026-2027","schoolYear":"2026-2027"}""", "/schoolYear")]
    [InlineData("""{S,"schoolYear":"2026-2027","school\u0059ear":"2026-2027"}""", "/schoolYear")]
    [InlineData("""{S,S,"schoolYear":"2026-2027"}""", "/subject")]
    [InlineData(
        """{"subject":{"scheme":"sector-token","scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"},"schoolYear":"2026-2027"}""",
        "/subject/scheme"
    )]
    public void A_member_that_stands_twice_is_refused(string body, string pointer)
    {
        var refusal = Refused(body.Replace("S,", Subject + ",", StringComparison.Ordinal));
        Assert.Equal("request-invalid", refusal.Problem.Code);
        Assert.Contains(new RequestError(pointer, "duplicate-member"), refusal.Errors);
    }

    [Fact]
    public void Bad_UTF8_and_lone_surrogates_are_no_JSON()
    {
        var bytes = Encoding.UTF8.GetBytes($$"""{ {{Subject}},"schoolYear":"X026-2027"}""");
        bytes[Array.IndexOf(bytes, (byte)'X')] = 0xFF;
        Assert.Equal("not-utf-8", Read(bytes).Refusal!.Errors[0].Code);
        Assert.Equal("not-json", Refused($$"""{ {{Subject}},"schoolYear":"\ud800"}""").Errors[0].Code);
    }

    [Fact]
    public void A_body_nested_too_deep_is_no_JSON() =>
        Assert.Equal("not-json", Refused("{\"x\":" + new string('[', 40) + new string(']', 40) + "}").Errors[0].Code);

    [Fact]
    public void Fields_beyond_the_release_are_not_allowed_and_only_known_ones_are_named()
    {
        var refusal = Refused(
            $$"""{ {{Subject}},"schoolYear":"2026-2027","fields":["enrolment.status","enrolment.cycle","SECRET","enrolment"]}"""
        );
        Assert.Equal(("field-not-allowed", 403), (refusal.Problem.Code, refusal.Problem.Status));
        Assert.Equal(["enrolment.cycle", "enrolment"], refusal.Missing);
        Assert.Equal(["/fields/1", "/fields/2", "/fields/3"], refusal.Errors.Select(error => error.Pointer));
    }

    [Fact]
    public void An_empty_list_of_fields_does_not_ask_for_everything() =>
        Assert.Equal("too-few-items", Refused($$"""{ {{Subject}},"schoolYear":"2026-2027","fields":[]}""").Errors[0].Code);

    [Fact]
    public void A_question_never_turns_into_text()
    {
        var request = Allowed($$"""{ {{Subject}},"schoolYear":"2026-2027"}""");
        Assert.DoesNotContain("edu_", $"{request} {request.Subject}", StringComparison.Ordinal);
    }

    [Fact]
    public void The_parsing_suite_throws_nothing_and_lets_nothing_through()
    {
        foreach (var file in Directory.EnumerateFiles(Corpora.Demand("json/test_parsing"), "*.json"))
        {
            var bytes = File.ReadAllBytes(file);
            var refusal = Read(bytes).Refusal;
            Assert.NotNull(refusal);
            var notJson = refusal.Errors[0].Code is "not-json" or "not-utf-8";
            var name = Path.GetFileName(file);
            if (name.StartsWith("n_", StringComparison.Ordinal))
                Assert.True(notJson, name);
            // y_ files are JSON, so what is wrong with them is their content, depth aside.
            if (name.StartsWith("y_", StringComparison.Ordinal))
                Assert.False(notJson, name);
        }
    }

    [Fact]
    public void Naughty_strings_are_refused_in_every_string_and_stand_in_no_refusal()
    {
        var naughty = JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(Corpora.Demand("naughty-strings.json")))!;
        foreach (var text in naughty)
        {
            var json = JsonSerializer.Serialize(text);
            string[] bodies =
            [
                $$"""{"subject":{"scheme":{{json}},"value":"edu_0EHG7CY33N48KJNS6574C03H7S"},"schoolYear":"2026-2027"}""",
                $$"""{"subject":{"scheme":"sector-token","value":{{json}}},"schoolYear":"2026-2027"}""",
                $$"""{ {{Subject}},"schoolYear":{{json}}}""",
                $$"""{ {{Subject}},"schoolYear":"2026-2027","referenceDate":{{json}}}""",
                $$"""{ {{Subject}},"schoolYear":"2026-2027","fields":[{{json}}]}""",
                $$"""{ {{Subject}},"schoolYear":"2026-2027",{{json}}:1}""",
                json,
            ];
            foreach (var body in bodies)
            {
                var refusal = Read(body, Both).Refusal;
                Assert.NotNull(refusal);
                Assert.Equal(4, refusal.Problem.Status / 100);
                // A mistyped name is said back, as long as it cannot be an identifier.
                if (text.Length > 12 && !MemberName.IsSafe(text))
                    Assert.DoesNotContain(
                        text,
                        string.Concat(refusal.Errors) + string.Concat(refusal.Missing) + string.Concat(refusal.Words) + refusal.Reason,
                        StringComparison.Ordinal
                    );
            }
        }
    }
}
