using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Authentication;
using Microsoft.Extensions.Logging;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>
/// While files on disk cannot become law, whoever is added to the suspensions is stopped at both doors, and people are told.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class LawBehindTests
{
    [Theory]
    [InlineData("pipe")]
    [InlineData("half a file")]
    public async Task A_client_is_stopped_at_both_doors_although_another_file_is_broken(string fault)
    {
        using var log = new Lines();
        await using var town = await Town.StartAsync(
            new TownOptions { Pupils = 100, Logging = logging => logging.SetMinimumLevel(LogLevel.Warning).AddProvider(log) }
        );
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        Assert.Equal(HttpStatusCode.OK, (await Question(town, token)).Status);
        Assert.Contains(log.Of("Law"), static line => line.StartsWith("Warning no operators are named", StringComparison.Ordinal));
        Assert.True(await Gauge(town, "gateway_law_behind") >= 0);
        var broken = Path.Combine(town.Contracts.Folder, "agreements", "ANSS-NEW-2026-01.yaml");
        if (fault == "pipe")
            using (var made = Process.Start("mkfifo", broken))
                await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        else
            await File.WriteAllTextAsync(broken, "schema: gateway.agreement/1\nid: ANSS-N", TestContext.Current.CancellationToken);
        await Soon.Holds(
            async () => (await Note(town, "law"))?.Contains("agreements/ANSS-NEW-2026-01.yaml", StringComparison.Ordinal) == true,
            "readiness says so"
        );
        Assert.Contains("no operators", await Note(town, "operators"), StringComparison.Ordinal);
        Assert.True(await Gauge(town, "gateway_law_behind_since") > 1_700_000_000);
        Assert.Equal(0, await Gauge(town, "gateway_law_operators"));

        await File.AppendAllTextAsync(
            Path.Combine(town.Contracts.Folder, "suspensions.yaml"),
            "  - { kind: client, id: anss-eligibility, by: anss, since: 2020-01-01 }\n",
            TestContext.Current.CancellationToken
        );
        await Soon.Holds(async () => (await Question(town, token)).Code == "client-suspended", "the gateway stops it");
        await Assert.ThrowsAnyAsync<Exception>(() => town.TokenFor("anss-eligibility", "ASD_SCHOOLING"));
        Assert.NotEmpty(await town.TokenFor("anss-inclusion"));
        File.Delete(broken);
        await Soon.Holds(async () => await Note(town, "law") is null, "readiness says that it is over");
        Assert.Equal("client-suspended", (await Question(town, token)).Code);
        Assert.Single(log.Of("Law"), static line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private static async Task<Reply> Question(Town town, string token)
    {
        using var body = new StringContent(Ask.Question(town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
        return await town.Send(Ask.Enrolments, body, token, town.ClientAs("anss-eligibility"));
    }

    private static async Task<string?> Note(Town town, string name)
    {
        using var http = new HttpClient();
        var page = JsonSerializer.Deserialize<JsonElement>(
            await http.GetStringAsync(new Uri(town.File.Metrics.Replace("/metrics", "/health/ready", StringComparison.Ordinal)))
        );
        return page.TryGetProperty("notes", out var notes) && notes.TryGetProperty(name, out var note) ? note.GetString() : null;
    }

    // Other towns of this process stand on the same page.
    private static async Task<double> Gauge(Town town, string name)
    {
        using var http = new HttpClient();
        var lines = (await http.GetStringAsync(new Uri(town.File.Metrics)))
            .Split('\n')
            .Where(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return lines.Select(line => double.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture)).Max();
    }

    private sealed class Lines : ILoggerProvider
    {
        private readonly ConcurrentQueue<(string Category, string Line)> _lines = new();

        public IEnumerable<string> Of(string category) => _lines.Where(line => line.Category == category).Select(static line => line.Line);

        public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

        public void Dispose() { }

        private sealed class Writer(Lines lines, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel,
                EventId eventId,
                TState state,
                Exception? exception,
                Func<TState, Exception?, string> formatter
            ) => lines._lines.Enqueue((category, $"{logLevel} {formatter(state, exception)}"));
        }
    }
}
