using System.Net;
using System.Text.Json;
using Sandbox.Institutions;
using Sandbox.Institutions.Education;
using Sandbox.Persons;
using Xunit;

namespace Sandbox.Tests.Institutions;

public sealed class EducationStandInTests : IAsyncLifetime
{
    private readonly GatewayDouble _gateway = new();
    private StandIn _menps = null!;

    public async ValueTask InitializeAsync() => _menps = await _gateway.Start("menps");

    public async ValueTask DisposeAsync()
    {
        await _menps.DisposeAsync();
        _gateway.Dispose();
    }

    [Theory]
    [InlineData(Fixtures.PlainChild, "MATCHED", "ENROLLED")]
    [InlineData(Fixtures.Infant, "NOT_FOUND", null)]
    [InlineData(Fixtures.UnknownChild, "NOT_FOUND", null)]
    [InlineData(Fixtures.NotEnrolled, "MATCHED", "NOT_ENROLLED")]
    [InlineData(Fixtures.DroppedOut, "MATCHED", "DROPPED_OUT")]
    [InlineData(Fixtures.TwoRecords, "AMBIGUOUS", null)]
    [InlineData(Fixtures.Completed, "MATCHED", "COMPLETED")]
    [InlineData(Fixtures.LateRoll, "MATCHED", "PENDING")]
    [InlineData(Fixtures.Apprentice, "NOT_FOUND", null)]
    [InlineData(Fixtures.Student, "NOT_FOUND", null)]
    [InlineData(Fixtures.PartialOutage, "MATCHED", "NOT_ENROLLED")]
    [InlineData(Fixtures.OldData, "MATCHED", "ENROLLED")]
    [InlineData(Fixtures.Orphan, "MATCHED", "ENROLLED")]
    [InlineData(Fixtures.Deceased, "NOT_FOUND", null)]
    [InlineData(Fixtures.NoDossier, "MATCHED", "ENROLLED")]
    [InlineData(Fixtures.OtherProvince, "MATCHED", "ENROLLED")]
    public async Task Each_fixture_gets_its_answer(string idcs, string match, string? status)
    {
        var answer = await Enrolment(idcs);
        Assert.Equal(match, answer.GetProperty("matchStatus").GetString());
        Assert.Equal(SectorToken.Of("education", idcs), answer.GetProperty("subject").GetProperty("value").GetString());
        Assert.Equal("MENPS-MASSAR", answer.GetProperty("source").GetString());
        Assert.Equal(status, answer.TryGetProperty("enrolment", out var enrolment) ? enrolment.GetProperty("status").GetString() : null);
        Assert.Equal(idcs == Fixtures.LateRoll, answer.TryGetProperty("reliableFrom", out _));
    }

    [Fact]
    public async Task The_plain_child_is_in_public_lower_secondary_school()
    {
        var enrolment = (await Enrolment(Fixtures.PlainChild)).GetProperty("enrolment");
        Assert.Equal("LOWER_SECONDARY", enrolment.GetProperty("cycle").GetString());
        Assert.Equal("PUBLIC", enrolment.GetProperty("sector").GetString());
        Assert.Equal(_gateway.Calendar.Name, enrolment.GetProperty("schoolYear").GetString());
        Assert.Matches(@"^\d{5}[A-Z]$", enrolment.GetProperty("schoolCode").GetString());
        Assert.Equal($"{_gateway.Calendar.StartYear}-09-07", enrolment.GetProperty("since").GetString());
    }

    [Fact]
    public async Task Old_data_says_so()
    {
        var asOf = (await Enrolment(Fixtures.OldData)).GetProperty("asOf").GetDateTimeOffset();
        Assert.Equal(_gateway.Calendar.LastLoad.AddDays(-30), asOf);
    }

    [Fact]
    public async Task A_child_of_the_register_is_found()
    {
        var pupil = PupilGenerator.Make(500).First(p => p.Status == EnrolmentStatus.Enrolled);
        var enrolment = (await Enrolment(pupil.Idcs)).GetProperty("enrolment");
        Assert.Equal("ENROLLED", enrolment.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Training_and_university_know_their_own()
    {
        await using var dfp = await _gateway.Start("dfp");
        await using var mesri = await _gateway.Start("mesri");
        var apprentice = await _gateway.Answer(
            dfp,
            "education.school-enrolment.read",
            "/v1/school-enrolments/query",
            _gateway.EnrolmentBody(Fixtures.Apprentice)
        );
        Assert.Equal("VOCATIONAL", apprentice.GetProperty("enrolment").GetProperty("cycle").GetString());
        var student = await _gateway.Answer(
            mesri,
            "education.school-enrolment.read",
            "/v1/school-enrolments/query",
            _gateway.EnrolmentBody(Fixtures.Student)
        );
        Assert.Equal("HIGHER", student.GetProperty("enrolment").GetProperty("cycle").GetString());
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _gateway.AskEnrolment(dfp, Fixtures.PartialOutage, patience.Token));
    }

    [Fact]
    public async Task The_generous_provider_sends_names_and_marks_escaped_ones_too()
    {
        using var response = await _gateway.AskEnrolment(_menps, Fixtures.Generous);
        var text = await response.Content.ReadAsStringAsync();
        var answer = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.Equal("ENROLLED", answer.GetProperty("enrolment").GetProperty("status").GetString());
        Assert.Contains("marks", text, StringComparison.Ordinal);
        Assert.Contains("n\\u0061me", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_types_and_the_wrong_person_are_answered_as_the_table_says()
    {
        var wrong = (await Enrolment(Fixtures.WrongTypes)).GetProperty("enrolment");
        Assert.Equal(1, wrong.GetProperty("status").GetInt32());
        Assert.Equal("yesterday", wrong.GetProperty("since").GetString());
        Assert.Equal(
            SectorToken.Of("education", Fixtures.PlainChild),
            (await Enrolment(Fixtures.WrongPerson)).GetProperty("subject").GetProperty("value").GetString()
        );
    }

    [Fact]
    public async Task Broken_bodies_come_in_turn()
    {
        var bodies = new List<byte[]>();
        for (var i = 0; i < 3; i++)
        {
            using var response = await _gateway.AskEnrolment(_menps, Fixtures.BrokenBody);
            bodies.Add(await response.Content.ReadAsByteArrayAsync());
        }
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(bodies[0]));
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(bodies[1], new JsonDocumentOptions { AllowDuplicateProperties = false }));
        Assert.False(System.Text.Unicode.Utf8.IsValid(bodies[2]));
    }

    [Fact]
    public async Task A_person_who_is_down_resets_the_connection() =>
        await Assert.ThrowsAsync<HttpRequestException>(() => _gateway.AskEnrolment(_menps, Fixtures.Down));

    [Fact]
    public async Task A_chunk_answers_line_by_line_and_a_bad_person_spoils_one_line_only()
    {
        string[] persons = [Fixtures.PlainChild, Fixtures.WrongTypes, Fixtures.Down, Fixtures.UnknownChild];
        var body = string.Join('\n', persons.Select((p, i) => _gateway.EnrolmentBody(p).Insert(1, $"\"reference\":\"b-{i}\","))) + "\n";
        using var response = await _gateway.Ask(_menps, "education.school-enrolment.batch", "/v1/school-enrolments/query-chunk", body);
        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType?.MediaType);
        var lines = (await response.Content.ReadAsStringAsync())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonSerializer.Deserialize<JsonElement>(l))
            .ToArray();
        Assert.Equal(["b-0", "b-1", "b-2", "b-3"], lines.Select(l => l.GetProperty("reference").GetString()));
        Assert.Equal(["MATCHED", "MATCHED", "UNAVAILABLE", "NOT_FOUND"], lines.Select(l => l.GetProperty("matchStatus").GetString()));
        Assert.Equal(JsonValueKind.Number, lines[1].GetProperty("enrolment").GetProperty("status").ValueKind);
    }

    [Theory]
    [InlineData("""{"subject":{"scheme":"idcs","value":"2666041939"},"schoolYear":"2026-2027"}""")]
    [InlineData("""{"subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"},"schoolYear":"2026-2028"}""")]
    [InlineData("""{"subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"},"agent":"x"}""")]
    [InlineData("""{"subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"}""")]
    [InlineData("[]")]
    public async Task A_question_outside_the_contract_is_400(string body)
    {
        using var response = await _gateway.Ask(_menps, "education.school-enrolment.read", "/v1/school-enrolments/query", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private Task<JsonElement> Enrolment(string idcs) =>
        _gateway.Answer(_menps, "education.school-enrolment.read", "/v1/school-enrolments/query", _gateway.EnrolmentBody(idcs));
}
