using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Postgres;
using Sandbox;
using Sandbox.Persons;
using Tokens.Stores;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>Somebody walks over identifiers with a stolen credential of the agency, which is told why a person may not be read.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class WalkTest(RealPostgres server) : IDisposable
{
    private const string Office = "anss-office-06181-01";
    private const int Allowance = 100;
    private readonly string _state = Directory.CreateTempSubdirectory("town-").FullName;
    private readonly ConcurrentQueue<string> _log = new();

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Is_stopped_by_refusals_that_tell_something_about_the_person_also_after_a_restart(bool shared)
    {
        var database = shared ? await server.NewDatabase() : null;
        await using (var town = await Start(database))
        {
            var ask = await Asker(town);
            // The same person again and again shares records; they are counted again all the same.
            var first = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => ask(Declare.Nobody(1))));
            Assert.All(first, static reply => Assert.Equal("dossier-not-open", reply.Code));
            Assert.Equal("territory-out-of-scope", (await ask(Fixtures.OtherProvince)).Code);
            var refused = 41;
            for (; refused < 3 * Allowance && (await ask(Declare.Nobody(100 + refused))).Code == "dossier-not-open";)
                refused++;
            Assert.Equal(Allowance, refused);
            await MustBeStopped(ask);
            await TheOperatorsWereTold(town);
        }

        await using (var town = await Start(database))
        {
            await MustBeStopped(await Asker(town));
            // Another system of the agency goes on.
            Assert.Equal("MATCHED", (await town.Enrolment(Fixtures.PlainChild)).MatchStatus);
        }
    }

    [Fact]
    public async Task Is_stopped_in_a_batch_too()
    {
        await using var town = await Start(database: null);
        var results = await town.BatchResults([
            .. Enumerable.Range(0, Allowance + 60).Select(number => town.BatchLine($"w-{number}", Declare.Nobody(number))),
        ]);
        Assert.Equal(
            (Allowance, 60),
            (
                results.Count(static line => Code(line) == "dossier-not-open"),
                results.Count(static line => Code(line) == "miss-budget-exhausted")
            )
        );
        var known = await town.BatchResults([town.BatchLine("known", Fixtures.PlainChild)]);
        Assert.Equal("miss-budget-exhausted", Code(Assert.Single(known)));
    }

    private static string? Code(JsonElement line) => line.TryGetProperty("code", out var code) ? code.GetString() : null;

    // Persons whom the system may read and those whom it may not are told the same.
    private static async Task MustBeStopped(Func<string, Task<Reply>> ask)
    {
        foreach (var person in (string[])[Fixtures.PlainChild, Fixtures.OtherProvince, Declare.Nobody(1), Declare.Nobody(9_000)])
            await RefusalsTest.Refused(await ask(person), HttpStatusCode.TooManyRequests, "miss-budget-exhausted", "QUO-05");
    }

    private async Task TheOperatorsWereTold(Town town)
    {
        Assert.Single(_log, static line =>
            line.Contains("Walk over identifiers", StringComparison.Ordinal) && line.Contains(Office, StringComparison.Ordinal)
        );
        using var http = new HttpClient();
        Assert.Matches(
            $$"""gateway_quota_walks[a-z_]*\{[^}]*{{Office}}[^}]*\} [1-9]""",
            await http.GetStringAsync(new Uri(town.File.Metrics))
        );
    }

    private static async Task<Func<string, Task<Reply>>> Asker(Town town)
    {
        var (token, client) = (await town.TokenFor(Office, "FILE_ASSISTANCE"), town.ClientAs(Office));
        return async person =>
        {
            while (true)
            {
                using var body = new StringContent(Ask.Question(town, person), Encoding.UTF8, "application/json");
                var reply = await town.Send(Ask.Enrolments, body, token, client, static request =>
                {
                    request.Headers.Add("Case-Reference", "ELJ-2026-00417");
                    request.Headers.Add("Agent", "ag-4417");
                });
                // Calls under way hold the rest, or a busy machine's counters did not answer in time.
                if (reply.Code != "overloaded" && reply.Header("Retry-After") != "1")
                    return reply;
                await Task.Delay(100);
            }
        };
    }

    private Task<Town> Start(string? database) =>
        Town.StartAsync(
            new TownOptions
            {
                State = _state,
                Pupils = 100,
                Witnesses = 0,
                KeepsQuotas = true,
                Logging = logging => logging.AddProvider(new Lines(_log)),
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                ConfigureGateway = gateway =>
                {
                    if (database is not null)
                        gateway.Quotas = new StoreSettings { Postgres = database, PasswordFile = server.PasswordFile };
                },
                EditContracts = static contracts =>
                {
                    var file = Directory.GetFiles(Path.Combine(contracts, "agreements"), "ANSS-MENPS-2026*").Single();
                    File.WriteAllText(
                        file,
                        File.ReadAllText(file).Replace("burstPerSecond: 5,", "burstPerSecond: 300,", StringComparison.Ordinal)
                    );
                },
            }
        );
}
