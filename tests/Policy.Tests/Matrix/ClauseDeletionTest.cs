using Agreements;
using Agreements.Loading;

namespace Policy.Tests.Matrix;

/// <summary>No clause is idle: without it the matrix is another one, or the file does not load.</summary>
public sealed class ClauseDeletionTest
{
    // What stands in the file for those who read and sign it, because leaving it out would mean the same.
    private static readonly string[] SameAsDefault =
    [
        ".answer.deadline",
        ".answer.maxBytes",
        ".answer",
        "text.languages[fr]",
        "text.languages[ar]",
    ];

    [Fact]
    public void Without_any_single_clause_a_cell_flips_or_the_load_stops()
    {
        using var whole = new LawFiles();
        var axes = Axes.Of(whole.Registry());
        var effects = whole.Agreements.AsParallel().AsOrdered().SelectMany(agreement => EffectsOn(agreement, axes)).ToList();
        var table = effects.ConvertAll(static one => $"{one.Clause}: {one.Effect ?? "nothing"}");
        int Count(string word) => table.Count(line => line.Contains(word, StringComparison.Ordinal));
        var head = $"{effects.Count} clauses deleted, one at a time; {Count(": stops")} stop the load, {Count(": flips")} flip cells";
        TestContext.Current.SendDiagnosticMessage(head);
        MatrixReport.Write("clauses.txt", [head, .. table]);
        var idle = effects.FindAll(static one => one.Effect is null && !Array.Exists(SameAsDefault, one.Clause.EndsWith));
        Assert.Empty(idle.Select(static one => one.Clause));
        Assert.True(effects.Count > 500, $"only {effects.Count} clauses");
    }

    /// <summary>What each clause of one agreement is for; null when nothing changes without it.</summary>
    private static List<(string Clause, string? Effect)> EffectsOn(string agreement, Axes axes)
    {
        using var law = new LawFiles();
        var signed = law.Text(agreement);
        var parties = LawFiles.PartiesOf(signed);
        law.WriteSigned(agreement, Clauses.Whole(signed), parties);
        var registry = law.Registry();
        var days = DaysOf(axes, registry, agreement);
        var before = Cells(registry, axes, agreement, days);
        var effects = new List<(string, string?)>();
        void Try(string name, string text, IEnumerable<string> signers)
        {
            law.WriteSigned(agreement, text, signers);
            effects.Add(($"{agreement} {name}", EffectOf(law, axes, agreement, days, before)));
        }

        foreach (var (name, text) in Clauses.Without(signed))
            Try(name, text, parties);
        foreach (var party in parties)
            Try($"signatures[{party}]", Clauses.Whole(signed), parties.Where(other => other != party));

        return effects;
    }

    private static string? EffectOf(LawFiles law, Axes axes, string agreement, DateOnly[] days, Dictionary<string, Decision> before)
    {
        var load = law.Load();
        if (load.Registry is null)
        {
            var error = load.Errors.First(static error => error.Severity is LoadSeverity.Error);
            return $"stops the load: {error.File}:{error.Line} {error.What}";
        }

        var after = Cells(load.Registry, axes, agreement, days);
        var flipped = before.Where(pair => !Same(pair.Value, after[pair.Key])).Select(static pair => pair.Key).ToList();
        if (flipped.Count == 0)
            return null;
        var (was, now) = (before[flipped[0]], after[flipped[0]]);
        return $"flips {flipped.Count} of {before.Count}, first {flipped[0]}: {Word(was, now)} → {Word(now, was)}";
    }

    private static Dictionary<string, Decision> Cells(Registry registry, Axes all, string agreement, DateOnly[] days)
    {
        var (axes, decisions, cells) = (
            all.For(registry.Agreements[agreement]),
            new Decisions(registry),
            new Dictionary<string, Decision>(StringComparer.Ordinal)
        );
        foreach (var system in axes.Systems)
            foreach (var purpose in axes.Purposes)
                foreach (var operation in axes.Operations)
                    foreach (var day in days)
                        cells[$"{system.Id} {purpose} {operation} {day:yyyy-MM-dd}"] = decisions.Of(system, agreement, purpose, operation, day);
        return cells;
    }

    // Taken once, from the whole agreement: a deleted date must not move the axis.
    private static DateOnly[] DaysOf(Axes all, Registry registry, string agreement)
    {
        var own = all.For(registry.Agreements[agreement]);
        return [.. own.Days.Where(day => all.Days.Contains(day) || day == new DateOnly(2026, 11, 21))];
    }

    private static bool Same(Decision one, Decision other) =>
        one.Code == other.Code && one.Terms == other.Terms && one.Release.SetEquals(other.Release);

    private static string Word(Decision decision, Decision other) =>
        decision.Code
        ?? (
            other.Code is not null ? "permit"
            : decision.Release.SetEquals(other.Release) ? string.Join('|', decision.Terms.Split('|').Except(other.Terms.Split('|')))
            : "releases " + string.Join(' ', decision.Release.Except(other.Release).Order(StringComparer.Ordinal).DefaultIfEmpty("less"))
        );
}
