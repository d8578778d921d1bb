using System.Net;
using System.Text;
using System.Text.Json;
using Postgres;
using Sandbox;
using Tokens.Stores;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>Whether a dossier is open cannot be found out by declaring: a contradiction costs the system a miss, as any refusal about a
/// person does.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class DeclaredMissesTest(RealPostgres server) : IDisposable
{
    private const string Single = "anss-eligibility",
        Agreement = "ANSS-MENPS-2026-01";
    private const int Allowance = 100;
    private readonly string _state = Directory.CreateTempSubdirectory("town-").FullName;

    private static DateOnly Today => Agreements.CivilTime.Today(TimeProvider.System);

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_system_that_contradicts_the_register_too_often_is_stopped_whoever_it_declares_next_also_after_a_restart(bool shared)
    {
        var database = shared ? await server.NewDatabase() : null;
        await using (var town = await Start(database))
        {
            // What has its effect, or had it before, costs nothing.
            string[] fine = [.. Codes(await town.Dossiers(Lines(0, Allowance + 20, static person => Declare.Open(person, Today))))];
            string[] again = [.. Codes(await town.Dossiers(Lines(0, Allowance + 20, static person => Declare.Open(person, Today))))];
            Assert.All(fine, static code => Assert.Equal("ACCEPTED", code));
            Assert.All(again, static code => Assert.Equal("UNCHANGED", code));

            var closing = await town.Dossiers(Lines(1_000, Allowance + 30, static person => Declare.Close(person, Today, Today)));
            string[] codes = [.. Codes(closing)];
            Assert.All(codes[..Allowance], static code => Assert.Equal("state-conflict", code));
            Assert.All(codes[Allowance..], static code => Assert.Equal("miss-budget-exhausted", code));
            await MustBeStopped(town);

            // Another system of the grant goes on, one declaration at a time, and is stopped by its own.
            Assert.Equal("""{"result":"ACCEPTED"}""", (await town.Dossier(Declare.Open(Declare.Nobody(5_000), Today))).Text);
            var token = await town.TokenFor(Single, "ASD_SCHOOLING", Agreement, "dossiers.declaration.create");
            var http = town.ClientAs(Single);
            for (var number = 0; number < Allowance; number++)
                Assert.Equal("state-conflict", (await Say(Declare.Move(Declare.Nobody(6_000 + number), Today, "06.467."))).Code);
            var stopped = await Say(Declare.Open(Declare.Nobody(7_000), Today));
            await RefusalsTest.Refused(stopped, HttpStatusCode.TooManyRequests, "miss-budget-exhausted", "QUO-05");

            async Task<Reply> Say(object declaration)
            {
                using var body = new StringContent(JsonSerializer.Serialize(declaration), Encoding.UTF8, "application/json");
                var key = Guid.CreateVersion7().ToString();
                return await town.Send(Declare.One, body, token, http, request => request.Headers.Add("Idempotency-Key", key));
            }
        }

        await using (var town = await Start(database))
            await MustBeStopped(town);
    }

    // Those who have a dossier and those who have none are told the same.
    private static async Task MustBeStopped(Town town)
    {
        foreach (var first in new[] { 0, 9_000 })
        {
            var opening = await town.Dossiers(Lines(first, 2, static person => Declare.Open(person, Today)));
            Assert.All(Codes(opening), static code => Assert.Equal("miss-budget-exhausted", code));
        }
    }

    private static IEnumerable<object> Lines(int first, int count, Func<string, object> declare) =>
        Enumerable.Range(first, count).Select(number => Declare.Line($"d-{number}", declare(Declare.Nobody(number))));

    private static IEnumerable<string> Codes(Reply reply)
    {
        Assert.True(reply.Status == HttpStatusCode.OK, reply.Text);
        return reply
            .Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonSerializer.Deserialize<JsonElement>(line))
            .Select(static line => line.TryGetProperty("code", out var code) ? code.GetString()! : line.GetProperty("result").GetString()!);
    }

    private Task<Town> Start(string? database) =>
        Town.StartAsync(
            new TownOptions
            {
                State = _state,
                Pupils = 50,
                Witnesses = 0,
                KeepsQuotas = true,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                ConfigureGateway = gateway =>
                {
                    if (database is not null)
                        gateway.Quotas = new StoreSettings { Postgres = database, PasswordFile = server.PasswordFile };
                },
            }
        );
}
