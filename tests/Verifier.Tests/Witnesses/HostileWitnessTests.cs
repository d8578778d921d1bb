using System.Net;
using System.Text;
using Ledger.Notes;
using Ledger.Witnesses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Verifier.Tests.Witnesses;

/// <summary>One witness that answers nonsense keeps no other from cosigning, and ends no rounds.</summary>
public sealed class HostileWitnessTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public static TheoryData<int, string> Answers =>
        new()
        {
            { 200, "" },
            { 200, "\n" },
            { 200, "\n\n" },
            { 200, "—" },
            { 200, "— w AAAA\n\n" },
            { 200, "\0" },
            { 200, "— witness.example/w2 AAAAAAA=\n" },
            { 409, "" },
            { 409, "\n" },
            { 409, "-1\n" },
            { 409, "99999999999999999999\n" },
            { 200, new string('x', 100_000) },
            { 302, "" },
            { 599, "x" },
        };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Rounds_go_on_with_the_other_witness_whatever_one_answers(int status, string body)
    {
        using var log = await SealedLog.Of(3);
        await using var neighbours = await Neighbours.Of(log.Key, 1, "quorum w1");
        await using var hostile = await Listening(status, Encoding.UTF8.GetBytes(body));
        using var key = WitnessKey.Create("witness.example/w2", Path.Combine(neighbours.Folder, "w2.pem"));
        var policy = TrustPolicy.Parse(
            neighbours.PolicyText.Replace("quorum w1", $"witness w2 {key.Verifier} {Address(hostile)}\nquorum w1", StringComparison.Ordinal)
        );
        await using var writer = log.Reopen();
        await using var rounds = new WitnessRounds(
            writer,
            log.Directory,
            policy,
            Http,
            TimeProvider.System,
            new WitnessPace { Every = TimeSpan.FromMilliseconds(20) }
        );
        rounds.Start();
        await Witnessed(log, policy, 1);

        await SealedLog.Seal(writer, ["""{"v":1}"""]);
        await Witnessed(log, policy, 5);
        Assert.Null(rounds.Contradiction);
    }

    [Fact]
    public async Task A_round_that_ends_in_an_exception_is_reported_and_the_next_one_comes()
    {
        using var log = await SealedLog.Of(3);
        await using var neighbours = await Neighbours.Of(log.Key, 1, "quorum w1");
        using var broken = new Broken();
        using var http = new HttpClient(broken);
        var faults = new System.Collections.Concurrent.ConcurrentQueue<string?>();
        await using var writer = log.Reopen();
        await using var rounds = new WitnessRounds(
            writer,
            log.Directory,
            neighbours.Policy,
            http,
            TimeProvider.System,
            new WitnessPace { Every = TimeSpan.FromMilliseconds(20), AtLeastEvery = TimeSpan.Zero },
            (loop, fault) => faults.Enqueue($"{loop} {fault?.GetType().Name}")
        );
        rounds.Start();
        await Until(() => faults.Count(static fault => fault == "witnesses NotSupportedException") > 1);
        broken.IsMended = true;
        await Witnessed(log, neighbours.Policy, 1);
        await Until(() => faults.Contains("witnesses "));
    }

    private static async Task Witnessed(SealedLog log, TrustPolicy policy, long size)
    {
        var path = Path.Combine(log.Directory, "checkpoint-witnessed");
        await Until(() =>
            File.Exists(path) && policy.TryOpen(File.ReadAllText(path), out var checkpoint, out _) && checkpoint.Size >= size
        );
    }

    private static async Task Until(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
            await Task.Delay(20, patience.Token);
    }

    private static async Task<WebApplication> Listening(int status, byte[] body)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async http =>
        {
            http.Response.StatusCode = status;
            if (body.Length > 0)
                await http.Response.Body.WriteAsync(body);
        });
        await app.StartAsync();
        return app;
    }

    private static string Address(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/";

    /// <summary>A client that throws what no caller expects, until it is mended.</summary>
    private sealed class Broken : DelegatingHandler
    {
        public Broken() => InnerHandler = new SocketsHttpHandler();

        public bool IsMended { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            IsMended ? base.SendAsync(request, cancellationToken) : throw new NotSupportedException();
    }
}
