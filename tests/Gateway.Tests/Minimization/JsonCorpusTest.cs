using System.Text;
using System.Text.Json;
using Gateway.Minimization;
using Xunit;

namespace Gateway.Tests.Minimization;

public sealed class JsonCorpusTest
{
    private static readonly JsonMinimizer Everything = SomeContract.Minimizer(SomeContract.SchoolEnrolment, "enrolment");

    private static byte[] Around(byte[] value) =>
        [
            .. Encoding.UTF8.GetBytes("""{"schemaVersion":"1.0","matchStatus":"MATCHED","enrolment":{"status":"ENROLLED"},"undeclared":"""),
            .. value,
            .. Encoding.UTF8.GetBytes(
                ""","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"}}"""
            ),
        ];

    [Fact]
    public void The_parsing_suite_parses_where_it_must_and_throws_nowhere()
    {
        foreach (var file in Directory.EnumerateFiles(Corpora.Demand("json/test_parsing"), "*.json"))
        {
            var name = Path.GetFileName(file);
            var text = File.ReadAllBytes(file);
            Assert.Equal("MIN-01", Everything.Read(SomeContract.Terms() with { MaxAnswerBytes = 1 << 20 }, text).Refusal?.Rule ?? "none");
            var nested = Everything.Read(SomeContract.Terms() with { MaxAnswerBytes = 1 << 20 }, Around(text)).Refusal;
            // A name that stands twice is JSON to the suite and no answer to us.
            if (name.StartsWith("y_object_duplicated", StringComparison.Ordinal))
                Assert.NotNull(nested);
            else if (name.StartsWith("y_", StringComparison.Ordinal))
                Assert.True(nested is null, name);
        }
    }

    [Fact]
    public void Naughty_strings_never_leave_in_a_field_of_another_form()
    {
        foreach (var text in JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(Corpora.Demand("naughty-strings.json")))!)
        {
            var json = JsonSerializer.Serialize(text);
            foreach (var member in (string[])["status", "schoolYear", "since", "cycle", "sector", "schoolCode"])
            {
                var enrolment = member == "status" ? $$"""{"status":{{json}}}""" : $$"""{"status":"ENROLLED","{{member}}":{{json}}}""";
                var body = Encoding
                    .UTF8.GetString(Around("1"u8.ToArray()))
                    .Replace("""{"status":"ENROLLED"}""", enrolment, StringComparison.Ordinal);
                Assert.Equal(
                    "provider-invalid-answer",
                    Everything.Read(SomeContract.Terms(), Encoding.UTF8.GetBytes(body)).Refusal?.Problem.Code
                );
            }
        }
    }

    [Fact]
    public void Free_text_that_is_released_is_the_same_text_afterwards()
    {
        var minimizer = SomeContract.Minimizer(SomeContract.Nested, "note.inner.text");
        foreach (
            var text in JsonSerializer
                .Deserialize<string[]>(File.ReadAllBytes(Corpora.Demand("naughty-strings.json")))!
                .Where(text => text.Length <= 20)
        )
        {
            var body =
                """{"schemaVersion":"1.0","matchStatus":"MATCHED","note":{"inner":{"text":"""
                + JsonSerializer.Serialize(text)
                + """}},"asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"}}""";
            Assert.True(
                minimizer.Read(SomeContract.Terms(), Encoding.UTF8.GetBytes(body)).Allows(out var answer, out var refusal),
                refusal?.Reason
            );
            using var written = JsonDocument.Parse(JsonMinimizerTest.Written(minimizer, SomeContract.Terms(), answer));
            Assert.Equal(text, written.RootElement.GetProperty("note").GetProperty("inner").GetProperty("text").GetString());
        }
    }

    [Fact]
    public void Reading_allocates_for_the_answer_and_not_for_its_fields()
    {
        static byte[] Months(int count) =>
            Encoding.UTF8.GetBytes(
                """{"schemaVersion":"1.0","matchStatus":"MATCHED","months":["""
                    + string.Join(',', Enumerable.Repeat("""{"month":"2026-01","declared":true,"days":20}""", count))
                    + """],"asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"}}"""
            );
        // Nothing of the months is released: every field of them is checked and left behind.
        var minimizer = SomeContract.Minimizer(SomeContract.Nested, "note.inner.text");
        var (one, twelve, terms) = (Months(1), Months(12), SomeContract.Terms());
        long Allocated(byte[] body)
        {
            for (var i = 0; i < 50; i++)
                minimizer.Read(terms, body);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
                minimizer.Read(terms, body);
            return (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
        }

        Assert.Equal(Allocated(one), Allocated(twelve));
        Assert.InRange(Allocated(twelve), 1, 400);
    }
}
