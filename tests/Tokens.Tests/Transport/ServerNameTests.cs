using System.Net;
using System.Security.Cryptography.X509Certificates;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

/// <summary>The name of a server that is called stands in its certificate as an alternative name, or it is another server.</summary>
public sealed class ServerNameTests
{
    private static readonly TestPki Pki = new();

    [Theory]
    [InlineData("CN=localhost", null, false)]
    [InlineData("CN=localhost", "elsewhere.example", false)]
    [InlineData("CN=elsewhere.example", "localhost", true)]
    [InlineData("CN=localhost", "localhost", true)]
    [InlineData("CN=localhost", "LOCALHOST", true)]
    [InlineData("CN=localhost", "*", false)]
    public async Task A_server_is_known_by_its_alternative_names_alone(string commonName, string? alternative, bool sound)
    {
        var certificate = Pki.Leaf(
            [TestPki.ServerUsage],
            name: commonName,
            names: alternative is null ? null : names => names.AddDnsName(alternative)
        );
        await Calls(certificate, "localhost", sound);
    }

    [Theory]
    [InlineData("CN=127.0.0.1", null, false)]
    [InlineData("CN=127.0.0.1", "127.0.0.2", false)]
    [InlineData("CN=x", "127.0.0.1", true)]
    public async Task A_server_that_is_called_by_its_address_states_that_address(string commonName, string? alternative, bool sound)
    {
        var certificate = Pki.Leaf(
            [TestPki.ServerUsage],
            name: commonName,
            names: alternative is null ? null : names => names.AddIpAddress(IPAddress.Parse(alternative))
        );
        await Calls(certificate, "127.0.0.1", sound);
    }

    [Fact]
    public async Task Alternative_names_of_other_kinds_are_no_names_of_a_server()
    {
        var certificate = Pki.Leaf([TestPki.ServerUsage], name: "CN=localhost", names: static names =>
            names.AddUri(new Uri("https://localhost/"))
        );
        await Calls(certificate, "localhost", sound: false);
    }

    private static async Task Calls(X509Certificate2 certificate, string host, bool sound)
    {
        var snapshot = new TlsSnapshot(certificate, intermediates: null, clients: null);
        await using var server = await TlsHost.Start(snapshot, ClientCertificates.None);
        var tls = new OutgoingTls { Trust = [Pki.Root], ListedNetworks = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")] };
        using var client = new HttpClient(tls.Handler());
        var address = new Uri($"https://{host}:{server.Port}/");
        if (sound)
        {
            Assert.StartsWith("none sound", await client.GetStringAsync(address), StringComparison.Ordinal);
            return;
        }

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(address));
        Assert.Equal(HttpRequestError.SecureConnectionError, refused.HttpRequestError);
    }
}
