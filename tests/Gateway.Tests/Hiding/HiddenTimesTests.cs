using System.Diagnostics;
using System.Globalization;
using System.Net;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Hiding;

/// <summary>
/// How long answers about hidden and about unknown persons take, under each fault that a caller can meet or cause. Two thousand pairs in
/// the long form,
/// printed as quantiles and the greatest distance of both distributions (Kolmogorov and Smirnov's D; of one distribution below 0.043 in
/// 95 of 100 runs).
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class HiddenTimesTests(ITestOutputHelper output)
{
    private static readonly int Pairs = Environment.GetEnvironmentVariable("GATEWAY_LONG") == "1" ? 2_000 : 2;

    [Fact]
    public async Task Times_of_hidden_and_of_unknown_persons_are_of_one_distribution()
    {
        await using var town = await HidingTown.StartAsync();
        for (var i = 0; i < 200; i++)
            await town.Ask(Fixtures.UnknownChild);
        await Measure(town, "none", static _ => Task.CompletedTask, BehaviorMode.Normal);
        await Measure(town, "source slow (3 ms)", static _ => Task.CompletedTask, BehaviorMode.Slow, TimeSpan.FromMilliseconds(3));
        await Measure(town, "busy (503)", static _ => Task.CompletedTask, BehaviorMode.Busy);
        // One connection at a time: a pool would keep those that were opened for calls given up meanwhile.
        using var open = new OpenConnection(town.Town, HttpVersion.Version11, HidingTown.Client);
        await Measure(town, "hang-up before each", of => HangUp(of, open.Http), BehaviorMode.Normal);
        await Measure(town, "invalid answer about one person before each", Invalid, BehaviorMode.Normal);
        await Measure(town, "source down", static _ => Task.CompletedTask, BehaviorMode.Down);
    }

    private async Task Measure(HidingTown town, string fault, Func<HidingTown, Task> before, BehaviorMode mode, TimeSpan? delay = null)
    {
        town.Source.Clear();
        for (var i = 0; i < 70; i++)
            await town.Ask(Fixtures.UnknownChild);
        town.Source.Set(mode, delay: delay);
        for (var i = 0; i < 20; i++)
            await town.Ask(Fixtures.UnknownChild);
        var (unknown, hidden, alike) = (new double[Pairs], new double[Pairs], 0);
        for (var i = 0; i < Pairs; i++)
        {
            string? first = null;
            foreach (var isHidden in i % 2 == 0 ? [false, true] : new[] { true, false })
            {
                await before(town);
                var began = Stopwatch.GetTimestamp();
                var reply = await town.Ask(isHidden ? Fixtures.NoDossier : Fixtures.UnknownChild);
                (isHidden ? hidden : unknown)[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                var said = reply.MatchStatus ?? reply.Code!;
                if (first is null)
                    first = said;
                else if (first == said)
                    alike++;
            }
        }

        Array.Sort(unknown);
        Array.Sort(hidden);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{fault,-44} unknown {Quantiles(unknown)}  hidden {Quantiles(hidden)}  D {Distance(unknown, hidden):F3}  {alike}/{Pairs}"
            )
        );
        // While the circuit is half open one of a pair may be the probe, which a hidden one never is.
        if (mode != BehaviorMode.Down)
            Assert.Equal(Pairs, alike);
    }

    // The caller leaves before the answer; what the source does then is nobody's.
    private static async Task HangUp(HidingTown town, HttpClient client)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(4));
        try
        {
            await town.Ask(Fixtures.Student, client, patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Sooner than the answer, as it was meant.
        }
    }

    private static async Task Invalid(HidingTown town)
    {
        town.Source.Set(BehaviorMode.NotJson, count: 1);
        await town.Ask(Fixtures.PlainChild);
    }

    private static string Quantiles(double[] sorted) =>
        string.Join(
            '/',
            new[] { 0.1, 0.5, 0.9, 0.99 }.Select(share =>
                sorted[(int)(share * (sorted.Length - 1))].ToString("F2", CultureInfo.InvariantCulture)
            )
        );

    private static double Distance(double[] one, double[] other) =>
        one.Concat(other).Max(at => Math.Abs(one.Count(value => value <= at) - other.Count(value => value <= at)) / (double)one.Length);
}
