using System.Buffers;
using System.Text;
using Gateway.Requests;
using Gateway.Tests.Minimization;
using Xunit;

namespace Gateway.Tests.Requests;

public sealed class BatchReaderTest
{
    private const string Question =
        """ "subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"},"schoolYear":"2026-2027" """;

    private static List<BatchLine> Read(string body)
    {
        var reader = new BatchReader(SomeContract.SchoolEnrolment, SomeGrant.Of(SomeGrant.Schooling, "sector-token"), SomeGrant.Schooling);
        var lines = new List<BatchLine>();
        foreach (var line in BatchReader.Lines(Encoding.UTF8.GetBytes(body)))
            lines.Add(reader.Read(line, lines.Count + 1, SomeContract.Today));
        return lines;
    }

    [Fact]
    public void Lines_are_read_one_by_one_and_a_bad_one_fails_alone()
    {
        var lines = Read(
            $$"""
            {"reference":"b7-000016",{{Question}}}
            not json

            {"reference":"b7-000017",{{Question}},"x":1}
            {{{Question}},"reference":"b7-000018"}
            {"reference":"b7-000016",{{Question}}}
            { {{Question}} }
            {"reference":"2666041939",{{Question}}}
            """
        );
        Assert.Equal(
            ["b7-000016", "line:2", "b7-000017", "b7-000018", "b7-000016", "line:6", "line:7"],
            lines.Select(line => line.Reference)
        );
        Assert.Equal(
            [null, "request-invalid", "request-invalid", null, "duplicate-reference", "request-invalid", "request-invalid"],
            lines.Select(line => line.Request.Refusal?.Problem.Code)
        );
    }

    [Fact]
    public void A_line_for_a_provider_carries_its_reference_first()
    {
        Assert.True(Read($$"""{ {{Question}},"reference":"b7-1"}""")[0].Request.Allows(out var request, out _));
        var buffer = new ArrayBufferWriter<byte>();
        request.WriteTo(buffer, request.Subject);
        Assert.Equal(
            """{"reference":"b7-1","subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"},"schoolYear":"2026-2027","referenceDate":"2026-10-15"}""",
            Encoding.UTF8.GetString(buffer.WrittenSpan)
        );
    }

    [Fact]
    public void A_single_question_has_no_reference()
    {
        var verdict = RequestReader.Read(
            SomeGrant.Registry(),
            SomeContract.SchoolEnrolment,
            SomeGrant.Of(SomeGrant.Schooling, "sector-token"),
            SomeGrant.Schooling,
            Encoding.UTF8.GetBytes($$"""{"reference":"b7-1",{{Question}}}"""),
            SomeContract.Today
        );
        Assert.Equal("unknown-member", verdict.Refusal!.Errors[0].Code);
    }

    [Fact]
    public void Five_thousand_lines_are_a_batch_and_one_more_is_too_many()
    {
        static byte[] Batch(int lines) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{}\n", lines)));
        Assert.True(BatchReader.Count(Batch(5000)).Allows(out var count, out _));
        Assert.Equal(5000, count);
        Assert.Equal("batch-too-large", BatchReader.Count(Batch(5001)).Refusal!.Problem.Code);
        Assert.Equal("batch-too-large", BatchReader.Count(new byte[BatchReader.MostBytes + 1]).Refusal!.Problem.Code);
        Assert.Equal("request-invalid", BatchReader.Count(Encoding.UTF8.GetBytes("\n\r\n \n")).Refusal!.Problem.Code);
    }

    [Fact]
    public void A_line_longer_than_a_single_question_is_refused_alone() =>
        Assert.Equal(
            "body-too-large",
            Read($$"""{"reference":"{{new string('x', BatchReader.MostLineBytes)}}"}""")[0].Request.Refusal!.Problem.Code
        );
}
