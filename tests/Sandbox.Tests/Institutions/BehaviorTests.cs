using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Sandbox.Institutions;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Sandbox.Tests.Institutions;

/// <summary>Every mode of the second table of the exchanges page, section 14, over real sockets.</summary>
public sealed class BehaviorTests : IAsyncLifetime
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
    [InlineData(BehaviorMode.Busy, HttpStatusCode.TooManyRequests)]
    [InlineData(BehaviorMode.Refuse, HttpStatusCode.Unauthorized)]
    [InlineData(BehaviorMode.Error, HttpStatusCode.InternalServerError)]
    [InlineData(BehaviorMode.Maintenance, HttpStatusCode.ServiceUnavailable)]
    public async Task Modes_that_refuse(BehaviorMode mode, HttpStatusCode status)
    {
        _menps.Behaviors.Set(mode);
        using var response = await _gateway.AskEnrolment(_menps, Fixtures.PlainChild);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(mode == BehaviorMode.Busy, response.Headers.RetryAfter is not null);
        Assert.Equal(mode == BehaviorMode.Error, (await response.Content.ReadAsStringAsync()).Contains("SELECT", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(BehaviorMode.Down)]
    [InlineData(BehaviorMode.ResetMidBody)]
    [InlineData(BehaviorMode.LostWrite)]
    public async Task Modes_that_reset(BehaviorMode mode)
    {
        _menps.Behaviors.Set(mode);
        await Assert.ThrowsAsync<HttpRequestException>(() => _gateway.AskEnrolment(_menps, Fixtures.PlainChild));
        Assert.Single(_menps.Received.All);
    }

    [Theory]
    [InlineData(BehaviorMode.Slow)]
    [InlineData(BehaviorMode.Trickle)]
    [InlineData(BehaviorMode.Silent)]
    public async Task Modes_that_keep_one_waiting(BehaviorMode mode)
    {
        _menps.Behaviors.Set(mode);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _gateway.AskEnrolment(_menps, Fixtures.PlainChild, patience.Token));
    }

    [Fact]
    public async Task A_short_delay_is_answered_in_the_end()
    {
        _menps.Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromMilliseconds(50));
        using var response = await _gateway.AskEnrolment(_menps, Fixtures.PlainChild);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Unknown_persons_are_404_where_that_is_switched_on()
    {
        _menps.Behaviors.Set(BehaviorMode.NotFound404);
        using var unknown = await _gateway.AskEnrolment(_menps, Fixtures.UnknownChild);
        using var known = await _gateway.AskEnrolment(_menps, Fixtures.PlainChild);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
    }

    [Fact]
    public async Task Three_hundred_undeclared_members_at_two_depths()
    {
        _menps.Behaviors.Set(BehaviorMode.ExtraFields);
        var answer = JsonSerializer.Deserialize<JsonElement>(await Body());
        Assert.Equal(150, answer.EnumerateObject().Count(m => m.Name.StartsWith("extra", StringComparison.Ordinal)));
        Assert.Equal(
            150,
            answer.GetProperty("enrolment").EnumerateObject().Count(m => m.Name.StartsWith("extra", StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData(BehaviorMode.NotJson)]
    [InlineData(BehaviorMode.Cut)]
    [InlineData(BehaviorMode.DuplicateMember)]
    [InlineData(BehaviorMode.BadUtf8)]
    public async Task Modes_that_break_the_body(BehaviorMode mode)
    {
        _menps.Behaviors.Set(mode);
        var body = await Body();
        var strict = new JsonDocumentOptions { AllowDuplicateProperties = false };
        Assert.True(!System.Text.Unicode.Utf8.IsValid(body) || Record.Exception(() => JsonDocument.Parse(body, strict)) is JsonException);
    }

    [Fact]
    public async Task Wrong_types_wrong_subject_pending_and_stale_are_well_formed()
    {
        _menps.Behaviors.Set(BehaviorMode.WrongType);
        Assert.Equal(JsonValueKind.Number, Json(await Body()).GetProperty("enrolment").GetProperty("status").ValueKind);
        _menps.Behaviors.Set(BehaviorMode.WrongSubject);
        Assert.NotEqual(
            SectorToken.Of("education", Fixtures.NotEnrolled),
            Json(await Body(Fixtures.NotEnrolled)).GetProperty("subject").GetProperty("value").GetString()
        );
        _menps.Behaviors.Set(BehaviorMode.PendingSeason);
        Assert.Equal("PENDING", Json(await Body(Fixtures.NotEnrolled)).GetProperty("enrolment").GetProperty("status").GetString());
        Assert.Equal("ENROLLED", Json(await Body()).GetProperty("enrolment").GetProperty("status").GetString());
        _menps.Behaviors.Set(BehaviorMode.Stale);
        Assert.Equal(_gateway.Calendar.LastLoad.AddDays(-30), Json(await Body()).GetProperty("asOf").GetDateTimeOffset());
    }

    [Fact]
    public async Task Large_bodies_are_large_in_the_open_or_packed()
    {
        _menps.Behaviors.Set(BehaviorMode.TooLarge);
        Assert.True((await Body()).Length > 1 << 20);
        _menps.Behaviors.Set(BehaviorMode.GzipBomb);
        var packed = await Body();
        Assert.InRange(packed.Length, 1, 64 << 10);
        await using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        await gzip.CopyToAsync(unpacked);
        Assert.True(unpacked.Length > 10 << 20);
    }

    [Fact]
    public async Task A_count_ends_a_behavior_and_an_operation_bounds_it()
    {
        _menps.Behaviors.Set(BehaviorMode.Busy, "education.school-enrolment.batch");
        using (var other = await _gateway.AskEnrolment(_menps, Fixtures.PlainChild))
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        _menps.Behaviors.Set(BehaviorMode.Busy, count: 2);
        var seen = new List<HttpStatusCode>();
        for (var i = 0; i < 3; i++)
        {
            using var response = await _gateway.AskEnrolment(_menps, Fixtures.PlainChild);
            seen.Add(response.StatusCode);
        }
        Assert.Equal([HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], seen);
    }

    [Fact]
    public async Task A_stand_in_that_was_stopped_refuses_connections()
    {
        var dfp = await _gateway.Start("dfp");
        await dfp.DisposeAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => _gateway.AskEnrolment(dfp, Fixtures.PlainChild));
    }

    private static JsonElement Json(byte[] body) => JsonSerializer.Deserialize<JsonElement>(body);

    private async Task<byte[]> Body(string idcs = Fixtures.PlainChild)
    {
        using var response = await _gateway.AskEnrolment(_menps, idcs);
        return await response.Content.ReadAsByteArrayAsync();
    }
}
