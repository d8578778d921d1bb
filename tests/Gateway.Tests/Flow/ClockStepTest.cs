using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Tests.Authentication;
using Ledger.Notes;
using Ledger.Tiles;
using Microsoft.Extensions.Logging;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>The clock of the machine is set while the gateway runs, and time goes on passing as before.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class ClockStepTest : IAsyncLifetime
{
    private readonly SteppedClock _clock = new();
    private readonly ConcurrentQueue<string> _log = new();
    private Town _town = null!;
    private string _token = "";

    public async ValueTask InitializeAsync()
    {
        _town = await Town.StartAsync(
            new TownOptions
            {
                Clock = _clock,
                Pupils = 50,
                Witnesses = 0,
                Logging = logging => logging.AddProvider(new Lines(_log)),
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
            }
        );
        _token = await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
    }

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Theory, Provokes("clock-off")]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task An_hour_is_sealed_told_and_red_and_blames_nobody_and_ends_with_it(int hours)
    {
        await Answers();
        _town["menps"].Received.Clear();
        _clock.Step = TimeSpan.FromHours(hours);
        var refused = await Enrolment(_token);
        await RefusalsTest.Refused(refused, HttpStatusCode.ServiceUnavailable, "clock-off", "WIR-14");
        Assert.Equal("gateway-operator", refused.Json.GetProperty("fixableBy").GetString());
        Assert.Equal("gateway", (await refused.Record()).GetProperty("by").GetString());
        Assert.Equal("clock-off", (await Enrolment("none")).Code);
        Assert.Empty(_town["menps"].Received.All);
        var authority = await Assert.ThrowsAnyAsync<Exception>(() => _town.TokenFor("anss-payments", "ASD_BACK_TO_SCHOOL"));
        Assert.Contains("temporarily_unavailable", authority.Message, StringComparison.Ordinal);
        Assert.Contains("clock-off WIR-14: the clock of the authority is off", authority.Message, StringComparison.Ordinal);
        Assert.Contains("\"clock\":false", await Page("/health/ready"), StringComparison.Ordinal);
        // The gateways of other tests show theirs on the page of this process, too.
        var shown = Regex
            .Matches(
                await Page("/metrics"),
                @"^gateway_clock_offset\S* (?<seconds>\S+)",
                RegexOptions.Multiline | RegexOptions.ExplicitCapture,
                TimeSpan.FromSeconds(1)
            )
            .Select(static match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.Contains(hours, shown.Select(static seconds => (int)Math.Round(seconds / 3600)));
        await Soon.Holds(() => Task.FromResult(Offsets().Contains(hours)), "the step is sealed");
        Assert.Contains(_log, static line =>
            line.Contains("The clock of this machine was set while the program ran", StringComparison.Ordinal)
        );

        _clock.Step = TimeSpan.Zero;
        await Answers();
        Assert.Contains("\"clock\":true", await Page("/health/ready"), StringComparison.Ordinal);
        await Soon.Holds(() => Task.FromResult(Offsets().LastOrDefault(hours) == 0), "the step back is sealed too");
    }

    [Fact]
    public async Task Ten_seconds_are_sealed_and_an_alarm_and_the_gateway_goes_on()
    {
        _clock.Step = TimeSpan.FromSeconds(10);
        await Soon.Holds(() => Task.FromResult(Steps().Any(static step => step.TotalSeconds is > 9 and < 11)), "the step is sealed");
        Assert.Contains(_log, static line =>
            line.Contains("The clock of this machine was set while the program ran", StringComparison.Ordinal)
        );
        _token = await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        await Answers();
        Assert.Contains("\"clock\":true", await Page("/health/ready"), StringComparison.Ordinal);
        // Who is refused now may be refused for our clock.
        Assert.Equal("clock-off", (await Enrolment("none")).Code);
    }

    // A busy machine's ministry may not answer in time.
    private Task Answers() => Soon.Holds(async () => (await Enrolment(_token)).MatchStatus == "MATCHED", "the gateway answers");

    private IEnumerable<int> Offsets() => Steps().Select(static step => (int)Math.Round(step.TotalHours));

    // Of both programs: the gateway's and the authority's.
    private List<TimeSpan> Steps() =>
        [
            .. from entry in LogReader.Open(_town.LedgerFolder, VerifierKey.Parse(_town.File.Ledger.Vkey)).Entries()
            let record = JsonSerializer.Deserialize<JsonElement>(entry.Text.Span)
            where record.GetProperty("ev").GetString() == "clock" && record.TryGetProperty("ahead", out _)
            select TimeSpan.FromMilliseconds(record.GetProperty("ahead").GetInt64()),
        ];

    private async Task<Reply> Enrolment(string token)
    {
        using var body = new StringContent(Ask.Question(_town, Fixtures.PlainChild), Encoding.UTF8, "application/json");
        return await _town.Send(Ask.Enrolments, body, token, _town.ClientAs("anss-eligibility"));
    }

    private async Task<string> Page(string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(new Uri(_town.File.Metrics), path));
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>The system's clock, set; time passes as it does.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        private long _ticks;

        public TimeSpan Step
        {
            set => Interlocked.Exchange(ref _ticks, value.Ticks);
        }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ticks));
    }
}
