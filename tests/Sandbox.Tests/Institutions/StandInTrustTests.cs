using System.Net;
using System.Text.Json;
using Sandbox.Institutions;
using Sandbox.Persons;
using Sandbox.Pki;
using Xunit;

namespace Sandbox.Tests.Institutions;

public sealed class StandInTrustTests : IAsyncLifetime
{
    private const string Operation = "education.school-enrolment.read";
    private const string Path = "/v1/school-enrolments/query";
    private readonly GatewayDouble _gateway = new();
    private StandIn _menps = null!;

    public async ValueTask InitializeAsync() => _menps = await _gateway.Start("menps");

    public async ValueTask DisposeAsync()
    {
        await _menps.DisposeAsync();
        _gateway.Dispose();
    }

    [Theory]
    [InlineData("aud", "https://elsewhere.example")]
    [InlineData("op", "employment.job-seeker-status.read")]
    [InlineData("bdig", "AAAA")]
    [InlineData("org", "")]
    public async Task An_assertion_for_something_else_is_refused(string claim, string value)
    {
        var body = _gateway.EnrolmentBody(Fixtures.PlainChild);
        using var response = await _gateway.Ask(_menps, Operation, Path, body, claims => claims[claim] = value);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.NotNull(Assert.Single(_menps.Received.All).Refused);
    }

    [Fact]
    public async Task An_assertion_is_taken_once()
    {
        foreach (var expected in new[] { HttpStatusCode.OK, HttpStatusCode.Forbidden })
        {
            using var response = await _gateway.Ask(_menps, Operation, Path, _gateway.EnrolmentBody(Fixtures.PlainChild), static c =>
                c["jti"] = "the-same-id"
            );
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Fact]
    public async Task An_old_assertion_is_refused()
    {
        using var response = await _gateway.Ask(_menps, Operation, Path, _gateway.EnrolmentBody(Fixtures.PlainChild), c =>
            c["exp"] = DateTimeOffset.UtcNow.AddMinutes(-2).ToUnixTimeSeconds()
        );
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Without_a_certificate_there_is_no_answer()
    {
        using var client = _gateway.Client(null);
        using var content = new StringContent(_gateway.EnrolmentBody(Fixtures.PlainChild));
        using var response = await client.PostAsync(new Uri(_menps.Address, Path), content);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_partners_certificate_does_not_pass_for_the_gateways()
    {
        using var certificate = _gateway.Pki.Client("anss-eligibility").Load();
        using var client = _gateway.Client(certificate);
        using var content = new StringContent("{}");
        await Assert.ThrowsAsync<HttpRequestException>(() => client.PostAsync(new Uri(_menps.Address, Path), content));
    }

    [Fact]
    public async Task Another_certificate_of_our_own_authority_is_not_the_gateway()
    {
        using var certificate = _gateway.Pki.Officer("officer-1").Load();
        using var client = _gateway.Client(certificate);
        using var content = new StringContent("{}");
        using var response = await client.PostAsync(new Uri(_menps.Address, Path), content);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task What_was_received_can_be_read_and_forgotten_on_the_control_page()
    {
        using (var asked = await _gateway.AskEnrolment(_menps, Fixtures.PlainChild))
            asked.EnsureSuccessStatusCode();
        using var client = _gateway.Client(null);
        var calls = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync(new Uri(_menps.Address, "/control/received")));
        var call = Assert.Single(calls.EnumerateArray());
        Assert.Equal(Path, call.GetProperty("path").GetString());
        Assert.Equal(_gateway.EnrolmentBody(Fixtures.PlainChild), call.GetProperty("body").GetString());
        Assert.True(call.GetProperty("headers").TryGetProperty("Exchange-Assertion", out _));
        using var forgotten = await client.DeleteAsync(new Uri(_menps.Address, "/control/received"));
        Assert.Equal(HttpStatusCode.NoContent, forgotten.StatusCode);
        Assert.Empty(_menps.Received.All);
    }

    [Theory]
    [InlineData("""{"mode":"busy","operation":"education.school-enrolment.read","count":1}""", HttpStatusCode.NoContent)]
    [InlineData("""{"mode":"not-found-404"}""", HttpStatusCode.NoContent)]
    [InlineData("""{"mode":"slow","delayMs":20}""", HttpStatusCode.NoContent)]
    [InlineData("""{"mode":"sleepy"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"mode":3}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"mode":"busy","extra":1}""", HttpStatusCode.BadRequest)]
    [InlineData("""{}""", HttpStatusCode.BadRequest)]
    public async Task Behaviors_are_switched_on_the_control_page(string body, HttpStatusCode expected)
    {
        using var client = _gateway.Client(null);
        using var content = new StringContent(body);
        using var response = await client.PutAsync(new Uri(_menps.Address, "/control/behavior"), content);
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Without_assertions_the_stand_in_still_wants_the_gateways_certificate()
    {
        var options = new StandInOptions
        {
            Institution = "menps",
            Certificate = _gateway.Pki.Provider("menps"),
            GatewayAuthority = _gateway.Pki.AuthorityFile(DevelopmentPki.Servers),
            RequireAssertion = false,
        };
        await using var bare = await StandIn.StartAsync(
            options,
            InstitutionCatalogue.Operations("menps", _gateway.Calendar, 10),
            TimeProvider.System
        );
        using var content = new StringContent(_gateway.EnrolmentBody(Fixtures.PlainChild));
        using var certificate = _gateway.Pki.GatewayAsClient().Load();
        using var known = _gateway.Client(certificate);
        using var answer = await known.PostAsync(new Uri(bare.Address, Path), content);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var nobody = _gateway.Client(null);
        using var again = new StringContent(_gateway.EnrolmentBody(Fixtures.PlainChild));
        using var refused = await nobody.PostAsync(new Uri(bare.Address, Path), again);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }
}
