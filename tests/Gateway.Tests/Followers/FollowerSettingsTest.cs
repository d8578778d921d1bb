using System.Net;
using Gateway.Followers;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Followers;

[Collection("Followers")]
[Trait("Tier", "Whole")]
public sealed class FollowerSettingsTest
{
    public static TheoryData<string, FeedSettings[]> Wrong =>
        new()
        {
            {
                "needs a Kind, ocsf-file or syslog-tls",
                [
                    new FeedSettings
                    {
                        Name = "siem",
                        Kind = "kafka",
                        Cursor = "c",
                    },
                ]
            },
            {
                "needs a File",
                [
                    new FeedSettings
                    {
                        Name = "siem",
                        Kind = "ocsf-file",
                        Cursor = "c",
                    },
                ]
            },
            {
                "needs a Cursor",
                [
                    new FeedSettings
                    {
                        Name = "siem",
                        Kind = "ocsf-file",
                        File = "f",
                    },
                ]
            },
            {
                "needs Host, Trust, Certificate and Key",
                [
                    new FeedSettings
                    {
                        Name = "siem",
                        Kind = "syslog-tls",
                        Cursor = "c",
                        Host = "h",
                    },
                ]
            },
            {
                "Two feeds bear one name",
                [
                    new FeedSettings
                    {
                        Name = "index",
                        Kind = "ocsf-file",
                        Cursor = "c",
                        File = "f",
                    },
                ]
            },
        };

    [Theory, MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task A_feed_that_is_not_described_whole_keeps_the_gateway_from_starting(string why, FeedSettings[] feeds)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Town.StartAsync(
                new TownOptions
                {
                    Pupils = 10,
                    Witnesses = 0,
                    ConfigureGateway = gateway => gateway.Feeds = [.. feeds],
                }
            )
        );
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_whose_store_is_away_delays_nobody()
    {
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 10,
                Witnesses = 0,
                ConfigureGateway = static gateway => gateway.Index.Postgres = "Host=127.0.0.1;Port=1;Username=nobody;Timeout=2",
            }
        );
        Assert.Equal(HttpStatusCode.OK, (await town.Enrolment(Fixtures.NotEnrolled)).Status);
        using var http = new HttpClient();
        Assert.Equal(
            HttpStatusCode.OK,
            (await http.GetAsync(new Uri(town.File.Metrics.Replace("/metrics", "/health/ready", StringComparison.Ordinal)))).StatusCode
        );
    }
}
