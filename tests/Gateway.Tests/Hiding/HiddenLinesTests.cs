using System.Text.Json;
using Gateway.Tests.Batches;
using Gateway.Tests.Flow;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Hiding;

/// <summary>In a batch, too, a person who must look unknown is a line like that of one whom nobody knows, whether lines are asked
/// together or one by one.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class HiddenLinesTests
{
    [Theory]
    [InlineData("chunk")]
    [InlineData("single")]
    public async Task A_line_about_a_hidden_person_is_that_of_an_unknown_one_under_every_fault(string bulk)
    {
        await using var town = await HidingTown.StartAsync(
            static text => text.Replace("deadline: PT8S", "deadline: PT2S", StringComparison.Ordinal),
            provider => provider.Replace("  bulk: chunk\n", $"  bulk: {bulk}\n", StringComparison.Ordinal)
        );
        (BehaviorMode Mode, TimeSpan? Delay, string Outcome)[] faults =
        [
            (BehaviorMode.Down, null, "unavailable"),
            (BehaviorMode.Slow, TimeSpan.FromMilliseconds(150), "answered"),
            (BehaviorMode.NotJson, null, "unavailable"),
            (BehaviorMode.WrongSubject, null, "unavailable"),
            (BehaviorMode.Busy, null, "unavailable"),
            (BehaviorMode.Stale, null, "answered"),
            // A chunk has a minute of its own, however short the time of a line is.
            (BehaviorMode.Slow, TimeSpan.FromSeconds(4), bulk == "chunk" ? "answered" : "unavailable"),
        ];
        foreach (var (mode, delay, outcome) in faults)
        {
            // The source was well for longer than the gateway looks back, and then it was not.
            town.Source.Clear();
            for (var attempt = 0; attempt < 100 && !await IsWell(town); attempt++)
                await Task.Delay(100);
            town.Source.Set(mode, delay: delay);
            await Lines(town, [.. Enumerable.Repeat(Fixtures.UnknownChild, 8)]);
            town.Town["mesri"].Received.Clear();
            var unknown = (await Lines(town, Fixtures.UnknownChild))[0];
            Assert.Equal($"{mode} {outcome}", $"{mode} {BatchCall.Text(unknown, "outcome")}");
            var hidden = await Lines(town, Fixtures.NoDossier, Fixtures.OtherProvince);
            var mixed = await Lines(town, Fixtures.NoDossier, Fixtures.UnknownChild, Fixtures.OtherProvince);
            Assert.All(hidden.Concat(mixed), line => Assert.Equal($"{mode} {Alike(unknown)}", $"{mode} {Alike(line)}"));
        }
    }

    private static async Task<bool> IsWell(HidingTown town) =>
        (await Lines(town, [.. Enumerable.Repeat(Fixtures.UnknownChild, 70)])).All(static line =>
            BatchCall.Text(line, "outcome") == "answered"
        );

    private static async Task<List<JsonElement>> Lines(HidingTown town, params string[] persons)
    {
        var batch = new BatchCall(town.Town, HidingTown.Client, "ASD_SCHOOLING", HidingTown.Agreement);
        await batch.Submit(persons);
        await batch.Completed();
        return await batch.Results();
    }

    // Whatever differs between two lines about the same person is left out; when to ask again is told by a clock.
    private static string Alike(JsonElement line) =>
        line.GetRawText()
            .Replace(BatchCall.Text(line, "reference")!, "", StringComparison.Ordinal)
            .Replace(BatchCall.Text(line, "exchangeId")!, "", StringComparison.Ordinal)
            .Replace(BatchCall.Text(line, "retryAt") ?? "never", "then", StringComparison.Ordinal);
}
