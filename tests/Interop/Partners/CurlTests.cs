using System.Diagnostics;
using System.Text.Json.Nodes;
using Interop.Towns;
using Sandbox;
using Sandbox.Deployment;

namespace Interop.Partners;

/// <summary>The first call of the README, by curl.</summary>
public sealed class CurlTests(TownFixture fixture)
{
    [Theory]
    [InlineData("anss-eligibility")]
    [InlineData("anss-inclusion")]
    public async Task Curl_with_a_certificate_takes_a_token_and_asks_who_it_is(string client)
    {
        var town = fixture.Town;
        var right = town.File.Clients.First(entry => entry.Id == client);
        using var partner = new Partner(town.File, right);
        string[] proof = right.Key is null
            ? ["--data-urlencode", "client_id=" + client]
            :
            [
                "--data-urlencode",
                "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "--data-urlencode",
                "client_assertion=" + partner.Assertion(),
            ];
        var granted = await Curl(
            right,
            [
                town.File.TokenEndpoint,
                .. proof,
                "--data-urlencode",
                "grant_type=client_credentials",
                "--data-urlencode",
                "scope=" + string.Join(' ', right.Scopes),
                "--data-urlencode",
                $$"""authorization_details=[{"type":"data_exchange","agreement":"{{right.Agreement}}","purpose":"{{right.Purpose}}"}]""",
            ]
        );
        var caller = await Curl(
            right,
            [town.File.Gateway + "/catalogue/v1/caller", "-H", "Authorization: Bearer " + (string?)granted["access_token"]]
        );
        Assert.Equal(client, (string?)caller["client"]);
    }

    private async Task<JsonNode> Curl(ClientEntry right, string[] arguments)
    {
        string[] tls =
        [
            "--silent",
            "--show-error",
            "--max-time",
            "30",
            "--tlsv1.3",
            "--cacert",
            fixture.Town.File.Ca,
            "--cert",
            right.Certificate,
            "--key",
            right.CertificateKey,
        ];
        using var curl = Process.Start(
            new ProcessStartInfo("curl", [.. tls, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
        var text = await curl.StandardOutput.ReadToEndAsync();
        var errors = await curl.StandardError.ReadToEndAsync();
        await curl.WaitForExitAsync();
        Assert.True(curl.ExitCode == 0, errors);
        return JsonNode.Parse(text)!;
    }
}
