using System.Globalization;
using System.Text.Json;
using Gateway.Forwarding;
using Gateway.Tests.Flow;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Forwarding;

/// <summary>RFC 9110, sections 8.3, 8.4 and 10.2.3: what the gateway reads of an institution's headers.</summary>
[Trait("Tier", "Whole")]
public sealed class ProviderHeadersTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 6, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("86400", 86400)]
    [InlineData("0", 0)]
    [InlineData("99999999999999999999", int.MaxValue)]
    [InlineData("Tue, 01 Dec 2026 06:02:00 GMT", 120)]
    [InlineData("Tuesday, 01-Dec-26 06:02:00 GMT", 120)]
    [InlineData("Tue Dec  1 06:02:00 2026", 120)]
    [InlineData("Tue, 01 Dec 2026 05:00:00 GMT", 0)]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", 0)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", int.MaxValue)]
    [InlineData("soon", null)]
    [InlineData("-5", null)]
    [InlineData("1.5", null)]
    [InlineData("5, 10", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_wait_is_a_number_or_a_date_in_any_of_three_forms(string? value, int? seconds)
    {
        using var response = new HttpResponseMessage();
        if (value is not null)
            response.Headers.TryAddWithoutValidation("Retry-After", value);
        Assert.Equal(seconds, ProviderHeaders.RetryAfterSeconds(response.Headers, Now));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(false, "identity")]
    [InlineData(false, "Identity, IDENTITY")]
    [InlineData(false, "identity", "identity")]
    [InlineData(false, "")]
    [InlineData(false, " , identity,,")]
    [InlineData(true, "gzip")]
    [InlineData(true, "identity, gzip")]
    [InlineData(true, "identity", "br")]
    [InlineData(true, "identity;q=1")]
    [InlineData(true, "no coding")]
    public void Identity_is_no_coding(bool isCoded, params string[] lines)
    {
        using var response = new HttpResponseMessage { Content = new ByteArrayContent([]) };
        foreach (var line in lines)
            response.Content.Headers.TryAddWithoutValidation("Content-Encoding", line);
        Assert.Equal(isCoded, ProviderHeaders.IsCoded(response.Content.Headers));
    }

    [Theory]
    [InlineData("application/json", "application/json")]
    [InlineData("application/json; charset=\"utf-8\"", "application/json")]
    [InlineData("application/json;", "application/json")]
    [InlineData("Application/JSON;charset=ISO-8859-1", "Application/JSON")]
    [InlineData("application/json, text/html", null)]
    [InlineData("json", null)]
    [InlineData("", null)]
    public void A_media_type_is_read_with_or_without_its_parameters(string value, string? type)
    {
        using var response = new HttpResponseMessage { Content = new ByteArrayContent([]) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", value);
        Assert.Equal(type, ProviderHeaders.MediaType(response.Content.Headers));
    }
}

/// <summary>The same over the wire.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class ProviderHeadersOnTheWireTests
{
    [Fact]
    public async Task The_callers_wait_and_the_answers_coding_are_read_as_they_are_written()
    {
        var (town, anapec) = await RawInstitution.StartAsync("anapec");
        await using var ended = town;
        await using var closed = anapec;
        var question = JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.JobSeeker } });
        var ahead = DateTimeOffset.UtcNow.AddDays(2);

        Assert.Equal("300", await Wait("86400"));
        foreach (var form in new[] { "R", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy" })
            Assert.Equal("300", await Wait(ahead.UtcDateTime.ToString(form, CultureInfo.InvariantCulture)));
        Assert.Equal("1", await Wait("Sun, 06 Nov 1994 08:49:37 GMT"));
        Assert.Equal("300", await Wait("99999999999999999999"));
        Assert.Equal("5", await Wait("soon"));
        foreach (var plain in new[] { "identity", "IDENTITY, identity", "" })
            Assert.Equal("MATCHED", await Coded(plain));
        foreach (var coded in new[] { "gzip", "identity, gzip" })
            Assert.Equal("provider-invalid-answer", await Coded(coded));

        async Task<string?> Wait(string value)
        {
            anapec.Behaves = async call =>
            {
                await call.AnswerAsync("{}", "503 Service Unavailable", $"Retry-After: {value}\r\n");
                return true;
            };
            return (await town.Post(Ask.JobSeekers, question, purpose: "ASD_ELIGIBILITY")).Header("Retry-After");
        }

        async Task<string?> Coded(string value)
        {
            anapec.Behaves = async call =>
            {
                await call.AnswerAsync(headers: $"Content-Encoding: {value}\r\n");
                return true;
            };
            var reply = await town.Post(Ask.JobSeekers, question, purpose: "ASD_ELIGIBILITY");
            return reply.Code ?? reply.MatchStatus;
        }
    }

    [Fact]
    public async Task Of_an_answer_only_a_whole_200_counts_redirects_are_not_followed_and_trailers_ignored()
    {
        var (town, anapec) = await RawInstitution.StartAsync("anapec");
        await using var ended = town;
        await using var closed = anapec;
        var question = JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.JobSeeker } });
        Assert.Equal("provider-error", await Said(static call => call.AnswerAsync(status: "206 Partial Content")));
        Assert.Equal("provider-error", await Said(static call => call.AnswerAsync(status: "204 No Content", body: "")));
        Assert.Equal(
            "provider-error",
            await Said(static call => call.AnswerAsync(status: "302 Found", headers: "Location: https://localhost:1/elsewhere\r\n"))
        );
        Assert.Equal(
            "MATCHED",
            await Said(static call =>
                call.SendAsync(
                    $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nExchange-Id: {call.ExchangeId}\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + $"{call.Answer.Length:x}\r\n{call.Answer}\r\n0\r\nX-Late: a\r\n\r\n"
                )
            )
        );

        async Task<string?> Said(Func<RawCall, Task> answers)
        {
            anapec.Behaves = async call =>
            {
                await answers(call);
                return true;
            };
            var reply = await town.Post(Ask.JobSeekers, question, purpose: "ASD_ELIGIBILITY");
            return reply.Code ?? reply.MatchStatus;
        }
    }

    [Fact]
    public async Task An_institution_may_write_its_times_in_any_offset_and_they_leave_in_UTC()
    {
        var (town, anapec) = await RawInstitution.StartAsync("anapec");
        await using var ended = town;
        await using var closed = anapec;
        var question = JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.JobSeeker } });
        foreach (
            var (written, left) in new[]
            {
                ("2026-11-01T23:00:00Z", "2026-11-01T23:00:00Z"),
                ("2026-11-02T00:00:00+01:00", "2026-11-01T23:00:00Z"),
                ("2026-11-01t23:00:00.1234567890123z", "2026-11-01T23:00:00Z"),
                ("2026-11-01T23:00:00-00:00", "2026-11-01T23:00:00Z"),
                ("2026-11-01T23:00:00", null),
                ("2026-11-01T23:00:00+0100", null),
            }
        )
        {
            anapec.Behaves = async call =>
            {
                var answer = call.Answer;
                var (from, to) = (
                    answer.IndexOf("\"asOf\":\"", StringComparison.Ordinal) + 8,
                    answer.IndexOf('"', answer.IndexOf("\"asOf\":\"", StringComparison.Ordinal) + 8)
                );
                await call.AnswerAsync(answer[..from] + written + answer[to..]);
                return true;
            };
            var reply = await town.Post(Ask.JobSeekers, question, purpose: "ASD_ELIGIBILITY");
            Assert.Equal(left is null ? "provider-invalid-answer" : null, reply.Code);
            if (left is not null)
                Assert.Equal(left, reply.Json.GetProperty("asOf").GetString());
        }
    }
}
