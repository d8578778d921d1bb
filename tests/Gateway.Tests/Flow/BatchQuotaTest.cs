using System.Net;
using System.Text.Json;
using Agreements;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>The day's quota is used up in the middle of a batch.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class BatchQuotaTest
{
    private const int PerDay = 10;

    [Fact]
    public async Task Lines_are_charged_one_by_one_the_rest_is_told_when_to_come_back_and_a_start_counts_the_same()
    {
        var state = Directory.CreateTempSubdirectory("town-").FullName;
        try
        {
            await using (var town = await Start(state))
            {
                // Whatever a provider fails to answer costs nothing.
                town["menps"].Behaviors.Set(BehaviorMode.Error);
                var failed = await town.BatchResults([
                    .. Enumerable.Range(0, 8).Select(number => town.BatchLine($"f-{number}", Fixtures.PlainChild)),
                ]);
                Assert.All(failed, static line => Assert.NotEqual("quota-exhausted", Code(line)));
                Assert.All(failed, static line => Assert.Equal("unavailable", line.GetProperty("outcome").GetString()));
                town["menps"].Behaviors.Clear();

                string[] persons = [.. Enumerable.Repeat(Fixtures.PartialOutage, 5), .. Enumerable.Repeat(Fixtures.PlainChild, 25)];
                var lines = await town.BatchResults([.. persons.Select((person, number) => town.BatchLine($"q-{number}", person))]);
                var answered = lines.FindAll(static line => line.GetProperty("outcome").GetString() == "answered");
                var refused = lines.FindAll(static line => Code(line) == "quota-exhausted");
                Assert.Equal((PerDay, 15, 30), (answered.Count, refused.Count, lines.Count));
                // In the order of the lines: those that were asked first are answered.
                Assert.Equal(
                    Enumerable.Range(5, PerDay).Select(static number => $"q-{number}").Order(StringComparer.Ordinal),
                    answered.Select(static line => line.GetProperty("reference").GetString()!).Order(StringComparer.Ordinal)
                );
                Assert.All(refused, static line =>
                {
                    Assert.True(line.GetProperty("retryable").GetBoolean());
                    Assert.Equal(CivilTime.EndOf(CivilTime.Today(TimeProvider.System)), line.GetProperty("retryAt").GetDateTimeOffset());
                });
                await MustBeUsedUp(town);
            }

            await using (var town = await Start(state))
            {
                await MustBeUsedUp(town);
                Assert.All(await town.BatchResults([town.BatchLine("again", Fixtures.PlainChild)]), static line =>
                    Assert.Equal("quota-exhausted", Code(line))
                );
            }
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    private static async Task MustBeUsedUp(Town town)
    {
        var single = await town.Enrolment(Fixtures.PlainChild);
        await RefusalsTest.Refused(single, HttpStatusCode.TooManyRequests, "quota-exhausted", "QUO-01");
        Assert.Equal(("10", "0"), (single.Header("RateLimit-Limit"), single.Header("RateLimit-Remaining")));
    }

    private static string? Code(JsonElement line) => line.TryGetProperty("code", out var code) ? code.GetString() : null;

    private static Task<Town> Start(string state) =>
        Town.StartAsync(
            new TownOptions
            {
                State = state,
                Pupils = 100,
                KeepsQuotas = true,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                EditContracts = static contracts =>
                {
                    var file = Directory.GetFiles(Path.Combine(contracts, "agreements"), "ANSS-MENPS-2026*").Single();
                    File.WriteAllText(
                        file,
                        File.ReadAllText(file)
                            .Replace("perDay: 1500000,", $"perDay: {PerDay},", StringComparison.Ordinal)
                            .Replace("perSubjectPerDay: 4", "perSubjectPerDay: 1000", StringComparison.Ordinal)
                    );
                },
            }
        );
}
