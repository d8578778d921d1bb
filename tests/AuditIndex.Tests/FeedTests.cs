using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AuditIndex.Feeds;
using AuditIndex.Tests.Support;
using Xunit;

namespace AuditIndex.Tests;

/// <summary>Feeds: at least once from a cursor, whatever dies.</summary>
public sealed partial class FeedTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 3, 8, 0, 0, TimeSpan.Zero);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_feed_goes_on_where_its_cursor_stands_and_repeats_nothing()
    {
        await using var log = new SomeLog(_folder["log"]);
        var traffic = new SomeTraffic(1, Start);
        await log.Seal(traffic.Records(100));
        Assert.Equal(log.Source.Open().Checkpoint.Size, await Feed(log).CatchUp(default));
        Assert.Equal(0, await Feed(log).CatchUp(default));
        await log.Seal(traffic.Records(30));
        await Feed(log).CatchUp(default);
        Assert.Equal(Enumerable.Range(0, (int)log.Source.Open().Checkpoint.Size).Select(static i => (long)i), Served(_folder["ocsf.jsonl"]));
    }

    [Fact]
    public async Task A_deleted_cursor_gives_the_same_feed_again()
    {
        await using var log = new SomeLog(_folder["log"]);
        await log.Seal(new SomeTraffic(2, Start).Records(80));
        await Feed(log).CatchUp(default);
        var first = await File.ReadAllTextAsync(_folder["ocsf.jsonl"]);
        File.Delete(_folder["cursor"]);
        File.Delete(_folder["ocsf.jsonl"]);
        await Feed(log).CatchUp(default);
        Assert.Equal(first, await File.ReadAllTextAsync(_folder["ocsf.jsonl"]));
    }

    [Fact]
    public async Task A_torn_last_line_is_cut_before_anything_is_added()
    {
        await using var log = new SomeLog(_folder["log"]);
        await File.WriteAllTextAsync(_folder["ocsf.jsonl"], """{"class_uid":60""");
        await log.Seal(new SomeTraffic(3, Start).Records(10));
        await Feed(log).CatchUp(default);
        Assert.All(await File.ReadAllLinesAsync(_folder["ocsf.jsonl"]), static line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public async Task A_cursor_that_holds_something_else_is_refused()
    {
        await using var log = new SomeLog(_folder["log"]);
        await log.Seal(new SomeTraffic(3, Start).Records(10));
        await File.WriteAllTextAsync(_folder["cursor"], "anss.example/audit/2026/n1 -3\n");
        await Assert.ThrowsAsync<FormatException>(() => Feed(log).CatchUp(default));
    }

    [Fact]
    public async Task A_feed_killed_at_any_moment_misses_nothing_and_repeats_only_behind_its_cursor()
    {
        await using var log = new SomeLog(_folder["log"]);
        var traffic = new SomeTraffic(4, Start);
        var random = new Random(4);
        for (var round = 0; round < 6; round++)
        {
            await log.Seal(traffic.Records(3000));
            var cursor = new CursorFile(_folder["cursor"]).Read().GetValueOrDefault(SomeLog.Origin);
            using var child = Children.Start("feed", log.Directory, log.Writer.Key.ToString(), _folder["cursor"], _folder["ocsf.jsonl"]);
            await child.StandardOutput.ReadLineAsync();
            await Task.Delay(random.Next(50, 600));
            child.Kill();
            await child.WaitForExitAsync();
            var served = Served(_folder["ocsf.jsonl"], lastMayBeTorn: true);
            var after = new CursorFile(_folder["cursor"]).Read().GetValueOrDefault(SomeLog.Origin);
            Assert.True(after >= cursor);
            // Everything before the cursor is there.
            Assert.Equal(after, served.Where(index => index < after).Distinct().LongCount());
        }

        await Feed(log).CatchUp(default);
        Assert.Equal(log.Source.Open().Checkpoint.Size, Served(_folder["ocsf.jsonl"]).Distinct().LongCount());
    }

    [Fact]
    public async Task A_collector_that_is_killed_and_comes_back_misses_nothing()
    {
        Certificates.Make(_folder["tls"], "collector", "gateway");
        await using var log = new SomeLog(_folder["log"]);
        var traffic = new SomeTraffic(5, Start);
        await log.Seal(traffic.Records(200));
        var collector = Children.Start("collector", "0", _folder["tls"], _folder["received"]);
        var port = int.Parse((await collector.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        using var stop = new CancellationTokenSource();
        var feed = new LogFeed([log.Source], new CursorFile(_folder["cursor"]), new SyslogTls(Settings(port)), TimeProvider.System)
        {
            LongestPause = TimeSpan.FromMilliseconds(300),
        };
        var running = feed.Run(stop.Token);
        var random = new Random(5);
        for (var round = 0; round < 5; round++)
        {
            await log.Seal(traffic.Records(1500));
            await Task.Delay(random.Next(10, 300));
            collector.Kill();
            await collector.WaitForExitAsync();
            collector.Dispose();
            var cursor = new CursorFile(_folder["cursor"]).Read().GetValueOrDefault(SomeLog.Origin);
            Assert.Equal(cursor, Received().Where(index => index < cursor).Distinct().LongCount());
            // While it is away the log takes records as always.
            await log.Seal(traffic.Records(50));
            collector = Children.Start("collector", port.ToString(CultureInfo.InvariantCulture), _folder["tls"], _folder["received"]);
            await collector.StandardOutput.ReadLineAsync();
        }

        var size = log.Source.Open().Checkpoint.Size;
        for (
            var started = Stopwatch.StartNew();
            new CursorFile(_folder["cursor"]).Read().GetValueOrDefault(SomeLog.Origin) < size && started.Elapsed < TimeSpan.FromSeconds(60);

        )
        {
            await Task.Delay(20);
        }

        await stop.CancelAsync();
        await running;
        collector.Kill();
        collector.Dispose();
        Assert.Equal(Enumerable.Range(0, (int)size).Select(static i => (long)i), Received().Distinct().Order());
    }

    [Fact]
    public async Task A_collector_with_another_certificate_gets_nothing()
    {
        Certificates.Make(_folder["tls"], "collector", "gateway");
        Certificates.Make(_folder["foreign"], "collector", "gateway");
        await using var log = new SomeLog(_folder["log"]);
        await log.Seal(new SomeTraffic(6, Start).Records(20));
        using var collector = Children.Start("collector", "0", _folder["foreign"], _folder["received"]);
        var port = int.Parse((await collector.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        var feed = new LogFeed([log.Source], new CursorFile(_folder["cursor"]), new SyslogTls(Settings(port)), TimeProvider.System);
        await Assert.ThrowsAnyAsync<Exception>(() => feed.CatchUp(default));
        Assert.Empty(new CursorFile(_folder["cursor"]).Read());
        collector.Kill();
        await collector.WaitForExitAsync();
        Assert.Empty(Received());
    }

    private LogFeed Feed(SomeLog log) =>
        new([log.Source], new CursorFile(_folder["cursor"]), new JsonLinesFile(_folder["ocsf.jsonl"]), TimeProvider.System);

    private SyslogSettings Settings(int port) =>
        new()
        {
            Host = "127.0.0.1",
            Port = port,
            Trust = Path.Combine(_folder["tls"], "ca.pem"),
            Certificate = Path.Combine(_folder["tls"], "gateway.pem"),
            Key = Path.Combine(_folder["tls"], "gateway.key.pem"),
            Patience = TimeSpan.FromSeconds(10),
        };

    private List<long> Received() =>
        !File.Exists(_folder["received"])
            ? []
            :
            [
                .. Shared(_folder["received"])
                    .Select(static line => MessageLine().Match(line))
                    .Where(static match => match.Success)
                    .Select(static match => long.Parse(match.Groups["index"].ValueSpan, CultureInfo.InvariantCulture)),
            ];

    private static List<long> Served(string file, bool lastMayBeTorn = false)
    {
        var lines = File.Exists(file) ? Shared(file) : [];
        return
        [
            .. (lastMayBeTorn && lines.Count > 0 && !File.ReadAllText(file).EndsWith('\n') ? lines.SkipLast(1) : lines).Select(
                static line =>
                {
                    using var json = JsonDocument.Parse(line);
                    return json.RootElement.GetProperty("metadata").GetProperty("sequence").GetInt64();
                }
            ),
        ];
    }

    private static List<string> Shared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    [GeneratedRegex(
        @"^<1\d\d>1 \S+ \S+ gateway - \S+ \[gateway@32473 log=""[^""]+"" index=""(?<index>\d+)"" leaf=""[0-9a-f]{64}""\] \{.*\}$",
        RegexOptions.None,
        1000
    )]
    private static partial Regex MessageLine();
}
