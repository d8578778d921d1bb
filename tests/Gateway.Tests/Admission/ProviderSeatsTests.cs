using System.Net;
using System.Text;
using Gateway.Forwarding;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Admission;

/// <summary>
/// An institution takes so many questions at once; the rest wait by system until their own deadline, and nobody is refused for their
/// number.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class ProviderSeatsTests
{
    private const string Noisy = "anss-eligibility",
        Quiet = "anss-payments";

    [Fact]
    public async Task Far_more_callers_than_seats_are_all_answered_and_another_system_is_served_in_turn()
    {
        await using var town = await Seats(1);
        var (noisyToken, quietToken) = (await town.TokenFor(Noisy, "ASD_SCHOOLING"), await town.TokenFor(Quiet, "ASD_BACK_TO_SCHOOL"));
        Assert.Equal(HttpStatusCode.OK, (await Question(town, quietToken, Quiet)).Status);
        town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(2));
        using var connection = new OpenConnection(town, HttpVersion.Version20, Noisy);
        var noisy = Enumerable.Range(0, 40).Select(_ => Question(town, noisyToken, connection)).ToList();
        await Soon.Holds(() => Task.FromResult(Waiting(town) == 39), "the noisy system waits for the one seat");
        town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromMilliseconds(60));
        var quiet = await Question(town, quietToken, Quiet);
        Assert.Equal(HttpStatusCode.OK, quiet.Status);
        Assert.InRange(noisy.Count(static one => !one.IsCompleted), 20, 40);
        foreach (var one in noisy)
            Assert.Equal(HttpStatusCode.OK, (await one).Status);
        Assert.Equal(0, Waiting(town));
    }

    [Fact, Provokes("overloaded")]
    public async Task Who_gets_no_seat_before_its_deadline_is_told_so_and_the_institution_was_not_asked()
    {
        await using var town = await Seats(1, static contracts => Hurried(contracts, "ASD_BACK_TO_SCHOOL"));
        var (patientToken, hurriedToken) = (await town.TokenFor(Noisy, "ASD_SCHOOLING"), await town.TokenFor(Quiet, "ASD_BACK_TO_SCHOOL"));
        town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(4));
        var first = Question(town, patientToken, Noisy);
        await Soon.Holds(() => Task.FromResult(town["menps"].Received.Total == 1), "the seat is taken");
        var refused = await Question(town, hurriedToken, Quiet);
        Assert.False(first.IsCompleted);
        await RefusalsTest.Refused(refused, HttpStatusCode.ServiceUnavailable, "overloaded", "WIR-07");
        Assert.NotNull(refused.Header("Retry-After"));
        Assert.False((await refused.Record()).TryGetProperty("prov", out _));
    }

    [Fact]
    public async Task Who_hangs_up_while_waiting_leaves_the_queue_and_is_never_asked_about()
    {
        await using var town = await Seats(1);
        town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(1));
        var token = await town.TokenFor(Noisy, "ASD_SCHOOLING");
        var first = Question(town, token, Noisy);
        await Soon.Holds(() => Task.FromResult(town["menps"].Received.Total == 1), "the seat is taken");
        using var hangUp = new CancellationTokenSource();
        var gone = Enumerable.Range(0, 20).Select(_ => Question(town, token, Noisy, hangUp.Token)).ToList();
        await Soon.Holds(() => Task.FromResult(Waiting(town) == 20), "all wait");
        await hangUp.CancelAsync();
        await Soon.Holds(() => Task.FromResult(Waiting(town) == 0), "nobody waits any more");
        foreach (var one in gone)
            await Assert.ThrowsAnyAsync<Exception>(() => one);
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
        Assert.Equal(HttpStatusCode.OK, (await Question(town, token, Noisy)).Status);
        Assert.Equal(2, town["menps"].Received.Total);
    }

    [Fact]
    public async Task Batches_leave_seats_to_single_questions_of_their_own_system_too()
    {
        await using var town = await Seats(2, static contracts =>
            Limits.Write(contracts, "institutions/menps.yaml", "chunkSize: 500", "chunkSize: 1")
        );
        var batches = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SlowBatch.SubmitAsync(town, TimeSpan.FromMilliseconds(150))));
        await Soon.Holds(() => Task.FromResult(Waiting(town) > 0), "batches wait for the seats that they may have");
        Assert.Equal(HttpStatusCode.OK, (await Question(town, await town.TokenFor(Noisy, "ASD_SCHOOLING"), Noisy)).Status);
        foreach (var batch in batches)
            Assert.NotEqual("COMPLETED", (await batch.Get()).Json.GetProperty("state").GetString());
    }

    private static int Waiting(Town town) =>
        town.GatewayHost.Services.GetRequiredService<ProviderConnections>().Waiting.Sum(static one => one.Waiting);

    private static Task<Town> Seats(int number, Action<string>? more = null) =>
        Limits.TownAsync(contracts =>
        {
            Limits.Write(contracts, "institutions/menps.yaml", "  bulk: chunk", $"  maxInFlight: {number}\n  bulk: chunk");
            more?.Invoke(contracts);
        });

    // One second for the exchanges of one purpose.
    private static void Hurried(string contracts, string purpose)
    {
        var file = Path.Combine(contracts, "agreements", "ANSS-MENPS-2026-01.yaml");
        var text = File.ReadAllText(file);
        var at = text.IndexOf("deadline: PT8S", text.IndexOf($"purpose: {purpose}", StringComparison.Ordinal), StringComparison.Ordinal);
        File.WriteAllText(file, $"{text[..at]}deadline: PT1S{text[(at + "deadline: PT8S".Length)..]}");
    }

    private static async Task<Reply> Question(Town town, string token, OpenConnection connection)
    {
        using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
        return await town.Send(Ask.Enrolments, body, token, connection.Http, connection.InVersion);
    }

    private static async Task<Reply> Question(Town town, string token, string client, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(town.File.Gateway + Ask.Enrolments))
        {
            Content = new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", token);
        return await Reply.Of(town, await town.ClientAs(client).SendAsync(request, cancellation));
    }
}
