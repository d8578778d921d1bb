using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Gateway.Forwarding;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Ledger.Notes;
using Ledger.Tiles;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Forwarding;

/// <summary>What a caller does is no outcome of a source: not for its circuit, its figures, its records, or those who ask next.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class CallersWhoLeaveTests
{
    private const int Callers = 12;

    [Theory, Provokes("caller-gone")]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Callers_who_hang_up_close_no_source_to_anybody(string version)
    {
        await using var town = await Start();
        using var outcomes = new Outcomes("anapec");
        Assert.Equal("MATCHED", (await Ask(town)).MatchStatus);
        town["anapec"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(20));
        var before = town["anapec"].Received.Total;
        var token = await town.TokenFor("anss-eligibility", "ASD_ELIGIBILITY");
        using var gone = new CancellationTokenSource();
        var callers = Enumerable.Range(0, Callers).Select(_ => LeaveAsync(town, token, Version.Parse(version), gone.Token)).ToList();
        await Soon.Holds(() => Task.FromResult(town["anapec"].Received.Total == before + Callers), "all questions arrive");
        await gone.CancelAsync();
        await Task.WhenAll(callers);
        var records = await Records(town, "caller-gone", Callers);
        town["anapec"].Behaviors.Clear();

        // Asked, as its own log says too; but nobody claims to know what it would have answered.
        Assert.All(records, static record => Assert.Equal(("deny", "WIR-10"), (Text(record, "ev"), Text(record, "rule"))));
        Assert.All(records, static record => Assert.Equal(499, record.GetProperty("st").GetInt32()));
        Assert.All(records, static record => Assert.False(record.TryGetProperty("by", out _)));
        Assert.All(records, one => Assert.Equal("anapec", Text(Assert.Single(one.GetProperty("prov").EnumerateArray()), "id")));
        Assert.All(records, static record => Assert.False(record.GetProperty("prov")[0].TryGetProperty("st", out _)));
        Assert.Equal("Closed", Circuit(town, "anapec"));
        Assert.Equal("MATCHED", (await Ask(town)).MatchStatus);
        Assert.Equal(["answered"], outcomes.Seen);
    }

    [Fact]
    public async Task A_batch_that_its_owner_cancels_blames_nobody_and_says_who_was_asked()
    {
        await using var town = await SlowBatch.TownAsync();
        var batch = await SlowBatch.SubmitAsync(town, TimeSpan.FromSeconds(20));
        await Soon.Holds(() => Task.FromResult(town["menps"].Received.Total > 0), "the first line is asked");
        Assert.Equal(HttpStatusCode.NoContent, (await batch.CancelAsync()).Status);
        var record = Assert.Single(await Records(town, "caller-gone", 1));
        Assert.Equal("menps", record.GetProperty("prov")[0].GetProperty("id").GetString());
        Assert.Equal(1, record.GetProperty("batch").GetProperty("line").GetInt32());
        Assert.False(record.TryGetProperty("by", out _));
        Assert.Equal("Closed", Circuit(town, "menps"));
        Assert.Equal(1, town["menps"].Received.Total);
    }

    [Fact, Provokes("interrupted")]
    public async Task A_caller_who_spends_the_time_on_its_own_body_does_not_make_the_source_late()
    {
        await using var town = await Start(static contracts =>
        {
            var file = Path.Combine(contracts, "agreements", "ANSS-ANAPEC-2026-01.yaml");
            File.WriteAllText(file, File.ReadAllText(file).Replace("deadline: PT8S", "deadline: PT2S", StringComparison.Ordinal));
        });
        town["anapec"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(20));
        var token = await town.TokenFor("anss-eligibility", "ASD_ELIGIBILITY");
        var slow = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => AskSlowlyAsync(town, token)));
        Assert.All(slow, static answer => Assert.Contains("\"code\":\"interrupted\"", answer, StringComparison.Ordinal));
        Assert.Equal("Closed", Circuit(town, "anapec"));
        Assert.All(await Records(town, "interrupted", Callers), static record => Assert.Equal("gateway", Text(record, "by")));
        // Who gives it the time that was agreed is right to call it late.
        Assert.Equal("provider-timeout", (await Ask(town)).Code);
    }

    private static Task<Town> Start(Action<string>? edit = null) =>
        Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Witnesses = 0,
                EditContracts = edit,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                ConfigureGateway = static gateway => gateway.RefusalsSealedEach = int.MaxValue,
            }
        );

    private static string Circuit(Town town, string institution) =>
        town
            .GatewayHost.Services.GetRequiredService<ProviderConnections>()
            .Circuits.Single(circuit => circuit.Institution == institution)
            .State;

    private static string? Text(JsonElement record, string member) => record.GetProperty(member).GetString();

    private static Task<Reply> Ask(Town town) => town.Post(Flow.Ask.JobSeekers, Question(), purpose: "ASD_ELIGIBILITY");

    private static string Question() => JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.JobSeeker } });

    private static async Task LeaveAsync(Town town, string token, Version version, CancellationToken gone)
    {
        using var connection = new OpenConnection(town, version, "anss-eligibility");
        using var body = new StringContent(Question(), Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(town.File.Gateway + Flow.Ask.JobSeekers)) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        connection.InVersion(request);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connection.Http.SendAsync(request, gone));
    }

    private static async Task<string> AskSlowlyAsync(Town town, string token)
    {
        var entry = town.File.Clients.First(static one => one.Id == "anss-eligibility");
        using var certificate = X509Certificate2.CreateFromPemFile(entry.Certificate, entry.CertificateKey);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, town.Ports.Gateway);
        await using var tls = new SslStream(new NetworkStream(socket));
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(town.File.Ca);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = SslProtocols.Tls13,
                CertificateChainPolicy = trust,
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
            }
        );
        var body = Question();
        await tls.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {Flow.Ask.JobSeekers} HTTP/1.1\r\nHost: localhost:{town.Ports.Gateway}\r\n"
                    + $"Authorization: Bearer {token}\r\nAccept-Language: en\r\n"
                    + $"Content-Type: application/json\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body[..10]}"
            )
        );
        await Task.Delay(TimeSpan.FromSeconds(1));
        await tls.WriteAsync(Encoding.ASCII.GetBytes(body[10..]));
        using var reader = new StreamReader(tls);
        return await reader.ReadToEndAsync();
    }

    private static async Task<List<JsonElement>> Records(Town town, string code, int count)
    {
        List<JsonElement> found = [];
        await Soon.Holds(
            () =>
            {
                found =
                [
                    .. LogReader
                        .Open(town.LedgerFolder, VerifierKey.Parse(town.File.Ledger.Vkey))
                        .Entries()
                        .Select(static entry => JsonSerializer.Deserialize<JsonElement>(entry.Text.Span))
                        .Where(record => record.TryGetProperty("code", out var of) && of.GetString() == code),
                ];
                return Task.FromResult(found.Count >= count);
            },
            $"{count} records say {code}"
        );
        return found;
    }

    /// <summary>Outcomes of one source, as the metrics have them.</summary>
    private sealed class Outcomes : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, bool> _seen = new(StringComparer.Ordinal);

        public Outcomes(string provider)
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "gateway.provider.duration")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>(
                (_, _, tags, _) =>
                {
                    string? of = null,
                        outcome = null;
                    foreach (var (name, value) in tags)
                    {
                        if (name == "provider")
                            of = value as string;
                        if (name == "outcome")
                            outcome = value as string;
                    }

                    if (of == provider)
                        _seen[outcome!] = true;
                }
            );
            _listener.Start();
        }

        public IEnumerable<string> Seen => _seen.Keys;

        public void Dispose() => _listener.Dispose();
    }
}
