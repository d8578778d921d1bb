using System.Net;
using System.Text.RegularExpressions;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Gateway.Tests.Forwarding;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Batches;

/// <summary>
/// Batches whose institution does not answer keep nobody else waiting: neither another system, nor the same one elsewhere. The
/// institution answers what is
/// held when the test lets it.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed partial class FairBatchesTests : IAsyncLifetime
{
    private const int Many = 12,
        Lines = 500;
    private const string Higher = "ANSS-MESRI-2026-01",
        Schools = "ANSS-MENPS-2026-01";
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Town _town = null!;
    private RawInstitution _menps = null!;

    public async ValueTask InitializeAsync()
    {
        (_town, _menps) = await RawInstitution.StartAsync(
            "menps",
            static folder =>
            {
                // As many lines about one person as it takes.
                var file = Path.Combine(folder, "agreements", Schools + ".yaml");
                File.WriteAllText(file, Quotas().Replace(File.ReadAllText(file), "burstPerSecond: 100000,"));
            },
            static ledger => ledger.QueueRecords = 3 * Lines
        );
        _menps.Behaves = async call =>
        {
            if (call.Body.Contains("\"held-", StringComparison.Ordinal))
                await _gate.Task;
            return await RawInstitution.Answers(call);
        };
    }

    public async ValueTask DisposeAsync()
    {
        _gate.TrySetResult();
        await _menps.DisposeAsync();
        await _town.EndAsync();
    }

    [Fact]
    public async Task Batches_that_wait_for_their_institution_keep_neither_another_system_nor_the_same_one_elsewhere_waiting()
    {
        var held = await Hold();
        // Another system at another institution and at the same one; the same system elsewhere; a single question.
        await Answered(new BatchCall(_town, "anss-eligibility", "ASD_SCHOOLING", Higher));
        await Answered(new BatchCall(_town, "anss-batch", "ASD_SCHOOLING", Higher));
        await Answered(new BatchCall(_town, "anss-payments", "ASD_BACK_TO_SCHOOL", Schools));
        Assert.Equal("MATCHED", (await _town.Enrolment(Fixtures.PlainChild)).MatchStatus);
        // One that its owner no longer wants leaves at once, whether it was waiting for its turn or for its institution.
        Assert.Equal(HttpStatusCode.NoContent, (await held[0].Get(method: HttpMethod.Delete)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await held[^1].Get(method: HttpMethod.Delete)).Status);
        foreach (var batch in held[1..^1])
            Assert.Contains((await batch.Get()).Json.GetProperty("state").GetString(), (string[])["ACCEPTED", "RUNNING"]);
        _gate.SetResult();
        foreach (var batch in held[1..^1])
            await batch.Completed();
    }

    // More batches than can be under way at once, and as many lines as the log has room for.
    private async Task<List<BatchCall>> Hold()
    {
        var held = new List<BatchCall>();
        foreach (var client in new[] { "anss-batch", "anss-eligibility" })
        {
            for (var number = 0; number < Many / 2; number++)
            {
                var purpose = number % 2 == 0 ? "ASD_BACK_TO_SCHOOL" : "ASD_SCHOOLING";
                var batch = new BatchCall(_town, client, purpose);
                var lines = Enumerable.Range(0, Lines).Select(line => BatchCall.Line(_town, $"held-{line}", Fixtures.PlainChild));
                Assert.Equal(HttpStatusCode.Accepted, (await batch.SubmitLines([.. lines], Guid.CreateVersion7())).Status);
                held.Add(batch);
            }
        }

        static bool IsHeld(RawCall call) => call.Body.Contains("\"held-", StringComparison.Ordinal);
        await Soon.Holds(() => Task.FromResult(_menps.Calls.Count(IsHeld) >= 4), "they are asked about");
        return held;
    }

    [GeneratedRegex("burstPerSecond: 300,( perSubjectPerDay: .,)?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quotas();

    private async Task Answered(BatchCall batch)
    {
        await batch.Submit(Fixtures.Student, Fixtures.PlainChild);
        await batch.Completed();
        Assert.All(await batch.Results(), static line => Assert.Equal("answered", BatchCall.Text(line, "outcome")));
    }
}
