using System.Net;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Persons;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Batches;

/// <summary>A batch belongs to one system, agreement, purpose and operation. To whoever comes otherwise it does not exist.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class BatchBindingTests : IAsyncLifetime
{
    private const string Other = "ANSS-MENPS-2026-02";
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Witnesses = 0,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                EditContracts = static contracts =>
                {
                    // A second agreement of the same parties, for the same purposes and systems.
                    var text = File.ReadAllText(Path.Combine(contracts, "agreements", "ANSS-MENPS-2026-01.yaml"))
                        .Replace("ANSS-MENPS-2026-01", Other, StringComparison.Ordinal);
                    var signatures = text.IndexOf("signatures:", StringComparison.Ordinal);
                    File.WriteAllText(Path.Combine(contracts, "agreements", Other + ".yaml"), signatures < 0 ? text : text[..signatures]);
                },
            }
        );

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Fact, Provokes("resource-unknown")]
    public async Task Under_another_purpose_agreement_or_system_a_batch_does_not_exist()
    {
        var mine = new BatchCall(_town, purpose: "ASD_SCHOOLING");
        await mine.Submit(Fixtures.PlainChild);
        await mine.Completed();
        BatchCall[] others =
        [
            new(_town, purpose: "ASD_BACK_TO_SCHOOL"),
            new(_town, purpose: "ASD_SCHOOLING", agreement: Other),
            new(_town, "anss-eligibility", "ASD_SCHOOLING"),
        ];
        var nothing = BatchCall.Path + "/" + Ledger.Ulid.New(TimeProvider.System);
        // The record of the refusal names the agreement that was shown, not that of the batch. The first of its kind has a record of its
        // own.
        var record = await (await others[1].Get("/results", at: mine.Location)).Record();
        Assert.Equal(
            ("deny", Forge.Reference(_town, Other)),
            (record.GetProperty("ev").GetString(), record.GetProperty("agr").GetString())
        );
        foreach (var other in others)
        {
            foreach (var (below, method) in new[] { ("", HttpMethod.Get), ("/results", HttpMethod.Get), ("", HttpMethod.Delete) })
            {
                var reply = await other.Get(below, method, mine.Location);
                Assert.Equal((HttpStatusCode.NotFound, "resource-unknown"), (reply.Status, reply.Code));
                Assert.Equal(Alike(await other.Get(below, method, nothing)), Alike(reply));
            }
        }

        Assert.Single(await mine.Results());
    }

    [Fact]
    public async Task While_its_agreement_is_suspended_its_results_are_not_to_be_had_by_another()
    {
        var (mine, other) = (
            new BatchCall(_town, purpose: "ASD_SCHOOLING"),
            new BatchCall(_town, purpose: "ASD_SCHOOLING", agreement: Other)
        );
        await mine.Submit(Fixtures.PlainChild);
        await mine.Completed();
        var token = await _town.TokenFor("anss-batch", "ASD_SCHOOLING", "ANSS-MENPS-2026-01", BatchCall.Scope);
        await StatusTest.StatusOf(_town).Suspend(StoppedKind.Agreement, "ANSS-MENPS-2026-01", "test");
        await Soon.Holds(
            async () =>
                (await _town.Send(mine.Location + "/results", body: null, token, _town.ClientAs("anss-batch"), method: HttpMethod.Get))
                    is { Status: HttpStatusCode.Forbidden },
            "it is refused"
        );
        Assert.Equal("resource-unknown", (await other.Get("/results", at: mine.Location)).Code);
        await StatusTest.StatusOf(_town).Lift(StoppedKind.Agreement, "ANSS-MENPS-2026-01");
        await Soon.Holds(
            async () =>
                (await _town.Send(mine.Location + "/results", body: null, token, _town.ClientAs("anss-batch"), method: HttpMethod.Get))
                    is { Status: HttpStatusCode.OK },
            "it is over"
        );
    }

    [Fact]
    public async Task A_key_belongs_to_one_system_agreement_and_purpose_and_meets_nobody_elses()
    {
        var (key, line) = (Guid.CreateVersion7(), new[] { BatchCall.Line(_town, "a", Fixtures.PlainChild) });
        BatchCall[] calls =
        [
            new(_town, purpose: "ASD_SCHOOLING"),
            new(_town, purpose: "ASD_BACK_TO_SCHOOL"),
            new(_town, purpose: "ASD_SCHOOLING", agreement: Other),
            new(_town, "anss-eligibility", "ASD_SCHOOLING"),
        ];
        foreach (var call in calls)
            Assert.Equal(HttpStatusCode.Accepted, (await call.SubmitLines(line, key)).Status);
        Assert.Equal(calls.Length, calls.Select(static call => call.Location).Distinct(StringComparer.Ordinal).Count());
        // Its own it does meet.
        var first = calls[0].Location;
        Assert.Equal(first, (await calls[0].SubmitLines(line, key)).Header("Location"));
        Assert.Equal("idempotency-conflict", (await calls[0].SubmitLines([BatchCall.Line(_town, "b", Fixtures.PlainChild)], key)).Code);
    }

    private static string Alike(Reply reply) =>
        $"{reply.Status} {reply.Text.Replace(reply.Json.GetProperty("instance").GetString()!, "", StringComparison.Ordinal)}";
}
