using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Sandbox;
using Xunit;

namespace Gateway.Tests.Admission;

/// <summary>
/// No more connections of a client are open at once than registered: one too many is told so at its first call and closed.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class RegisteredConnectionsTests : IAsyncLifetime
{
    private const string Client = "anss-eligibility",
        Path = "/catalogue/v1/caller";
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Limits.TownAsync(static contracts =>
        {
            Limits.Of(contracts, Client, "tokensPerMinute: 1000, connections: 2, requestsPerSecond: 1000");
            Limits.Of(contracts, Prover.Client, "tokensPerMinute: 1000, connections: 2, requestsPerSecond: 1000");
        });

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Theory, Provokes("connection-limit-reached")]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task One_connection_too_many_is_told_so_and_closed_and_one_that_ends_makes_room(string version)
    {
        var token = await _town.TokenFor(Client, "ASD_SCHOOLING");
        var first = new OpenConnection(_town, Version.Parse(version), Client);
        using var second = new OpenConnection(_town, Version.Parse(version), Client);
        using var third = new OpenConnection(_town, Version.Parse(version), Client);
        foreach (var one in new[] { first, second })
            Assert.Equal(HttpStatusCode.OK, (await Call(one, token)).Status);
        var refused = await Call(third, token);
        await RefusalsTest.Refused(refused, HttpStatusCode.TooManyRequests, "connection-limit-reached", "WIR-09");
        Assert.NotNull(refused.Header("Retry-After"));
        Assert.Equal(Client, (await refused.Record()).GetProperty("cli").GetString());
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Call(third, token)).Status);
        Assert.Equal(2, third.Opened);
        Assert.Equal(HttpStatusCode.OK, (await Call(second, token)).Status);
        first.Dispose();
        await Soon.Holds(
            async () => (await Call(third, token)).Status == HttpStatusCode.OK,
            "the place of a connection that ended is free"
        );
    }

    [Fact]
    public async Task A_hundred_streams_are_one_connection()
    {
        var token = await _town.TokenFor(Client, "ASD_SCHOOLING");
        using var one = new OpenConnection(_town, HttpVersion.Version20, Client);
        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Call(one, token)));
        Assert.Equal(1, one.Opened);
        Assert.All(replies, static reply => Assert.Equal(HttpStatusCode.OK, reply.Status));
    }

    [Fact]
    public async Task Connections_that_say_nothing_count_and_one_of_them_too_many_is_closed()
    {
        var token = await _town.TokenFor(Client, "ASD_SCHOOLING");
        await using var first = await Silent();
        await using var second = await Silent();
        await using var third = await Silent();
        using var fourth = new OpenConnection(_town, HttpVersion.Version11, Client);
        Assert.Equal("connection-limit-reached", (await Call(fourth, token)).Code);
        // Well before a connection at rest is closed anyway.
        using var rest = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.Equal(0, await third.ReadAsync(new byte[1], rest.Token));
    }

    [Fact]
    public async Task Where_no_certificate_is_shown_the_first_call_that_is_proven_counts_the_connection()
    {
        using var prover = new Prover(_town);
        var token = await prover.Token();
        var nonce = await prover.Nonce(token);
        using var other = new OpenConnection(_town, HttpVersion.Version11, client: null);
        using var third = new OpenConnection(_town, HttpVersion.Version11, client: null);
        Assert.Equal("proof-not-accepted", (await prover.Send(token, proof: null, http: third.Http)).Code);
        Assert.Equal("MATCHED", (await prover.Send(token, prover.Proof(token, nonce))).MatchStatus);
        Assert.Equal("MATCHED", (await prover.Send(token, prover.Proof(token, nonce), http: other.Http)).MatchStatus);
        Assert.Equal("connection-limit-reached", (await prover.Send(token, prover.Proof(token, nonce), http: third.Http)).Code);
        Assert.Equal("MATCHED", (await prover.Send(token, prover.Proof(token, nonce), http: other.Http)).MatchStatus);
    }

    private Task<Reply> Call(OpenConnection connection, string token) =>
        _town.Send(Path, body: null, token, connection.Http, connection.InVersion, HttpMethod.Get);

    private async Task<SslStream> Silent()
    {
        var entry = _town.File.Clients.First(static one => one.Id == Client);
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        trust.CustomTrustStore.ImportFromPemFile(_town.File.Ca);
        var address = new Uri(_town.File.Gateway);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Port);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = address.Host,
                EnabledSslProtocols = SslProtocols.Tls13,
                CertificateChainPolicy = trust,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                ClientCertificateContext = SslStreamCertificateContext.Create(
                    X509Certificate2.CreateFromPemFile(entry.Certificate, entry.CertificateKey),
                    additionalCertificates: null,
                    offline: true
                ),
            }
        );
        return tls;
    }
}
