using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ledger.Tests.Crash;
using Ledger.Tiles;
using Postgres;
using Sandbox.Deployment;
using Xunit;

namespace Sandbox.Tests.Apart;

/// <summary>
/// The gateway program, killed at random moments under callers over mutual TLS, goes on counting its quotas where it stood, from its log or
/// from PostgreSQL and its log: in the end exactly as many calls of the day are charged as the agreement grants, each of them has its
/// record, and each of them was answered or was on its way to a caller when the gateway died.
/// </summary>
[Trait("Tier", "Whole")]
public sealed class KilledQuotaTests
{
    private const int CallersAtOnce = 32,
        PerDay = 1500;

    [Fact]
    public Task Of_the_calls_of_a_day_none_is_over_and_none_is_lost_when_a_gateway_that_counts_from_its_log_is_killed_under_load() =>
        KillUnderLoad("its own log", new Dictionary<string, string>(StringComparer.Ordinal), static () => { });

    [Fact]
    public async Task Of_the_calls_of_a_day_none_is_over_and_none_is_lost_when_a_gateway_that_counts_in_PostgreSQL_is_killed_under_load()
    {
        await using var server = new RealPostgres();
        var database = await server.NewDatabase();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Gateway__Quotas__Postgres"] = database,
            ["Gateway__Quotas__PasswordFile"] = server.PasswordFile,
        };
        await KillUnderLoad("PostgreSQL", settings, () =>
        {
            // The agreement as a whole, and its grant.
            var counted = server.Psql(
                "test1",
                "SELECT name, calls_kept, calls_held, people_kept, (SELECT count(*) FROM gateway_quota.leases) FROM gateway_quota.days JOIN gateway_quota.grants ON id = quota ORDER BY name"
            );
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"|{PerDay}|0|0|0\nschooling|{PerDay}|0|1|0"), counted);
        });
    }

    private static async Task KillUnderLoad(string store, Dictionary<string, string> settings, Action mustHaveCounted)
    {
        var deaths = Extent.Of("QUOTAS", 2, 40);
        var contracts = Contracts();
        try
        {
            await using var town = await ApartTown.StartAsync(settings, contracts: contracts);
            var right = town.File.Clients.First(static client => client is { Id: "anss-eligibility", Purpose: "ASD_SCHOOLING" });
            using var first = new Partner(town.File, right);
            using var callers = new DayCallers(town.File, right, await town.TokenAsync(first, right.Scopes[0]));
            var work = Enumerable.Range(0, CallersAtOnce).Select(_ => callers.AskAsync()).ToList();
            for (var death = 1; death <= deaths; death++)
            {
                var next = Math.Min(PerDay - 1, callers.Answered + RandomNumberGenerator.GetInt32(1, PerDay / deaths));
                while (callers.Answered < next && !work.TrueForAll(static one => one.IsCompleted))
                    await Task.Delay(1);
                Assert.Equal(137, await town.KillGatewayAsync());
                await town.StartGatewayAsync();
                Extent.Progress("T1", "SIGKILL of a gateway that counts quotas", death, deaths);
            }

            await Task.WhenAll(work);
            Assert.Equal(137, await town.KillGatewayAsync());
            await town.StartGatewayAsync();
            await MustBeUsedUp(town, callers);
            // A caller that holds no answer to a charged call lost it: at most one for each caller and death.
            Assert.InRange(callers.Answered, PerDay - Math.Min(callers.Lost, CallersAtOnce * deaths), PerDay);
            mustHaveCounted();
            Extent.Passed(
                "T1",
                $"SIGKILL of a gateway that counts quotas in {store}",
                deaths + 1,
                callers.Answered,
                $"{PerDay} of {PerDay} charged, {PerDay - callers.Answered} answers lost on the way"
            );
        }
        finally
        {
            Directory.Delete(contracts, recursive: true);
        }
    }

    private static async Task MustBeUsedUp(ApartTown town, DayCallers callers)
    {
        var refusal = await callers.RefusalAsync();
        Assert.True(refusal is { IsForToday: true }, "a start granted the day again");
        Assert.Equal(PerDay.ToString(CultureInfo.InvariantCulture), refusal.Limit);
        Assert.NotNull(refusal.Size);
        await town.PublishedAsync(refusal.Size.Value);
        Assert.Equal(
            PerDay,
            LogReader
                .Open(town.File.Ledger.Directory, town.Policy)
                .Entries()
                .Count(static entry => IsAnswer(Encoding.UTF8.GetString(entry.Text.Span)))
        );
    }

    private static bool IsAnswer(string record) =>
        record.Contains("\"ev\":\"access\"", StringComparison.Ordinal)
        && record.Contains("\"match\":\"MATCHED\"", StringComparison.Ordinal);

    // Everything lifted, as in any town of the sandbox, but the quota of the day.
    private static string Contracts()
    {
        var (source, copy) = (ContractSource.Find(), Directory.CreateTempSubdirectory("contracts-").FullName);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (file.Contains("/agreements/", StringComparison.Ordinal))
                File.WriteAllText(
                    target,
                    ContractText
                        .LiftQuotas(File.ReadAllText(file))
                        .Replace("perDay: 1000000000,", $"perDay: {PerDay},", StringComparison.Ordinal)
                );
            else if (file.Contains("/institutions/", StringComparison.Ordinal) && file.EndsWith(".yaml", StringComparison.Ordinal))
                File.WriteAllText(target, ContractText.LiftClientLimits(ContractText.LiftPace(File.ReadAllText(file))));
            else
                File.Copy(file, target);
        }

        return copy;
    }
}
