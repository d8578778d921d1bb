using Doors;
using Sandbox;
using Sandbox.Persons;
using Tokens.Transport;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>
/// Whoever stands still at the gateway's doors, or at the authority's, keeps nobody waiting: under the figures as shipped, not a town's.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class StrangersTest : IAsyncLifetime
{
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                ConfigureGateway = static gateway =>
                {
                    var shipped = new GatewayOptions();
                    gateway.ConnectionsPerAddress = shipped.ConnectionsPerAddress;
                    gateway.NewConnectionsPerSecond = shipped.NewConnectionsPerSecond;
                    gateway.HandshakesAtOnce = shipped.HandshakesAtOnce;
                },
                ConfigureAuthority = static authority =>
                {
                    var (caps, shipped) = (authority.Caps, new ConnectionCapOptions());
                    (caps.OpenPerAddress, caps.NewPerSecond, caps.Burst) = (shipped.OpenPerAddress, shipped.NewPerSecond, shipped.Burst);
                    caps.Handshakes = shipped.Handshakes;
                },
            }
        );

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Fact]
    public async Task Connections_that_stand_still_keep_nobody_from_a_whole_exchange()
    {
        await Answered(); // everything is loaded
        foreach (var how in new[] { "silent", "dribbling", "half way" })
        {
            var lost = int.MaxValue;
            for (var round = 0; round < 3 && lost > 0; round++) // a busy machine gets three tries
            {
                var file = _town.File;
                string[] doors = [file.Gateway, file.GatewayDpop!, file.Diagnose!, file.TokenEndpoint, file.PublicTokenEndpoint!];
                Strangers[] strangers = [.. doors.Select(static door => new Strangers(new Uri(door).Port))];
                foreach (var one in strangers)
                    foreach (var address in new[] { "127.0.0.2", "127.0.0.3" })
                        await one.Stand(how, address, 32);
                await Answered();
                lost = strangers.Sum(static one => one.Lost);
                foreach (var one in strangers)
                    one.Dispose();
            }

            Assert.True(lost == 0, $"{how}: somebody waited until a stranger was cut off");
        }
    }

    [Fact]
    public async Task Silent_connections_to_the_operations_listener_keep_nobody_from_its_pages()
    {
        var page = new Uri(_town.File.Metrics!);
        using var strangers = new Strangers(page.Port);
        await strangers.Stand("silent", "127.0.0.1", 200);
        using var http = new HttpClient();
        Assert.Contains("# TYPE", await http.GetStringAsync(new Uri($"http://127.0.0.1:{page.Port}/metrics")), StringComparison.Ordinal);
        await Authentication.Soon.Holds(() => Task.FromResult(strangers.Lost >= 200 - 32), "no source holds more than its share");
    }

    private async Task Answered() => Assert.Equal("MATCHED", (await _town.Enrolment(Fixtures.PlainChild)).MatchStatus);
}
