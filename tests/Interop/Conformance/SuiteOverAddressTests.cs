using System.Globalization;
using System.Text;
using Interop.Node;

namespace Interop.Conformance;

/// <summary>
/// The conformance suite takes an address: our own program in a process of its own must pass it whole, a peer is reported on.
/// </summary>
public sealed class SuiteOverAddressTests
{
    [Fact]
    public async Task Our_program_as_a_process_of_its_own_passes_every_line_that_can_be_seen_from_outside()
    {
        using var suite = await SuiteRun.Prepare();
        var authority = await suite.StartAuthority();
        try
        {
            var outcome = await suite.Against(string.Create(CultureInfo.InvariantCulture, $"https://localhost:{suite.Port}"), peer: false);
            Assert.All(outcome, static test => Assert.Equal(test.Value.Of, test.Value.Passed));
            // What is missing here looks inside (TLS posture, gateway, sealing) or is a law of a library; it is tested in process.
            var seen = outcome.Keys.SelectMany(SuiteRun.Ids).Distinct(StringComparer.Ordinal).ToArray();
            Assert.True(seen.Length >= 49, string.Join(' ', seen));
        }
        finally
        {
            await SuiteRun.End(authority);
        }
    }

    /// <summary>
    /// With <c>INTEROP_RESULTS</c> naming a folder the table is written there: <c>oidc-provider.txt</c>, committed in <c>results/</c>.
    /// </summary>
    [Fact]
    public async Task The_peer_is_reported_on_line_by_line()
    {
        using var suite = await SuiteRun.Prepare();
        var (program, issuer) = await NodeProgram.Start("issuer.mjs", PeerOfTheSuite.Settings(suite.Folder));
        await using (program)
        {
            var outcome = await suite.Against(issuer, peer: true);
            var table = Table(outcome);
            TestContext.Current.TestOutputHelper?.WriteLine(table);
            if (Environment.GetEnvironmentVariable("INTEROP_RESULTS") is { Length: > 0 } folder)
                await File.WriteAllTextAsync(Path.Combine(folder, "oidc-provider.txt"), table);
            // A report in which the sound requests do not even pass says nothing about the others.
            Assert.True(outcome["OA_15_No_refresh_token_and_a_true_expires_in"] is { Passed: 1, Of: 1 }, table);
        }
    }

    private static string Table(IReadOnlyDictionary<string, SuiteRun.Outcome> outcome)
    {
        var lines = new StringBuilder(
            "npm oidc-provider 9.13.3, FAPI 2.0 profile on, under the suite of tests/Authority.Tests (lines visible from outside).\n"
                + "A refusal counts whatever its words. \"no\" means that one assertion of the line failed; the assertion stands below it. Many lines hold house rules\n"
                + "(agreements and purposes, the claim org, our paths, refusing where an RFC would allow more): they say that the peer differs, not that it errs.\n\n"
        );
        foreach (
            var (method, (passed, of, why)) in outcome
                .OrderBy(static test => SuiteRun.Ids(test.Key).FirstOrDefault("P"), StringComparer.Ordinal)
                .ThenBy(static test => test.Key, StringComparer.Ordinal)
        )
        {
            var verdict =
                passed == of ? "yes"
                : passed == 0 ? "no"
                : string.Create(CultureInfo.InvariantCulture, $"{passed} of {of}");
            lines.Append(CultureInfo.InvariantCulture, $"{verdict,-9}{method.Replace('_', ' ')}\n");
            if (why is not null)
                lines.Append("             ").Append(why).Append('\n');
        }
        return lines.ToString();
    }
}
