using System.Text.Json;
using Ledger.Tests.Crash;
using Ledger.Tiles;
using Xunit;

namespace Sandbox.Tests.Apart;

/// <summary>T9: a long run of answers and refusals, and then the sum. Clients, log and institutions agree on every single call.</summary>
[Trait("Tier", "Whole")]
public sealed class ReceiptsTests
{
    private const int CallersAtOnce = 16,
        Slice = 4000;

    [Fact]
    public async Task Every_call_has_exactly_one_record_with_the_digests_of_its_bodies_or_is_counted_in_one_and_every_record_is_of_a_call()
    {
        var calls = Extent.Of("T9", 2_000, 100_000);
        await using var town = await ApartTown.StartAsync(remember: 2 * calls);
        var right = town.File.Clients.First(static client => client is { Id: "anss-eligibility", Purpose: "ASD_SCHOOLING" });
        var answers = new KeptAnswers();
        using var callers = new Callers(town.File, right, answers);
        for (var done = 0; done < calls; done += Slice)
        {
            // Each slice is shorter than a token lives.
            callers.Open(await town.TokenAsync(callers.Partner, right.Scopes[0]));
            var each = Math.Min(Slice, calls - done) / CallersAtOnce;
            await Task.WhenAll(
                Enumerable
                    .Range(0, CallersAtOnce)
                    .Select(caller => callers.RunAsync(done / Slice * CallersAtOnce + caller, each, CancellationToken.None))
            );
            Extent.Progress("T9", "calls", done + (each * CallersAtOnce), calls);
        }

        Assert.Equal((calls, 0, 0L), (answers.Receipts + answers.Shared, answers.Lost, answers.Unsealed));
        await town.PublishedAsync(answers.Size);
        // Identical refusals beyond five a second share a record, which is sealed when their second ends.
        for (var tries = 0; tries < 200 && answers.Uncounted(town.File.Ledger.Directory, town.Policy) > 0; tries++)
            await Task.Delay(50);
        Assert.Equal(0, answers.Uncounted(town.File.Ledger.Directory, town.Policy));
        Assert.Equal(0, answers.MustAgreeWith(town.File.Ledger.Directory, town.Policy, town.CaseOf));
        Assert.Equal([200, 400, 403], answers.ByStatus.Keys.Order());
        var received = town.Received.Select(static call => (call.Institution, Exchange: call.Call.Headers["Exchange-Id"])).Order().ToList();
        var reached = received.ToHashSet();
        Assert.Equal(received.Count, reached.Count);
        // A question that got no status may have left and not have arrived: the deadline passed, or the connection broke, with it under
        // way.
        var asked = Asked(town)
            .Where(one => one.Answered || reached.Contains((one.Institution, one.Exchange)))
            .Select(static one => (one.Institution, one.Exchange))
            .Order();
        Assert.Equal(asked, received);
        Extent.Passed(
            "T9",
            "calls, each with one record, digests and proof",
            0,
            calls,
            $"{received.Count} questions put to institutions, each named by its record"
        );
    }

    /// <summary>What the records say was asked of whom, under which exchange id, and whether a status came back.</summary>
    private static List<(string Institution, string Exchange, bool Answered)> Asked(ApartTown town)
    {
        var asked = new List<(string, string, bool)>();
        foreach (var entry in LogReader.Open(town.File.Ledger.Directory, town.Policy).Entries())
        {
            var record = JsonSerializer.Deserialize<JsonElement>(entry.Text.Span);
            if (!record.TryGetProperty("prov", out var legs))
                continue;
            var id = record.GetProperty(record.GetProperty("ev").GetString() == "decision" ? "ref" : "id").GetString()!;
            asked.AddRange(legs.EnumerateArray().Select(leg => (leg.GetProperty("id").GetString()!, id, leg.TryGetProperty("st", out _))));
        }

        return asked;
    }
}
