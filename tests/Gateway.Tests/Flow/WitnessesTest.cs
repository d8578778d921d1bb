using Ledger;
using Ledger.Notes;
using Ledger.Witnesses;
using Sandbox;
using Sandbox.Persons;
using Verifier;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>The log of a town before others: its witnesses, and a verifier that reads it over HTTPS.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class WitnessesTest(QuietLogFixture fixture) : IClassFixture<QuietLogFixture>
{
    [Fact]
    public async Task A_backup_that_is_put_back_does_not_start()
    {
        var state = Directory.CreateTempSubdirectory("town-").FullName;
        try
        {
            var options = new TownOptions
            {
                Pupils = 50,
                State = state,
                WitnessPace = new WitnessPace { Every = TimeSpan.FromHours(1) },
            };
            string folder,
                backup = Path.Combine(state, "backup");
            await using (var town = await Town.StartAsync(options))
                folder = town.LedgerFolder;
            Copy(folder, backup);
            await using (var town = await Town.StartAsync(options))
            {
                await town.Ledger.WhenPublished((await town.Enrolment(Fixtures.PlainChild)).Receipt().Size);
                Assert.True(await town.Witnesses.RoundAsync());
            }

            Directory.Delete(folder, recursive: true);
            Copy(backup, folder);
            var refused = await Assert.ThrowsAsync<LedgerDamaged>(async () => await (await Town.StartAsync(options)).DisposeAsync());
            Assert.Contains("witness", refused.Place, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    [Fact]
    public async Task The_verifier_reads_the_log_over_https_the_hashes_for_all_and_the_records_for_an_auditor()
    {
        var town = fixture.Town;
        await town.Ledger.WhenPublished((await town.Enrolment(Fixtures.PlainChild)).Receipt().Size);
        Assert.True(await town.Witnesses.RoundAsync());
        var policy = TrustPolicy.Parse(await fixture.Ministry.GetStringAsync(new Uri(town.File.Gateway + "/audit/policy")));
        var address = policy.UrlOf(town.Ledger.Origin)!;
        var hashes = await Task.Run(() => new LogCheck(policy) { HashesOnly = true }.Run(new RemoteLog(fixture.Ministry, address)));
        Assert.True(hashes.Holds, hashes.Sentence);
        var refused = await Task.Run(() => new LogCheck(policy).Run(new RemoteLog(fixture.Ministry, address)));
        Assert.False(refused.Holds);
        var whole = await Task.Run(() => new LogCheck(policy).Run(new RemoteLog(town.ClientAs(QuietLogFixture.Auditor), address)));
        Assert.True(whole.Holds, whole.Sentence);
    }

    [Fact]
    public async Task A_gateway_without_witnesses_starts_only_when_it_is_told_to()
    {
        Assert.Throws<InvalidOperationException>(static () => new Audit.LedgerWitnesses(new GatewayOptions()));
        await using var none = new Audit.LedgerWitnesses(new GatewayOptions { LedgerRequireWitnessAtStart = false });
        Assert.False(none.Any);
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 50, Witnesses = 0 });
        Assert.False(await town.Witnesses.RoundAsync());
        Assert.Equal(System.Net.HttpStatusCode.OK, (await town.Enrolment(Fixtures.PlainChild)).Status);
    }

    [Fact]
    public async Task Health_and_metrics_tell_of_the_witnesses()
    {
        // The keys of the issuer come with the first call: only then is the gateway ready.
        Assert.Equal(System.Net.HttpStatusCode.OK, (await fixture.Town.Enrolment(Fixtures.PlainChild)).Status);
        using var http = new HttpClient();
        var metrics = new Uri(fixture.Town.File.Metrics);
        Assert.Contains("\"witnesses\":true", await http.GetStringAsync(new Uri(metrics, "/health/ready")), StringComparison.Ordinal);
        var page = await http.GetStringAsync(metrics);
        Assert.Contains("ledger_witness_age", page, StringComparison.Ordinal);
        Assert.Contains("ledger_witness_contradicted 0", page, StringComparison.Ordinal);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
