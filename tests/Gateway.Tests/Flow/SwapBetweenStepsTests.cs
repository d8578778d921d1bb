using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Authentication;
using Ledger.Notes;
using Ledger.Tiles;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>
/// Route and registry of a request are decided once: whatever is swapped between two of its steps, its answer is of one snapshot.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class SwapBetweenStepsTests
{
    private const string Client = "anss-eligibility";

    [Fact]
    public async Task Wherever_the_registry_is_swapped_an_answer_and_its_record_are_of_one_snapshot()
    {
        using var clock = new RequestClock();
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 50,
                Witnesses = 0,
                Clock = clock,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
            }
        );
        clock.Port = new Uri(town.File.Gateway).Port;
        var (wide, narrow) = (WideAndNarrow.Wide(town)[0], WideAndNarrow.Narrow(town)[0]);
        var token = await town.TokenFor(Client, "ASD_SCHOOLING");
        using var open = new OpenConnection(town, HttpVersion.Version11, Client);
        var answers = new List<Reply>();
        var swapped = 0;
        for (var step = 1; ; step++)
        {
            // Into what is wider, and into what is narrower: neither may be mixed with the other.
            foreach (var (before, after) in new[] { (wide, narrow), (narrow, wide) })
            {
                town.Law.Take(before, []);
                var isSwapped = false;
                clock.At(step, () =>
                {
                    town.Law.Take(after, []);
                    isSwapped = true;
                });
                using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
                answers.Add(await town.Send(Ask.Enrolments, body, token, open.Http, open.InVersion));
                if (isSwapped)
                    swapped++;
            }

            if (clock.Read < step)
                break;
        }

        Assert.True(swapped > 20, $"{swapped} swaps: the request does not read this clock");
        await Judge(town, answers, wide.Digest, narrow.Digest);
    }

    private static async Task Judge(Town town, List<Reply> answers, string wide, string narrow)
    {
        var last = answers.Max(static reply => reply.Receipt().Size);
        await Soon.Holds(() => Task.FromResult(town.Ledger.Published?.Size >= last), "the records are published");
        var log = LogReader.Open(town.LedgerFolder, VerifierKey.Parse(town.File.Ledger.Vkey));
        foreach (var reply in answers)
        {
            Assert.Equal((HttpStatusCode.OK, "MATCHED"), (reply.Status, reply.MatchStatus));
            var record = JsonSerializer.Deserialize<JsonElement>(log.Entry(reply.Receipt().Index).Text.Span);
            var policy = record.GetProperty("pol").GetString();
            Assert.Contains(policy, new[] { wide, narrow });
            var released = policy == wide ? WideAndNarrow.WideFields : WideAndNarrow.NarrowFields;
            Assert.Equal(
                released,
                record.GetProperty("fld").EnumerateArray().Select(static one => one.GetString()).Order(StringComparer.Ordinal)
            );
            Assert.Equal(
                released,
                reply
                    .Json.GetProperty("enrolment")
                    .EnumerateObject()
                    .Select(static one => "enrolment." + one.Name)
                    .Order(StringComparer.Ordinal)
            );
        }
    }
}
