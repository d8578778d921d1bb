using Agreements.Loading;

namespace Policy.Tests.Matrix;

/// <summary>No clause is idle: without it the matrix is another one, or the file does not load.</summary>
public sealed class ClauseDeletionTest
{
    // What stands in the file for those who read and sign it, because leaving it out would mean the same.
    private static readonly string[] SameAsDefault = [".answer.deadline", ".answer.maxBytes", ".answer", "text.languages[fr]", "text.languages[ar]"];

    [Fact]
    public void Without_any_single_clause_a_cell_flips_or_the_load_stops()
    {
        using var law = new LawFiles();
        var (axes, table, idle, deletions) = (Axes.Of(law.Registry()), new List<string>(), new List<string>(), 0);
        foreach (var agreement in law.Agreements)
        {
            var signed = law.Text(agreement);
            var parties = LawFiles.PartiesOf(signed);
            law.WriteSigned(agreement, Clauses.Whole(signed), parties);
            var before = Cells(law, axes, agreement);
            foreach (var (name, text) in Clauses.Without(signed).Concat(parties.Select(party => ($"signatures[{party}]", Clauses.Whole(signed)))))
            {
                law.WriteSigned(agreement, text, name.StartsWith("signatures[", StringComparison.Ordinal) ? parties.Where(party => name != $"signatures[{party}]") : parties);
                deletions++;
                var effect = EffectOf(law, axes, agreement, before);
                table.Add($"{agreement} {name}: {effect ?? "nothing"}");
                if (effect is null && !Array.Exists(SameAsDefault, name.EndsWith)) idle.Add($"{agreement} {name}");
            }

            File.WriteAllText(law.At($"agreements/{agreement}.yaml"), signed);
        }

        TestContext.Current.SendDiagnosticMessage($"{deletions} clauses deleted, one at a time");
        MatrixReport.Write("clauses.txt", [$"{deletions} clauses deleted, one at a time; {table.Count(static line => line.Contains(": stops", StringComparison.Ordinal))} stop the load, {table.Count(static line => line.Contains(": flips", StringComparison.Ordinal))} flip cells", .. table]);
        Assert.Empty(idle);
        Assert.True(deletions > 500, $"only {deletions} clauses");
    }

    private static string? EffectOf(LawFiles law, Axes axes, string agreement, Dictionary<string, Decision> before)
    {
        var load = law.Load();
        if (load.Registry is null)
        {
            var error = load.Errors.First(static error => error.Severity is LoadSeverity.Error);
            return $"stops the load: {error.File}:{error.Line} {error.What}";
        }

        var after = Cells(law, axes, agreement);
        var flipped = before.Where(pair => !Same(pair.Value, after[pair.Key])).Select(static pair => pair.Key).ToList();
        if (flipped.Count == 0) return null;
        var (was, now) = (before[flipped[0]], after[flipped[0]]);
        return $"flips {flipped.Count} of {before.Count}, first {flipped[0]}: {Word(was, now)} → {Word(now, was)}";
    }

    private static Dictionary<string, Decision> Cells(LawFiles law, Axes all, string agreement)
    {
        var registry = law.Registry();
        var (axes, decisions, cells) = (all.For(registry.Agreements[agreement]), new Decisions(registry), new Dictionary<string, Decision>(StringComparer.Ordinal));
        foreach (var system in axes.Systems)
            foreach (var purpose in axes.Purposes)
                foreach (var operation in axes.Operations)
                    foreach (var day in DaysOf(all, agreement, axes))
                        cells[$"{system.Id} {purpose} {operation} {day:yyyy-MM-dd}"] = decisions.Of(system, agreement, purpose, operation, day);
        return cells;
    }

    // The same days before and after: a deleted date must not move the axis.
    private static readonly Dictionary<string, DateOnly[]> Days = new(StringComparer.Ordinal);

    private static DateOnly[] DaysOf(Axes all, string agreement, Axes axes) => Days.TryGetValue(agreement, out var known) ? known : Days[agreement] = [.. axes.Days.Where(day => all.Days.Contains(day) || day == new DateOnly(2026, 11, 21))];

    private static bool Same(Decision one, Decision other) => one.Code == other.Code && one.Terms == other.Terms && one.Release.SetEquals(other.Release);

    private static string Word(Decision decision, Decision other) => decision.Code
        ?? (other.Code is not null ? "permit" : decision.Release.SetEquals(other.Release)
            ? string.Join('|', decision.Terms.Split('|').Except(other.Terms.Split('|')))
            : "releases " + string.Join(' ', decision.Release.Except(other.Release).Order(StringComparer.Ordinal).DefaultIfEmpty("less")));
}
