using System.Net;
using System.Text.Json;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Sandbox.Tests.Apart;

/// <summary>A program that is asked to stop says so before it does: red readiness, calls served on, then closed listeners and finished
/// calls.</summary>
[Trait("Tier", "Whole")]
public sealed class StoppingTests
{
    private const string Operation = "education.school-enrolment.read";

    [Fact]
    public async Task A_gateway_that_is_asked_to_stop_turns_red_serves_on_and_finishes_what_it_began()
    {
        await using var town = await ApartTown.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["Gateway__StopGrace"] = "00:00:03" },
            remember: 16
        );
        using var partner = new Partner(town.File, town.File.Clients[0]);
        var token = await town.TokenAsync(partner, Operation);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(town, partner, token)).Status);
        town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(4), count: 1);
        var before = town["menps"].Received.All.Length;
        var slow = AskAsync(town, partner, token);
        while (town["menps"].Received.All.Length == before)
            await Task.Delay(20, TestContext.Current.CancellationToken);

        await town.Gateway.TermAsync();
        var (status, page) = await UntilRedAsync(town.File.Metrics);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.False(page.GetProperty("running").GetBoolean());
        Assert.StartsWith("stopping", page.GetProperty("notes").GetProperty("running").GetString(), StringComparison.Ordinal);
        using (var newcomer = new Partner(town.File, town.File.Clients[0]))
            Assert.Equal((HttpStatusCode.OK, true), await AskAsync(town, newcomer, token)); // the balancer may not have looked yet

        Assert.Equal((HttpStatusCode.OK, true), await slow);
        Assert.Equal(0, await town.Gateway.EndedAsync());
    }

    [Fact]
    public async Task An_authority_that_is_asked_to_stop_turns_red_and_issues_on_until_its_listeners_close()
    {
        await using var town = await ApartTown.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["Authority__StopGrace"] = "00:00:03" }
        );
        using var partner = new Partner(town.File, town.File.Clients[0]);
        await town.TokenAsync(partner, Operation);
        await town.Authority.TermAsync();
        var (status, page) = await UntilRedAsync($"http://localhost:{town.Ports.AuthorityOperations}/metrics");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, false), (status, page.GetProperty("running").GetBoolean()));
        await partner.Token(Operation);
        Assert.Equal(0, await town.Authority.EndedAsync());
    }

    private static async Task<(HttpStatusCode Status, bool HasReceipt)> AskAsync(ApartTown town, Partner partner, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(town.File.Gateway + "/education/v1/school-enrolments/query"));
        request.Headers.Authorization = new("Bearer", token);
        request.Content = new StringContent(
            JsonSerializer.Serialize(
                new { subject = new { scheme = "idcs", value = Fixtures.PlainChild }, schoolYear = town.File.SchoolYear }
            ),
            System.Text.Encoding.UTF8,
            "application/json"
        );
        using var response = await partner.Http.SendAsync(request);
        return (response.StatusCode, response.Headers.Contains("Audit-Receipt"));
    }

    private static async Task<(HttpStatusCode Status, JsonElement Page)> UntilRedAsync(string metrics)
    {
        using var http = new HttpClient();
        var address = new Uri(metrics.Replace("/metrics", "/health/ready", StringComparison.Ordinal));
        while (true)
        {
            using var answer = await http.GetAsync(address, TestContext.Current.CancellationToken);
            var page = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
            if (!page.GetProperty("running").GetBoolean())
                return (answer.StatusCode, page);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
