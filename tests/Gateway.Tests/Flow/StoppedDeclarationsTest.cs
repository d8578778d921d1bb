using System.Net;
using System.Text.Json;
using Gateway.Tests.Authentication;
using Ledger.Notes;
using Ledger.Tiles;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>
/// A batch of declarations takes several turns of the register. What is stopped between two of them has no effect in the next.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class StoppedDeclarationsTest
{
    private const int Chunk = 500,
        Lines = 1100;

    [Theory]
    [InlineData(StoppedKind.Agreement, "ANSS-MENPS-2026-01", "agreement-suspended")]
    [InlineData(StoppedKind.Client, "anss-batch", "client-suspended")]
    [InlineData(StoppedKind.Institution, "anss", "client-suspended")]
    public async Task Of_a_batch_of_declarations_that_is_stopped_the_chunks_that_had_not_begun_have_no_effect(
        StoppedKind kind,
        string id,
        string code
    )
    {
        var ledger = new WatchedLedger();
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                WrapLedger = ledger.Around,
                ConfigureLedger = static options => options.PublishEvery = TimeSpan.FromMilliseconds(100),
            }
        );
        var (said, seen) = (StatusTest.StatusOf(town), town.GatewayHost.Services.GetRequiredService<ITokenStatus>());
        var persons = Enumerable.Range(100, Lines).Select(Declare.Nobody).ToList();
        var today = Agreements.CivilTime.Today(TimeProvider.System);
        // The first chunk is durable and about to be committed when the stop comes.
        ledger.When($"\"line\":{Chunk}", async () =>
        {
            await said.Suspend(kind, id, "test");
            await Soon.Holds(() => Task.FromResult(seen.Current.IsSuspended(kind, id)), "the gateway knows");
        });
        var reply = await town.Dossiers(persons.Select((person, number) => Declare.Line($"d-{number}", Declare.Open(person, today))));
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        var answers = reply
            .Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonSerializer.Deserialize<JsonElement>(line))
            .ToList();
        Assert.Equal(Lines, answers.Count);
        Assert.All(answers[..Chunk], static line => Assert.Equal("ACCEPTED", line.GetProperty("result").GetString()));
        Assert.All(answers[Chunk..], line => Assert.Equal(code, line.GetProperty("code").GetString()));
        var batch = (await reply.Record()).GetProperty("id").GetString();
        Assert.Equal(
            Lines - Chunk,
            Records(town)
                .Count(record =>
                    record.TryGetProperty("batch", out var of)
                    && of.GetProperty("id").GetString() == batch
                    && record.GetProperty("ev").GetString() == "deny"
                    && record.GetProperty("code").GetString() == code
                )
        );

        await said.Lift(kind, id);
        await Soon.Holds(() => Task.FromResult(!seen.Current.IsSuspended(kind, id)), "the gateway knows that it is over");
        Assert.Equal("NOT_FOUND", (await town.Enrolment(persons[Chunk - 1])).MatchStatus);
        Assert.Equal("dossier-not-open", (await town.Enrolment(persons[Chunk])).Code);
        Assert.Equal("dossier-not-open", (await town.Enrolment(persons[^1])).Code);
    }

    private static IEnumerable<JsonElement> Records(Town town) =>
        LogReader
            .Open(town.LedgerFolder, VerifierKey.Parse(town.File.Ledger.Vkey))
            .Entries()
            .Select(static entry => JsonSerializer.Deserialize<JsonElement>(entry.Text.Span));
}
