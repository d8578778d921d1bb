using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Persons;
using Tokens.Status;
using Tokens.Transport;
using Xunit;

namespace Gateway.Tests.Admission;

/// <summary>
/// The registered calls a second hold before any work on a token, for each client alone, and only a client itself can use them up.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class RegisteredRateTests : IAsyncLifetime
{
    private const int PerSecond = 10;
    private const string Client = "anss-eligibility",
        Other = "anss-payments";
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Limits.TownAsync(static contracts =>
        {
            Limits.Of(contracts, Client, $"tokensPerMinute: 1000, connections: 100, requestsPerSecond: {PerSecond}");
            Limits.Of(contracts, Prover.Client, "tokensPerMinute: 1000, connections: 100, requestsPerSecond: 4");
        });

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Fact, Provokes("rate-exceeded")]
    public async Task A_client_gets_its_rate_and_beyond_it_is_told_when_in_three_languages_with_a_record()
    {
        var token = await _town.TokenFor(Client, "ASD_SCHOOLING");
        var watch = Stopwatch.StartNew();
        var replies = await Many(8 * PerSecond, token, Client);
        var seconds = watch.Elapsed.TotalSeconds;
        Assert.InRange(replies.Count(static reply => reply.Status == HttpStatusCode.OK), PerSecond, (int)(PerSecond * (seconds + 1)));
        var refused = replies.Where(static reply => reply.Status != HttpStatusCode.OK).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, static reply =>
        {
            Assert.Equal(
                (HttpStatusCode.TooManyRequests, "rate-exceeded", "WIR-08"),
                (reply.Status, reply.Code, reply.Json.GetProperty("rule").GetString())
            );
            Assert.Equal("1", reply.Header("Retry-After"));
        });
        var record = await refused.First(static reply => reply.Header(Ledger.ReceiptHeader.Name) is not null).Record();
        Assert.Equal(
            ("deny", "anss", Client, "WIR-08"),
            (Text(record, "ev"), Text(record, "org"), Text(record, "cli"), Text(record, "rule"))
        );
        Assert.False(record.TryGetProperty("jti", out _));
    }

    [Fact]
    public async Task Beyond_the_rate_nothing_is_looked_at_and_another_client_notices_nothing()
    {
        var replies = await Many(4 * PerSecond, "no.token.atall", Client);
        Assert.Equal(PerSecond, Math.Min(PerSecond, replies.Count(static reply => reply.Code == "token-not-accepted")));
        Assert.Contains(replies, static reply => reply.Code == "rate-exceeded");
        var other = await Many(4 * PerSecond, await _town.TokenFor(Other, "ASD_BACK_TO_SCHOOL"), Other);
        Assert.All(other, static reply => Assert.Equal(HttpStatusCode.OK, reply.Status));
    }

    [Fact]
    public async Task Streams_of_one_connection_and_paths_that_do_not_exist_are_calls_too()
    {
        using var connection = new OpenConnection(_town, HttpVersion.Version20, Client);
        var replies = await Task.WhenAll(
            Enumerable
                .Range(0, 4 * PerSecond)
                .Select(_ => _town.Send("/nowhere", body: null, token: null, connection.Http, connection.InVersion, HttpMethod.Get))
        );
        Assert.Equal(1, connection.Opened);
        Assert.Contains(replies, static reply => reply.Code == "route-unknown");
        Assert.Contains(replies, static reply => reply.Code == "rate-exceeded");
    }

    [Fact]
    public async Task A_stranger_with_a_clients_token_and_no_key_uses_up_nothing_of_it()
    {
        using var prover = new Prover(_town);
        var token = await prover.Token();
        var nonce = await prover.Nonce(token);
        using var strange = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var forged = await Task.WhenAll(
            Enumerable.Range(0, 30).Select(number => prover.Send(token, number % 2 == 0 ? null : prover.Proof(token, nonce, key: strange)))
        );
        Assert.All(forged, static reply => Assert.Equal("proof-not-accepted", reply.Code));
        var sound = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => prover.Send(token, prover.Proof(token, nonce))));
        Assert.Contains(sound, static reply => reply.Status == HttpStatusCode.OK);
        Assert.Contains(sound, static reply => reply.Code == "rate-exceeded");
        Assert.True(
            sound.Take(4).Count(static reply => reply.Status == HttpStatusCode.OK)
                + sound.Skip(4).Count(static reply => reply.Status == HttpStatusCode.OK)
                >= 4
        );
    }

    [Fact]
    public async Task A_stopped_certificate_uses_up_nothing_of_its_client_and_is_told_what_it_is()
    {
        var entry = _town.File.Clients.First(static one => one.Id == Client);
        using var certificate = X509Certificate2.CreateFromPemFile(entry.Certificate, entry.CertificateKey);
        var id = PresentedCertificate.From(certificate).X5tS256;
        await StatusTest.StatusOf(_town).Suspend(StoppedKind.Certificate, id, "key-leak");
        async Task<bool> IsRefused() => (await Many(1, "no.token.atall", Client))[0].Code == "certificate-revoked";
        await Soon.Holds(IsRefused, "the certificate is refused");
        var replies = await Many(8 * PerSecond, "no.token.atall", Client);
        Assert.All(replies, static reply => Assert.Equal("certificate-revoked", reply.Code));
    }

    private async Task<Reply[]> Many(int number, string token, string client)
    {
        using var connection = new OpenConnection(_town, HttpVersion.Version20, client);
        return await Task.WhenAll(
            Enumerable
                .Range(0, number)
                .Select(async _ =>
                {
                    using var body = new StringContent(Ask.Question(_town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
                    return await _town.Send(Ask.Enrolments, body, token, connection.Http, connection.InVersion);
                })
        );
    }

    private static string? Text(System.Text.Json.JsonElement record, string name) =>
        record.TryGetProperty(name, out var member) ? member.GetString() : null;
}
