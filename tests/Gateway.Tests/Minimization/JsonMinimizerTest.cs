using System.Globalization;
using System.Text;
using Gateway.Minimization;
using Xunit;

namespace Gateway.Tests.Minimization;

public sealed class JsonMinimizerTest
{
    private const string Echo = """ "subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"} """;

    private static readonly JsonMinimizer Schooling = SomeContract.Minimizer(
        SomeContract.SchoolEnrolment,
        "enrolment.status",
        "enrolment.schoolYear",
        "enrolment.since"
    );

    private static string Answer(string enrolment, string extra = "") =>
        $$"""{"schemaVersion":"1.0","matchStatus":"MATCHED","enrolment":{{enrolment}},"asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR",{{extra}}{{Echo}}}""";

    private static SourceAnswer Read(string body, JsonMinimizer? minimizer = null, ReleaseTerms? terms = null)
    {
        var verdict = (minimizer ?? Schooling).Read(terms ?? SomeContract.Terms(), Encoding.UTF8.GetBytes(body));
        Assert.True(verdict.Allows(out var answer, out var refusal), refusal?.Reason);
        return answer;
    }

    private static Refusal Refused(string body, ReleaseTerms? terms = null) => Refused(Encoding.UTF8.GetBytes(body), terms);

    private static Refusal Refused(byte[] body, ReleaseTerms? terms = null)
    {
        Assert.False(Schooling.Read(terms ?? SomeContract.Terms(), body).Allows(out _, out var refusal));
        Assert.Equal("menps", refusal.Provider);
        return refusal;
    }

    [Fact]
    public void Only_released_fields_are_kept_and_the_rest_is_named_from_the_contract()
    {
        var answer = Read(
            Answer(
                """{"status":"ENROLLED","cycle":"PRIMARY","sector":"PUBLIC","schoolYear":"2026-2027","since":"2026-09-07","schoolCode":"12345A"}"""
            )
        );
        Assert.Equal(
            """{"enrolment":{"status":"ENROLLED","schoolYear":"2026-2027","since":"2026-09-07"}}""",
            Encoding.UTF8.GetString(answer.Released.Span)
        );
        Assert.Equal(["enrolment.status", "enrolment.schoolYear", "enrolment.since"], answer.ReleasedPaths);
        Assert.Equal(["enrolment.cycle", "enrolment.sector", "enrolment.schoolCode"], answer.StrippedPaths);
        Assert.Equal(0, answer.Undeclared);
        Assert.Equal(("MATCHED", "ENROLLED"), (answer.MatchStatus, answer.Status));
        Assert.Equal(new DateOnly(2026, 9, 7), answer.Since);
        Assert.Equal(new DateTimeOffset(2026, 10, 12, 22, 0, 0, TimeSpan.Zero), answer.AsOf);
    }

    [Fact]
    public void The_status_is_read_even_where_it_is_not_released()
    {
        var answer = Read(
            Answer("""{"status":"DROPPED_OUT","since":"2026-10-02"}"""),
            SomeContract.Minimizer(SomeContract.SchoolEnrolment, "enrolment.cycle")
        );
        Assert.Equal("DROPPED_OUT", answer.Status);
        Assert.Equal(new DateOnly(2026, 10, 2), answer.Since);
        Assert.True(answer.Released.IsEmpty);
    }

    [Fact]
    public void Undeclared_members_are_counted_and_left_behind_wherever_they_stand()
    {
        var answer = Read(
            Answer(
                """{"name":"MARKER-1","status":"ENROLLED","marks":[{"MARKER-2":[1,{"x":"MARKER-3"}]}],"gr\u0061de":"MARKER-4"}""",
                """ "contest":{"ticket":"MARKER-5"},"stale":true,"sourcesConsulted":["MARKER-6"],"MARKER-7":null,"""
            )
        );
        Assert.Equal("""{"enrolment":{"status":"ENROLLED"}}""", Encoding.UTF8.GetString(answer.Released.Span));
        Assert.Equal(7, answer.Undeclared);
    }

    [Fact]
    public void Three_hundred_undeclared_members_nested_and_escaped_leak_nothing()
    {
        var extra = new StringBuilder();
        for (var i = 0; i < 300; i++)
        {
            extra.Append(
                (i % 4) switch
                {
                    0 => $"\"MARKER{i}\":\"MARKER\",",
                    1 => $"\"\\u004dARKER{i}\":{{\"status\":\"MARKER\",\"enrolment\":{{\"status\":\"MARKER\"}}}},",
                    2 => $"\"x{i}\":[[\"MARKER\",{{\"since\":\"MARKER\"}}],{i}],",
                    _ => $"\"st\\u0061tus{i}\":\"MARKER\",",
                }
            );
        }

        var answer = Read(Answer($$"""{{{extra}}"status":"ENROLLED"}""", extra.ToString()));
        Assert.Equal(600, answer.Undeclared);
        var disclosure = Written(Schooling, SomeContract.Terms(), answer);
        Assert.DoesNotContain("MARKER", disclosure, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\"ENROLLED\"", disclosure, StringComparison.Ordinal);
    }

    [Fact]
    public void An_escaped_name_of_a_declared_member_is_that_member()
    {
        var answer = Read(Answer("""{"st\u0061tus":"ENR\u004fLLED"}"""));
        Assert.Equal("""{"enrolment":{"status":"ENROLLED"}}""", Encoding.UTF8.GetString(answer.Released.Span));
    }

    [Theory]
    [InlineData("""{"status":1}""")]
    [InlineData("""{"status":null}""")]
    [InlineData("""{"status":["ENROLLED"]}""")]
    [InlineData("""{"status":{"status":"ENROLLED"}}""")]
    [InlineData("""{"status":"enrolled"}""")]
    [InlineData("""{"status":"ENROLLED","since":"yesterday"}""")]
    [InlineData("""{"status":"ENROLLED","since":"2026-02-30"}""")]
    [InlineData("""{"status":"ENROLLED","schoolCode":"1234A"}""")]
    [InlineData("""{"status":"ENROLLED","status":"ENROLLED"}""")]
    [InlineData("""{"status":"ENROLLED","st\u0061tus":"DROPPED_OUT"}""")]
    [InlineData("""{"since":"2026-10-02"}""")]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    [InlineData("""null""")]
    [InlineData("true")]
    [InlineData("""{"status":"ENROLLED","x":{"a":1,"a":2}}""")]
    [InlineData("""{"status":"ENROLLED","x":1,"\u0078":2}""")]
    [InlineData("""{"status":"ENROLLED",}""")]
    [InlineData("""{"status":"ENROLLED" /* c */}""")]
    public void A_declared_member_that_is_not_as_declared_makes_the_whole_answer_invalid(string enrolment) =>
        Assert.Equal("provider-invalid-answer", Refused(Answer(enrolment)).Problem.Code);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"schemaVersion":"1.0"}""")]
    [InlineData("""{"schemaVersion":"2.0","matchStatus":"NOT_FOUND","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR",E}""")]
    [InlineData("""{"schemaVersion":"1.0","matchStatus":"MAYBE","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR",E}""")]
    [InlineData("""{"schemaVersion":"1.0","matchStatus":"MATCHED","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR",E}""")]
    [InlineData("""{"schemaVersion":"1.0","matchStatus":"NOT_FOUND","asOf":"2026-10-12","source":"MENPS-MASSAR",E}""")]
    [InlineData("""{"schemaVersion":"1.0","matchStatus":"NOT_FOUND","asOf":"2026-10-12T22:00:00","source":"MENPS-MASSAR",E}""")]
    [InlineData("""{"schemaVersion":"1.0","matchStatus":"NOT_FOUND","asOf":"2026-10-12T22:00:00Z","source":"ANAPEC",E}""")]
    [InlineData(
        """{"schemaVersion":"1.0","matchStatus":"NOT_FOUND","enrolment":{"status":"ENROLLED"},"asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR",E}"""
    )]
    [InlineData("""{"schemaVersion":"1.0","matchStatus":"NOT_FOUND","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR",E,E}""")]
    [InlineData(
        """{"schemaVersion":"1.0","matchStatus":"NOT_FOUND","matchStatus":"NOT_FOUND","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR",E}"""
    )]
    [InlineData("""{"schemaVersion":"1.0","matchStatus":"NOT_FOUND","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR"}""")]
    [InlineData("""{"schemaVersion":"1.0","matchStatus":"NOT_FOUND","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR",E} x""")]
    [InlineData("""{"schemaVersion":"1.0","matchStatus":"NOT_FOUND","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR",E}{}""")]
    [InlineData(
        """{"schemaVersion":"1.0","matchStatus":"NOT_FOUND","reliableFrom":"soon","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR",E}"""
    )]
    [InlineData(
        """{"schemaVersion":"1.0","matchStatus":"NOT_FOUND","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","subject":{"scheme":"sector-token"}}"""
    )]
    [InlineData(
        """{"schemaVersion":"1.0","matchStatus":"NOT_FOUND","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","subject":"edu_0EHG7CY33N48KJNS6574C03H7S"}"""
    )]
    public void An_envelope_that_is_not_as_declared_makes_the_whole_answer_invalid(string body) =>
        Assert.Equal("provider-invalid-answer", Refused(body.Replace(",E", "," + Echo, StringComparison.Ordinal)).Problem.Code);

    [Fact]
    public void Bad_UTF8_anywhere_makes_the_answer_invalid()
    {
        var body = Encoding.UTF8.GetBytes(Answer("""{"status":"ENROLLED","name":"XX"}"""));
        body[Array.IndexOf(body, (byte)'X')] = 0xC3;
        Assert.Equal("provider-invalid-answer", Refused(body).Problem.Code);
    }

    [Fact]
    public void Depth_over_32_is_refused_and_32_is_not()
    {
        string Deep(int levels) => Answer($$"""{"status":"ENROLLED","x":{{new string('[', levels)}}{{new string(']', levels)}}}""");
        Assert.Equal(1, Read(Deep(30)).Undeclared);
        Assert.Equal("provider-invalid-answer", Refused(Deep(31)).Problem.Code);
    }

    [Fact]
    public void An_answer_about_somebody_else_is_refused_as_such()
    {
        var body = Answer("""{"status":"ENROLLED"}""").Replace("edu_0EHG", "edu_1EHG", StringComparison.Ordinal);
        Assert.Equal("provider-wrong-subject", Refused(body).Problem.Code);
        Assert.Equal(
            "provider-wrong-subject",
            Refused(Answer("""{"status":"ENROLLED"}""").Replace("sector-token", "idcs", StringComparison.Ordinal)).Problem.Code
        );
    }

    [Fact]
    public void An_answer_longer_than_the_grant_allows_is_too_large() =>
        Assert.Equal(
            "provider-answer-too-large",
            Refused(Answer("""{"status":"ENROLLED"}"""), SomeContract.Terms() with { MaxAnswerBytes = 100 }).Problem.Code
        );

    [Fact]
    public void A_provider_whose_file_says_so_is_refused_for_one_undeclared_member() =>
        Assert.Equal(
            "provider-invalid-answer",
            Refused(Answer("""{"status":"ENROLLED","name":"x"}"""), SomeContract.Terms() with { RefuseUndeclared = true }).Problem.Code
        );

    [Fact]
    public void A_refusal_tells_nothing_of_the_answer()
    {
        var refusal = Refused(Answer("""{"status":"MARKER","MARKER":"MARKER"}"""));
        Assert.DoesNotContain("MARKER", refusal.ToString() + refusal.Reason + string.Concat(refusal.Words), StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_of_the_request_narrow_the_release_and_never_widen_it()
    {
        var terms = SomeContract.Terms() with { Fields = ["enrolment.status", "enrolment.cycle"] };
        var answer = Read(Answer("""{"status":"ENROLLED","cycle":"PRIMARY","since":"2026-09-07"}"""), terms: terms);
        Assert.Equal("""{"enrolment":{"status":"ENROLLED"}}""", Encoding.UTF8.GetString(answer.Released.Span));
    }

    [Fact]
    public void Arrays_keep_their_items_and_empty_objects_are_omitted()
    {
        var minimizer = SomeContract.Minimizer(SomeContract.Nested, "months.declared", "months.days", "months.tags", "note.inner.text");
        var answer = Read(
            $$"""{"schemaVersion":"1.0","matchStatus":"MATCHED","months":[{"month":"2026-01","declared":true,"days":20},{"month":"2026-02"},{"days":0,"tags":["a","b\u0022"]},{"tags":[]}],"note":{"inner":{} },"asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR",{{Echo}}}""",
            minimizer
        );
        Assert.Equal(
            """{"months":[{"declared":true,"days":20},{"days":0,"tags":["a","b\""]},{"tags":[]}]}""",
            Encoding.UTF8.GetString(answer.Released.Span)
        );
        Assert.Equal(["months.declared", "months.days", "months.tags"], answer.ReleasedPaths);
        Assert.Equal(["months.month"], answer.StrippedPaths);
    }

    [Theory]
    [InlineData("""[{"days":32}]""")]
    [InlineData("""[{"days":1.0}]""")]
    [InlineData("""[{"days":1e1}]""")]
    [InlineData("""[{"days":"1"}]""")]
    [InlineData("""[{"declared":"true"}]""")]
    [InlineData("""[{"tags":["a","b","c","d","e"]}]""")]
    [InlineData("""[{"tags":["123456789"]}]""")]
    [InlineData("""[{"tags":[1]}]""")]
    [InlineData("""{"days":1}""")]
    [InlineData("""[[]]""")]
    [InlineData("""[{},{},{},{},{},{},{},{},{},{},{},{},{}]""")]
    public void Numbers_arrays_and_booleans_are_checked_released_or_not(string months)
    {
        var minimizer = SomeContract.Minimizer(SomeContract.Nested, "note.inner.text");
        var body =
            $$"""{"schemaVersion":"1.0","matchStatus":"MATCHED","months":{{months}},"asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR",{{Echo}}}""";
        Assert.False(minimizer.Read(SomeContract.Terms(), Encoding.UTF8.GetBytes(body)).Allows(out _, out var refusal));
        Assert.Equal("provider-invalid-answer", refusal.Problem.Code);
    }

    [Fact]
    public void The_providers_own_date_and_the_season_hold_while_they_are_ahead()
    {
        var answer = Answer("""{"status":"NOT_ENROLLED"}""", """ "reliableFrom":"2026-10-20",""");
        Assert.Equal(new DateOnly(2026, 10, 20), Read(answer).ReliableFrom);
        Assert.Equal(
            new DateOnly(2026, 11, 1),
            Read(answer, terms: SomeContract.Terms() with { ReliableFrom = new(2026, 11, 1) }).ReliableFrom
        );
        Assert.Null(Read(answer, terms: SomeContract.Terms() with { Today = new(2026, 10, 20) }).ReliableFrom);
    }

    [Fact]
    public void A_path_that_is_not_in_the_contract_does_not_compile() =>
        Assert.Throws<ArgumentException>(() => SomeContract.Minimizer(SomeContract.SchoolEnrolment, "enrolment.name"));

    internal static string Written(JsonMinimizer minimizer, ReleaseTerms terms, SourceAnswer answer)
    {
        var combination = new Combination([new(answer.Source, "menps", null)], minimizer.Tree.Status);
        combination.Add(combination.Next!, answer);
        Assert.True(combination.Conclude().Allows(out var combined, out _));
        return Encoding.UTF8.GetString(minimizer.Write(terms, combined).Body.Span);
    }

    [Fact]
    public void Instants_are_written_in_UTC_to_the_second()
    {
        var answer = Read(Answer("""{"status":"ENROLLED"}""").Replace("22:00:00Z", "22:00:00.123456789Z", StringComparison.Ordinal));
        Assert.Contains("\"asOf\":\"2026-10-12T22:00:00Z\"", Written(Schooling, SomeContract.Terms(), answer), StringComparison.Ordinal);
        Assert.Equal("2026-10-12", answer.AsOf!.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }
}
