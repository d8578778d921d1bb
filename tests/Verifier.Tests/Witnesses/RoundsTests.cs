using System.Text.Json;
using Ledger;
using Ledger.Tiles;
using Ledger.Witnesses;
using Xunit;

namespace Verifier.Tests.Witnesses;

/// <summary>T8: no second history gets far. A log with its witnesses, copies of it, and two writers with the same key.</summary>
public sealed class RoundsTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private const string TwoOfThree = "group outside 2 w1 w2 w3\nquorum outside";

    [Fact]
    public async Task Three_witnesses_cosign_what_is_published_and_the_files_hold_it()
    {
        using var log = await SealedLog.Of(300);
        await using var neighbours = await Neighbours.Of(log.Key, 3, TwoOfThree);
        await using var writer = log.Reopen();
        await using var rounds = new WitnessRounds(writer, log.Directory, neighbours.Policy, Http, TimeProvider.System);
        await writer.WhenPublished(303);
        Assert.True(await rounds.RoundAsync());

        var note = await File.ReadAllTextAsync(Path.Combine(log.Directory, "checkpoint-witnessed"));
        Assert.True(neighbours.Policy.TryOpen(note, out var checkpoint, out var reason), reason);
        Assert.Equal(writer.Published!.Size, checkpoint.Size);
        var day = Directory.GetFiles(Path.Combine(log.Directory, "witnessed"), "*.notes").Single();
        Assert.Contains(note, await File.ReadAllTextAsync(day), StringComparison.Ordinal);

        await SealedLog.Seal(writer, ["""{"v":1}"""]);
        await writer.WhenPublished(checkpoint.Size + 1);
        Assert.True(await rounds.RoundAsync());
    }

    [Fact]
    public async Task With_one_witness_down_the_quorum_of_two_stands_and_with_two_down_exchanges_go_on()
    {
        using var log = await SealedLog.Of(3);
        await using var neighbours = await Neighbours.Of(log.Key, 3, TwoOfThree);
        await using var writer = log.Reopen();
        await using var rounds = new WitnessRounds(writer, log.Directory, neighbours.Policy, Http, TimeProvider.System);
        await writer.WhenPublished(1);
        await neighbours.Silence(2);
        Assert.True(await rounds.RoundAsync());
        await neighbours.Silence(3);
        Assert.False(await rounds.RoundAsync());
        Assert.Null(rounds.Contradiction);
        await SealedLog.Seal(writer, ["""{"v":1}"""]);
        Assert.Equal(LedgerState.Open, writer.State);
    }

    [Fact]
    public async Task A_lost_quorum_is_sealed_once_and_its_return_too()
    {
        using var log = await SealedLog.Of(3);
        await using var neighbours = await Neighbours.Of(log.Key, 1, "quorum w1");
        using var cable = new Cable();
        using var http = new HttpClient(cable);
        var clock = new Clock();
        await using (var writer = log.Reopen())
        {
            await using var rounds = new WitnessRounds(writer, log.Directory, neighbours.Policy, http, clock);
            await writer.WhenPublished(1);
            cable.IsCut = true;
            Assert.False(await rounds.RoundAsync());
            Assert.False(rounds.QuorumLost);
            clock.Ahead += TimeSpan.FromMinutes(10);
            Assert.False(await rounds.RoundAsync());
            Assert.False(await rounds.RoundAsync());
            Assert.True(rounds.QuorumLost);
            cable.IsCut = false;
            Assert.True(await rounds.RoundAsync());
            Assert.False(rounds.QuorumLost);
        }

        Assert.Equal(["quorum-lost", "quorum-regained"], WitnessCodes(log));
    }

    [Fact]
    public async Task A_forked_history_signed_with_the_real_key_is_detected_in_the_first_round_of_either_side()
    {
        using var log = await SealedLog.Of(300);
        await using var neighbours = await Neighbours.Of(log.Key, 3, TwoOfThree);
        var copy = log.CopyTo("copy");
        await using (var honest = log.Reopen())
        {
            await using var rounds = new WitnessRounds(honest, log.Directory, neighbours.Policy, Http, TimeProvider.System);
            await honest.WhenPublished(303);
            Assert.True(await rounds.RoundAsync());
        }

        await using (var forged = log.Reopen(copy))
        {
            await SealedLog.Seal(forged, Enumerable.Range(0, 50).Select(static n => $$"""{"v":1,"forged":{{n}}}"""));
            await forged.WhenPublished(354);
            await using var rounds = new WitnessRounds(forged, copy, neighbours.Policy, Http, TimeProvider.System);
            Assert.False(await rounds.RoundAsync());
            Assert.NotNull(rounds.Contradiction);
            await Stopped(forged);
            Assert.False(forged.TryReserve(1, out _));
        }

        Assert.Single(WitnessCodes(log, copy));
        // The other way round: what was forked has witnesses, and the honest side hears of it.
        var other = log.CopyTo("other");
        await using (var writer = log.Reopen(other))
        {
            var sealedHere = await SealedLog.Seal(writer, Enumerable.Range(0, 5).Select(static n => $$"""{"v":1,"n":{{n}}}"""));
            await using var rounds = new WitnessRounds(writer, other, neighbours.Policy, Http, TimeProvider.System);
            await writer.WhenPublished(sealedHere[^1].Size);
            Assert.True(await rounds.RoundAsync());
        }

        await using var original = log.Reopen();
        await using var late = new WitnessRounds(original, log.Directory, neighbours.Policy, Http, TimeProvider.System);
        await original.WhenPublished(1);
        Assert.False(await late.RoundAsync());
        await Stopped(original);
    }

    [Fact]
    public async Task The_rounds_run_by_themselves_within_the_interval()
    {
        using var log = await SealedLog.Of(3);
        await using var neighbours = await Neighbours.Of(log.Key, 3, TwoOfThree);
        var copy = log.CopyTo("copy");
        var pace = new WitnessPace { Every = TimeSpan.FromMilliseconds(50) };
        await using (var honest = log.Reopen())
        {
            await using var rounds = new WitnessRounds(honest, log.Directory, neighbours.Policy, Http, TimeProvider.System, pace);
            rounds.Start();
            await Until(() => File.Exists(Path.Combine(log.Directory, "checkpoint-witnessed")));
        }

        await using var forged = log.Reopen(copy);
        await SealedLog.Seal(forged, Enumerable.Range(0, 5).Select(static n => $$"""{"v":1,"forged":{{n}}}"""));
        await using var seen = new WitnessRounds(forged, copy, neighbours.Policy, Http, TimeProvider.System, pace);
        seen.Start();
        await Stopped(forged);
        Assert.NotNull(seen.Contradiction);
    }

    [Fact]
    public async Task A_restored_backup_does_not_start_when_a_witness_answers()
    {
        using var log = await SealedLog.Of(30);
        await using var neighbours = await Neighbours.Of(log.Key, 3, TwoOfThree);
        var backup = log.CopyTo("backup");
        await using (var writer = log.Reopen())
        {
            await using var rounds = new WitnessRounds(writer, log.Directory, neighbours.Policy, Http, TimeProvider.System);
            await writer.WhenPublished(1);
            Assert.True(await rounds.RoundAsync());
        }

        var options = log.Options(backup);
        Assert.Equal(3, await WitnessStart.AskAsync(options, log.Key, neighbours.Policy, Http, required: true));
        var damage = Assert.Throws<LedgerDamaged>(() => log.Open(options));
        Assert.Contains("older copy", damage.Message, StringComparison.Ordinal);

        // The log itself starts, after a crash too, as it continues what they hold.
        options = log.Options(log.Directory);
        await WitnessStart.AskAsync(options, log.Key, neighbours.Policy, Http, required: true);
        await log.Open(options).DisposeAsync();
    }

    [Fact]
    public async Task A_start_that_needs_a_witness_is_refused_when_none_answers()
    {
        using var log = await SealedLog.Of(3);
        await using var neighbours = await Neighbours.Of(log.Key, 2, "quorum w1");
        await neighbours.Silence(1);
        Assert.Equal(1, await WitnessStart.AskAsync(log.Options(log.Directory), log.Key, neighbours.Policy, Http, required: true));
        await neighbours.Silence(2);
        await Assert.ThrowsAsync<LedgerUnavailable>(() =>
            WitnessStart.AskAsync(log.Options(log.Directory), log.Key, neighbours.Policy, Http, required: true)
        );
        Assert.Equal(0, await WitnessStart.AskAsync(log.Options(log.Directory), log.Key, neighbours.Policy, Http, required: false));
    }

    private static Task Stopped(LedgerWriter writer) => Until(() => writer is { State: LedgerState.Damaged, Damage: not null });

    private static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 3000 && !condition(); i++)
        {
            await Task.Delay(10);
        }

        Assert.True(condition());
    }

    private static List<string> WitnessCodes(SealedLog log, string? folder = null)
    {
        var codes = new List<string>();
        foreach (var entry in LogReader.Open(folder ?? log.Directory, log.Key).Entries())
        {
            using var json = JsonDocument.Parse(entry.Text);
            if (json.RootElement.TryGetProperty("ev", out var kind) && kind.GetString() == "witness")
            {
                codes.Add(json.RootElement.GetProperty("code").GetString()!);
            }
        }

        return codes;
    }

    /// <summary>The network between the log and its witnesses.</summary>
    private sealed class Cable() : DelegatingHandler(new SocketsHttpHandler())
    {
        public bool IsCut { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            IsCut ? throw new HttpRequestException("cut") : base.SendAsync(request, cancellationToken);
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
