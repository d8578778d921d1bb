using System.Collections.Immutable;
using Agreements;
using Gateway.Minimization;
using Gateway.Problems;
using Xunit;

namespace Gateway.Tests.Minimization;

/// <summary>The table of the exchanges page, section 1.7, for every combination of up to three sources.</summary>
public sealed class CombinationTest
{
    private static readonly ImmutableArray<Source> Sources = [new("A", "a", null), new("B", "b", null), new("C", "c", null)];

    /// <summary>What one source may do; the last letter of a negative ranks its date, E means before its reliable date.</summary>
    private static readonly string[] Kinds =
    [
        "ENROLLED",
        "AMBIGUOUS",
        "UNKNOWN",
        "UNKNOWN-E",
        "NEG-1",
        "NEG-2",
        "NEG-0",
        "NEG-E",
        "PENDING",
        "PENDING-E",
        "DEAD",
        "UNAVAILABLE",
    ];

    private static DateOnly ReliableOf(int source) => new(2026, 11, 1 + source);

    private static Verdict<SourceAnswer> Say(string kind, int source) =>
        kind switch
        {
            "DEAD" => new Refusal(Problem.ProviderTimeout) { Provider = Sources[source].Institution },
            "ENROLLED" => Answer(source, "MATCHED", "ENROLLED"),
            "AMBIGUOUS" => Answer(source, "AMBIGUOUS"),
            "UNAVAILABLE" => Answer(source, "UNAVAILABLE"),
            "UNKNOWN" => Answer(source, "NOT_FOUND"),
            "UNKNOWN-E" => Answer(source, "NOT_FOUND", reliable: ReliableOf(source)),
            "NEG-1" => Answer(source, "MATCHED", "DROPPED_OUT", new(2026, 9, 10)),
            "NEG-2" => Answer(source, "MATCHED", "COMPLETED", new(2026, 9, 20)),
            "NEG-0" => Answer(source, "MATCHED", "NOT_ENROLLED"),
            "NEG-E" => Answer(source, "MATCHED", "NOT_ENROLLED", new(2026, 9, 1), ReliableOf(source)),
            "PENDING" => Answer(source, "MATCHED", "PENDING"),
            "PENDING-E" => Answer(source, "MATCHED", "PENDING", reliable: ReliableOf(source)),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };

    private static SourceAnswer Answer(
        int source,
        string match,
        string? status = null,
        DateOnly? since = null,
        DateOnly? reliable = null
    ) =>
        new()
        {
            Source = Sources[source].Code,
            MatchStatus = match,
            Status = status,
            Since = since,
            ReliableFrom = reliable,
        };

    private static (Combination Combination, int Asked) Ask(string[] kinds)
    {
        var combination = new Combination([.. Sources.Take(kinds.Length)], SomeContract.EnrolmentStatus);
        var asked = 0;
        while (combination.Next is { } source)
        {
            Assert.Equal(Sources[asked], source);
            combination.Add(source, Say(kinds[asked], asked));
            asked++;
        }

        return (combination, asked);
    }

    // The table again, said in another way: only the kinds, and the words of the design.
    private static string Expected(string[] kinds)
    {
        var positive = Array.IndexOf(kinds, "ENROLLED");
        var said = (positive < 0 ? kinds : kinds[..(positive + 1)])
            .Select((kind, place) => (Kind: kind, Source: Sources[place].Code, Place: place))
            .ToList();
        string Codes(Func<string, bool> which) => string.Concat(said.Where(one => which(one.Kind)).Select(one => one.Source));
        string Result(string head) => $"{head} asked {Codes(_ => true)} missing {Codes(kind => kind is "DEAD" or "UNAVAILABLE")}";
        if (said.TrueForAll(one => one.Kind == "DEAD"))
            return "provider-timeout a";
        if (positive >= 0)
            return Result($"MATCHED ENROLLED by {Sources[positive].Code}");
        if (said.Exists(one => one.Kind == "AMBIGUOUS"))
            return Result($"AMBIGUOUS by {said.First(one => one.Kind == "AMBIGUOUS").Source}");
        var known = said.Where(one =>
                one.Kind.StartsWith("NEG", StringComparison.Ordinal) || one.Kind.StartsWith("PENDING", StringComparison.Ordinal)
            )
            .ToList();
        var early = said.Where(one => one.Kind.EndsWith("-E", StringComparison.Ordinal) || one.Kind == "PENDING").ToList();
        if (early.Count > 0)
        {
            var dated = early.Where(one => one.Kind != "PENDING").ToList();
            var until = dated.Count == 0 ? "" : $" until {ReliableOf(dated[^1].Place):dd}";
            if (known.Count == 0)
                return Result($"NOT_FOUND{until} by {early[0].Source}");
            var teller = early.Exists(known.Contains) ? early.First(known.Contains) : known[0];
            return Result($"MATCHED PENDING{until} by {teller.Source}");
        }

        if (said.Exists(one => one.Kind is "DEAD" or "UNAVAILABLE"))
        {
            var teller = said.Find(one => one.Kind is not ("DEAD" or "UNAVAILABLE"));
            return Result($"UNAVAILABLE by {teller.Source ?? said.First(one => one.Kind == "UNAVAILABLE").Source}");
        }

        if (known.Count == 0)
            return Result("NOT_FOUND negative by A");
        var (latest, _, at) = known.OrderByDescending(one => one.Kind[^1]).ThenBy(one => one.Place).First();
        return Result($"MATCHED negative {latest} by {Sources[at].Code}");
    }

    private static string Actual(string[] kinds)
    {
        var (combination, _) = Ask(kinds);
        if (!combination.Conclude().Allows(out var answer, out var refusal))
            return $"{refusal.Problem.Code} {refusal.Provider}";
        var kind = kinds[answer.Answer.Source[0] - 'A'];
        var until = answer.ReliableFrom is { } date ? $" until {date:dd}" : "";
        var head = answer.MatchStatus switch
        {
            "MATCHED" when answer.Pending is not null => $"MATCHED {answer.Pending}{until}",
            "MATCHED" when answer.IsNegative => $"MATCHED negative {kind}{until}",
            "MATCHED" => $"MATCHED {answer.Answer.Status}{until}",
            "NOT_FOUND" when answer.IsNegative => $"NOT_FOUND negative{until}",
            var other => $"{other}{until}",
        };
        return $"{head} by {answer.Answer.Source} asked {string.Concat(answer.Consulted)} missing {string.Concat(answer.Unavailable)}";
    }

    [Fact]
    public void Every_combination_of_up_to_three_sources_reads_as_the_table_says()
    {
        var count = 0;
        foreach (var first in Kinds)
        {
            Assert.Equal(Expected([first]), Actual([first]));
            foreach (var second in Kinds)
            {
                Assert.Equal(Expected([first, second]), Actual([first, second]));
                foreach (var third in Kinds)
                {
                    string[] kinds = [first, second, third];
                    Assert.True(Expected(kinds) == Actual(kinds), $"{string.Join(' ', kinds)}: {Expected(kinds)} but {Actual(kinds)}");
                    count++;
                }
            }
        }

        Assert.Equal(12 * 12 * 12, count);
    }

    [Fact]
    public void A_negative_is_stated_only_when_every_source_answered()
    {
        foreach (var first in Kinds)
            foreach (var second in Kinds)
                foreach (var third in Kinds)
                {
                    var (combination, asked) = Ask([first, second, third]);
                    if (combination.Conclude().Allows(out var answer, out _) && answer.IsNegative)
                        Assert.Equal((3, 0), (asked, answer.Unavailable.Length));
                }
    }

    [Fact]
    public void Nobody_is_asked_after_a_positive() => Assert.Equal(2, Ask(["UNKNOWN", "ENROLLED", "NEG-1"]).Asked);

    [Fact]
    public void Without_a_status_rule_a_match_settles_the_question()
    {
        var combination = new Combination(Sources, rule: null);
        combination.Add(Sources[0], Answer(0, "MATCHED"));
        Assert.Null(combination.Next);
        Assert.True(combination.Conclude().Allows(out var answer, out _));
        Assert.Equal(("MATCHED", false), (answer.MatchStatus, answer.IsNegative));
    }

    [Fact]
    public void A_person_who_must_look_unknown_gets_the_same_conclusion_as_one_who_is()
    {
        var real = new Combination(Sources, SomeContract.EnrolmentStatus);
        var silent = new Combination(Sources, SomeContract.EnrolmentStatus);
        var asOf = new DateTimeOffset(2026, 10, 12, 22, 0, 0, TimeSpan.Zero);
        foreach (var source in Sources)
        {
            real.Add(
                source,
                new SourceAnswer
                {
                    Source = source.Code,
                    MatchStatus = "NOT_FOUND",
                    AsOf = asOf.AddHours(-3),
                }
            );
            silent.Add(source, SourceAnswer.Unknown(source.Code, asOf, reliableFrom: new(2026, 10, 15), new(2026, 10, 15)));
        }

        Assert.True(real.Conclude().Allows(out var one, out _));
        Assert.True(silent.Conclude().Allows(out var other, out _));
        var minimizer = SomeContract.Minimizer(SomeContract.SchoolEnrolment, "enrolment.status");
        var terms = SomeContract.Terms("A") with { NotFoundAtMidnight = true };
        Assert.Equal(minimizer.Write(terms, one).Body.ToArray(), minimizer.Write(terms, other).Body.ToArray());
    }
}
