using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using AuditIndex;
using AuditIndex.Questions;
using AuditIndex.Tests.Support;
using AuditIndex.Watched;
using Gateway.Followers;
using Gateway.Tests.Flow;
using Ledger.Notes;
using Ledger.Subjects;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Followers;

/// <summary>Index and feeds beside a gateway that answers: T13, and the feeds of ledger page §17 over real sockets.</summary>
/// <remarks>The process shows the lags of all its towns on one page: towns with followers run one after the other.</remarks>
[Collection("Followers")]
[Trait("Tier", "Whole")]
public sealed partial class FollowersTest : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("followers-").FullName;
    private readonly TcpListener _silent = new(IPAddress.Loopback, 0);
    private Town _town = null!;

    public async ValueTask InitializeAsync()
    {
        Certificates.Make(At("tls"), "collector", "gateway");
        _silent.Start();
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 50,
                Index = true,
                ConfigureGateway = gateway =>
                    gateway.Feeds = [
                        new FeedSettings
                        {
                            Name = "archive",
                            Kind = FeedSettings.OcsfFile,
                            Cursor = At("archive.cursor"),
                            File = At("archive.jsonl"),
                        },
                        new FeedSettings
                        {
                            Name = "siem",
                            Kind = FeedSettings.SyslogTls,
                            Cursor = At("siem.cursor"),
                            Host = "127.0.0.1",
                            Port = ((IPEndPoint)_silent.LocalEndpoint).Port,
                            Trust = At("tls/ca.pem"),
                            Certificate = At("tls/gateway.pem"),
                            Key = At("tls/gateway.key.pem"),
                        },
                    ],
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _town.EndAsync();
        _silent.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_collector_that_is_silent_or_dead_blocks_nothing_and_gets_every_record_once_it_listens()
    {
        // It takes connections into its backlog and says nothing at all.
        for (var i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.OK, (await _town.Enrolment(Fixtures.PlainChild)).Status);
        var size = (await _town.Ledger.WhenPublished(_town.Ledger.Size)).Size;
        await Until(async () => await Lag("archive") == 0 && await Lag("index") == 0);
        Assert.True(await Lag("siem") >= size);
        var port = ((IPEndPoint)_silent.LocalEndpoint).Port;
        _silent.Stop();
        Assert.Equal(HttpStatusCode.OK, (await _town.Enrolment(Fixtures.UnknownChild)).Status);
        await Until(async () => await Metric("gateway_follower_failures", "siem") > 0);

        using var stop = new CancellationTokenSource();
        var collector = Collector.Run(port, At("tls"), At("received"), stop.Token);
        await Until(async () => await Lag("siem") == 0);
        size = _town.Ledger.Published!.Size;
        await Until(() => Task.FromResult(Received().Max() >= size - 1));
        Assert.Equal(
            Enumerable.Range(0, (int)size).Select(static i => (long)i),
            Received().Where(index => index < size).Distinct().Order()
        );
        Assert.Equal(Enumerable.Range(0, (int)size).Select(static i => (long)i), Archived().Where(index => index < size));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => collector);
    }

    [Fact]
    public async Task An_officers_question_is_answered_from_the_index_that_the_gateway_fills_and_is_sealed_in_the_same_log()
    {
        Assert.Equal(HttpStatusCode.OK, (await _town.Enrolment(Fixtures.NotEnrolled)).Status);
        await _town.Ledger.WhenPublished(_town.Ledger.Size);
        await Until(async () => await Lag("index") == 0);
        var log = new LogSource(_town.Ledger.Origin, _town.LedgerFolder, TrustPolicy.Of(VerifierKey.Parse(_town.File.Ledger.Vkey)));
        using var index = new IndexPlace { Folder = _town.IndexFolder }.Read(
            [log],
            _town.Ledger,
            _town.SubjectKeys,
            new DetachedTexts(At("texts")),
            TimeProvider.System
        );
        var view = await index.List(
            new Reader("off-07", "does the index follow the log"),
            new RecordFilter { Event = "access", Client = "anss-eligibility" }
        );
        Assert.Contains(view.Answer, static row => row is { Operation: "education.school-enrolment.read", Outcome: Outcome.Permit });
        await _town.Ledger.WhenPublished(view.Receipt.Size);
        Assert.Equal(
            "officer.view",
            JsonSerializer.Deserialize<JsonElement>(log.Open().Entry(view.Receipt.Index).Text.Span).GetProperty("ev").GetString()
        );
    }

    private string At(string name) => Path.Combine(_folder, name);

    private Task<long> Lag(string follower) => Metric("gateway_follower_lag", follower);

    private async Task<long> Metric(string name, string follower)
    {
        using var http = new HttpClient();
        var line = (await http.GetStringAsync(new Uri(_town.File.Metrics)))
            .Split('\n')
            .Single(line =>
                line.StartsWith(name, StringComparison.Ordinal) && line.Contains($"follower=\"{follower}\"", StringComparison.Ordinal)
            );
        return long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !await holds(); await Task.Delay(50))
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "it did not come");
    }

    private List<long> Received() =>
        [
            .. Shared("received")
                .Select(static line => MessageLine().Match(line))
                .Where(static match => match.Success)
                .Select(static match => long.Parse(match.Groups["index"].ValueSpan, CultureInfo.InvariantCulture)),
        ];

    private List<long> Archived() =>
        [
            .. Shared("archive.jsonl")
                .Select(static line =>
                    JsonSerializer.Deserialize<JsonElement>(line).GetProperty("metadata").GetProperty("sequence").GetInt64()
                ),
        ];

    private string[] Shared(string name)
    {
        using var reader = new StreamReader(new FileStream(At(name), FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex(
        @"^<1\d\d>1 \S+ gateway gateway - \S+ \[gateway@32473 log=""[^""]+"" index=""(?<index>\d+)"" leaf=""[0-9a-f]{64}""\] \{.*\}$",
        RegexOptions.None,
        1000
    )]
    private static partial Regex MessageLine();
}
