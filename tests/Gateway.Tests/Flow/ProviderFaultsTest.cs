using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>A provider that is slow, dead, busy or lying: the consumer learns whose fault it is, and nothing of what was sent.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class ProviderFaultsTest(TownFixture fixture) : IDisposable
{
    private readonly Sandbox.Town _town = fixture.Town;

    public void Dispose()
    {
        _town["anapec"].Behaviors.Clear();
        _town["menps"].Behaviors.Clear();
    }

    [
        Theory,
        Provokes(
            "provider-timeout",
            "provider-unavailable",
            "provider-busy",
            "provider-refused",
            "provider-error",
            "provider-invalid-answer",
            "provider-answer-too-large",
            "provider-wrong-subject"
        )
    ]
    [InlineData(BehaviorMode.Slow, 504, "provider-timeout", "FWD-04")]
    [InlineData(BehaviorMode.Silent, 504, "provider-timeout", "FWD-04")]
    [InlineData(BehaviorMode.Trickle, 504, "provider-timeout", "FWD-04")]
    [InlineData(BehaviorMode.Down, 503, "provider-unavailable", "FWD-01")]
    [InlineData(BehaviorMode.ResetMidBody, 503, "provider-unavailable", "FWD-01")]
    [InlineData(BehaviorMode.Busy, 503, "provider-busy", "FWD-03")]
    [InlineData(BehaviorMode.Refuse, 502, "provider-refused", "FWD-05")]
    [InlineData(BehaviorMode.Error, 502, "provider-error", "FWD-06")]
    [InlineData(BehaviorMode.WrongType, 502, "provider-invalid-answer", "MIN-01")]
    [InlineData(BehaviorMode.NotJson, 502, "provider-invalid-answer", "MIN-01")]
    [InlineData(BehaviorMode.DuplicateMember, 502, "provider-invalid-answer", "MIN-01")]
    [InlineData(BehaviorMode.BadUtf8, 502, "provider-invalid-answer", "MIN-01")]
    [InlineData(BehaviorMode.Cut, 502, "provider-invalid-answer", "MIN-01")]
    [InlineData(BehaviorMode.GzipBomb, 502, "provider-invalid-answer", "MIN-01")]
    [InlineData(BehaviorMode.TooLarge, 502, "provider-answer-too-large", "MIN-02")]
    [InlineData(BehaviorMode.WrongSubject, 502, "provider-wrong-subject", "MIN-03")]
    public async Task A_misbehaving_provider_is_the_providers_fault(BehaviorMode mode, int status, string code, string rule)
    {
        _town["anapec"].Behaviors.Set(mode);
        var reply = await JobSeeker();
        await RefusalsTest.Refused(reply, (HttpStatusCode)status, code, rule);
        Assert.Equal("anapec", reply.Json.GetProperty("provider").GetString());
        Assert.Equal("provider", (await reply.Record()).GetProperty("by").GetString());
        Assert.DoesNotContain("   at ", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_hundred_surplus_members_change_nothing_but_the_count()
    {
        var plain = await _town.Enrolment(Fixtures.PlainChild);
        _town["menps"].Behaviors.Set(BehaviorMode.ExtraFields);
        var surplus = await _town.Enrolment(Fixtures.PlainChild);
        Assert.Equal(plain.Text, surplus.Text);
        Assert.True((await surplus.Record()).GetProperty("und").GetInt32() >= 300);
    }

    [Fact]
    public async Task Not_found_by_404_is_an_error_where_the_institution_file_does_not_say_otherwise()
    {
        _town["anapec"].Behaviors.Set(BehaviorMode.NotFound404);
        var body = JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.PregnantWoman } });
        var reply = await _town.Post(Ask.JobSeekers, body, purpose: "ASD_ELIGIBILITY");
        await RefusalsTest.Refused(reply, HttpStatusCode.BadGateway, "provider-error", "FWD-06");
    }

    [Fact]
    public async Task After_many_failures_the_circuit_opens_and_after_a_pause_it_closes_again()
    {
        _town["anapec"].Behaviors.Set(BehaviorMode.Error);
        for (var i = 0; i < 12; i++)
            await JobSeeker();
        _town["anapec"].Received.Clear();
        var refused = await JobSeeker();
        Assert.Equal("provider-unavailable", refused.Code);
        Assert.NotNull(refused.Header("Retry-After"));
        Assert.False((await refused.Record()).TryGetProperty("prov", out _));
        Assert.Empty(_town["anapec"].Received.All);
        // Other towns of the process show their circuits on the same page.
        using var plain = new HttpClient();
        var page = await plain.GetStringAsync(new Uri(_town.File.Metrics));
        Assert.Contains("gateway_provider_circuit{provider=\"anapec\"} 1\n", page, StringComparison.Ordinal);
        _town["anapec"].Behaviors.Clear();
        Reply reply;
        var attempts = 0;
        do
        {
            await Task.Delay(500);
            reply = await JobSeeker();
        } while (reply.Status != HttpStatusCode.OK && ++attempts < 40);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
    }

    [Fact]
    public async Task A_record_names_as_asked_only_those_whom_the_question_may_have_reached()
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100 });
        Assert.Equal("anapec", (await (await JobSeeker(town)).Record()).GetProperty("prov")[0].GetProperty("id").GetString());
        town["anapec"].Behaviors.Set(BehaviorMode.Down);
        Assert.Equal("anapec", (await (await JobSeeker(town)).Record()).GetProperty("prov")[0].GetProperty("id").GetString());
        // It takes connections and never says a word of TLS.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var file = Path.Combine(town.Contracts.Folder, "institutions", "anapec.yaml");
        var text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(
            file,
            text.Replace(
                $"localhost:{town["anapec"].Port}/",
                $"localhost:{((IPEndPoint)silent.LocalEndpoint).Port}/",
                StringComparison.Ordinal
            )
        );
        Reply late;
        var attempts = 0;
        do late = await JobSeeker(town);
        while (late.Code != "provider-timeout" && ++attempts < 40);
        Assert.Equal("provider-timeout", late.Code);
        var record = await late.Record();
        Assert.False(record.TryGetProperty("prov", out _));
        Assert.True(record.GetProperty("ms")[1].GetInt32() > 0);
        silent.Stop();
        var refused = await JobSeeker(town);
        Assert.Equal("provider-unavailable", refused.Code);
        Assert.False((await refused.Record()).TryGetProperty("prov", out _));
    }

    [Theory]
    [InlineData(BehaviorMode.WrongSubject, "provider-wrong-subject")]
    [InlineData(BehaviorMode.ModifierExtension, "provider-modifier-refused")]
    [InlineData(BehaviorMode.WrongType, "provider-invalid-answer")]
    [Provokes("provider-modifier-refused")]
    public async Task A_health_system_that_lies_is_refused_as_an_operation_outcome(BehaviorMode mode, string code)
    {
        _town["msps"].Behaviors.Set(mode);
        try
        {
            var reply = await _town.Immunization(Fixtures.Infant);
            Assert.Equal(HttpStatusCode.BadGateway, reply.Status);
            Assert.Equal(code, reply.Code);
            Assert.Equal("OperationOutcome", reply.Json.GetProperty("resourceType").GetString());
        }
        finally
        {
            _town["msps"].Behaviors.Clear();
        }
    }

    private Task<Reply> JobSeeker() => JobSeeker(_town);

    private static Task<Reply> JobSeeker(Town town) =>
        town.Post(
            Ask.JobSeekers,
            JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.JobSeeker } }),
            purpose: "ASD_ELIGIBILITY"
        );
}
