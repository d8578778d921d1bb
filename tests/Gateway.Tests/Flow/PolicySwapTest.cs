using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json;
using Agreements;
using Agreements.Loading;
using Gateway.Tests.Authentication;
using Ledger.Notes;
using Ledger.Tiles;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>
/// The law changes under load, far oftener than files can change it: the watcher joins what comes within a quarter of a second.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class PolicySwapTest
{
    private const int SwapsPerSecond = 50,
        Swaps = 4 * SwapsPerSecond,
        Lanes = 6;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Fifty_swaps_a_second_lose_no_request_and_mix_no_law(string version)
    {
        await using var town = await Town.StartAsync(
            new TownOptions { Pupils = 100, ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100) }
        );
        // Sets of their own, so that nothing cached for one serves another: half release when the child was enrolled, half do not.
        var wide = WideAndNarrow.Wide(town, 4);
        var narrow = WideAndNarrow.Narrow(town, 4);
        Assert.NotEqual(wide[0].Digest, narrow[0].Digest);
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        using var stop = new CancellationTokenSource();
        var swapping = SwapAsync(
            town.Law,
            [.. wide.Zip(narrow).SelectMany(static pair => new[] { pair.First, pair.Second })],
            stop.CancelAsync
        );
        var answers = new ConcurrentBag<Reply>();
        await Task.WhenAll(
            Enumerable
                .Range(0, Lanes)
                .Select(async _ =>
                {
                    using var open = new OpenConnection(town, Version.Parse(version), "anss-eligibility");
                    while (!stop.IsCancellationRequested)
                    {
                        using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
                        answers.Add(await town.Send(Ask.Enrolments, body, token, open.Http, open.InVersion));
                    }

                    Assert.Equal(1, open.Opened);
                })
        );
        var took = await swapping;
        Assert.True(answers.Count > 20, $"{answers.Count} answers");
        await Judge(town, answers, wide[0].Digest, narrow[0].Digest);
        TestContext.Current.SendDiagnosticMessage(
            $"HTTP/{version}: {answers.Count} answers under {Swaps} swaps in {took.TotalSeconds:F1} s"
        );
    }

    private static async Task Judge(Town town, ConcurrentBag<Reply> answers, string wide, string narrow)
    {
        var last = answers.Max(static reply => reply.Receipt().Size);
        await Soon.Holds(() => Task.FromResult(town.Ledger.Published?.Size >= last), "the records are published");
        var log = LogReader.Open(town.LedgerFolder, VerifierKey.Parse(town.File.Ledger.Vkey));
        var under = new Dictionary<string, int>(StringComparer.Ordinal) { [wide] = 0, [narrow] = 0 };
        foreach (var reply in answers)
        {
            Assert.Equal((HttpStatusCode.OK, "MATCHED"), (reply.Status, reply.MatchStatus));
            var record = JsonSerializer.Deserialize<JsonElement>(log.Entry(reply.Receipt().Index).Text.Span);
            var policy = record.GetProperty("pol").GetString()!;
            if (policy == town.Contracts.Registry.Digest && !under.ContainsKey(policy))
                continue; // before the first swap
            under[policy]++;
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

        // Two digests, never a third, and both were law while answers were made.
        Assert.Equal(2, under.Count);
        Assert.All(under.Values, static count => Assert.True(count > 0));
    }

    private static async Task<TimeSpan> SwapAsync(RegistryWatcher watcher, ImmutableArray<Registry> laws, Func<Task> over)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var swaps = 0; swaps < Swaps; swaps++)
        {
            // A machine too busy for a swap in time owes it, and pays it with the next: fifty a second on the average, whatever else runs.
            var early = (swaps * TimeSpan.FromSeconds(1.0 / SwapsPerSecond)) - TimeProvider.System.GetElapsedTime(began);
            if (early > TimeSpan.Zero)
                await Task.Delay(early);
            else
                await Task.Yield();
            watcher.Take(laws[swaps % laws.Length], []);
        }

        await over();
        return TimeProvider.System.GetElapsedTime(began);
    }
}
