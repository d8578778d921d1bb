using System.Collections;
using System.Globalization;
using System.Reflection;
using Agreements;
using Agreements.Loading;

namespace Policy.Tests.Matrix;

/// <summary>
/// No clause of an institution file is idle: without it the load stops, a cell of the matrix flips, or a term changes that another room
/// reads (where the provider is called and how, which certificates a client may use, its limits, the names that people read).
/// </summary>
public sealed class InstitutionDeletionTest
{
    private const string Anywhere = "*";
    private static readonly DateOnly Today = new(2026, 11, 21);

    // Clauses without which everything stays as it is, each with the reason why it stands in a file all the same.
    private static readonly (string Institution, string Clause, string Reason)[] Neutral =
    [
        (Anywhere, "status", "active is what a client is that says nothing; it is written so that 'suspended' has a place to be written"),
        (Anywhere, "binding", "mtls is the default; it is written so that a reader need not know that"),
        (Anywhere, "provider.notFoundStatus", "none is the default; it is written because a provider must have been asked"),
        (Anywhere, "provider.undeclaredFields", "strip is the default; it is written because a provider must have been asked"),
        (Anywhere, "provider.chunkSize", "500 is the default; it is written because a provider agreed to it"),
        (Anywhere, "provider.fhir.search", "identifier is the default; it is written because a provider must have been asked"),
        (Anywhere, "provider.bulk", "none is the default for a provider that takes no batches"),
    ];

    [Fact]
    public void Without_any_single_clause_the_load_stops_or_a_cell_or_a_term_changes()
    {
        using var law = new LawFiles();
        var (registry, table, idle, used) = (
            law.Registry(),
            new List<string>(),
            new List<string>(),
            new HashSet<(string, string, string)>()
        );
        var deletions = 0;
        foreach (var institution in registry.Institutions.Keys.Order(StringComparer.Ordinal))
        {
            var (path, before) = (law.At($"institutions/{institution}.yaml"), Cells(registry, institution));
            var text = File.ReadAllText(path);
            File.WriteAllText(path, Clauses.Whole(text));
            Assert.Equal(before, Cells(law.Registry(), institution));
            foreach (var (name, without) in Clauses.Without(text))
            {
                File.WriteAllText(path, without);
                deletions++;
                var effect = EffectOf(law, institution, before);
                var known = Array.Find(Neutral, one =>
                    one.Institution is Anywhere && (name == one.Clause || name.EndsWith("." + one.Clause, StringComparison.Ordinal))
                    || (one.Institution, one.Clause) == (institution, name)
                );
                if (effect is null && known == default)
                    idle.Add($"{institution} {name}");
                if (effect is null)
                    used.Add(known);
                table.Add($"{institution} {name}: {effect ?? "nothing: " + known.Reason}");
            }

            File.WriteAllText(path, text);
        }

        string[] kinds = [": stops", ": flips", ": changes", ": nothing"];
        MatrixReport.Write(
            "institution-clauses.txt",
            [
                $"{deletions} clauses of institutions deleted, one at a time: {string.Join(", ", kinds.Select(kind => $"{table.Count(line => line.Contains(kind, StringComparison.Ordinal))}{kind[1..]}"))}",
                .. table,
            ]
        );
        Assert.Empty(idle);
        // The list holds nothing that is not needed.
        Assert.Empty(Neutral.Where(one => !used.Contains(one)).Select(static one => $"{one.Institution} {one.Clause} is not neutral"));
        Assert.True(deletions > 250, $"only {deletions} clauses");
    }

    private static string? EffectOf(LawFiles law, string institution, SortedDictionary<string, string> before)
    {
        var load = law.Load();
        if (load.Registry is not { } registry)
        {
            var error = load.Errors.First(static error => error.Severity is LoadSeverity.Error);
            return $"stops the load: {error.File}:{error.Line} {error.What}";
        }

        var after = Cells(registry, institution);
        var changed = before.Keys.Union(after.Keys).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key)).ToList();
        if (changed.Count == 0)
            return null;
        var flipped = changed.FindAll(static key => key.StartsWith("matrix ", StringComparison.Ordinal));
        var first = flipped.Count > 0 ? flipped[0] : changed[0];
        return $"{(flipped.Count > 0 ? $"flips {flipped.Count} cells" : $"changes {changed.Count} terms")}, first {first}: {before.GetValueOrDefault(first) ?? "none"} → {after.GetValueOrDefault(first) ?? "none"}";
    }

    /// <summary>
    /// What is decided under every agreement in which the institution has a part, and every term of the institution itself.
    /// </summary>
    private static SortedDictionary<string, string> Cells(Registry registry, string institution)
    {
        var (cells, decisions) = (new SortedDictionary<string, string>(StringComparer.Ordinal), new Decisions(registry));
        foreach (
            var agreement in registry.Agreements.Values.Where(one =>
                one.Parties.Contains(institution) || one.Grants.Any(grant => grant.Sources.Any(source => source.Institution == institution))
            )
        )
            foreach (var system in registry.Clients.Values)
                foreach (var purpose in agreement.Grants.Select(static grant => grant.Purpose).Distinct())
                    foreach (
                        var operation in agreement
                            .Grants.SelectMany(static grant => grant.Operations)
                            .Select(static operation => operation.Id)
                            .Distinct()
                    )
                        cells[$"matrix {system.Id} {agreement.Id} {purpose} {operation}"] = decisions
                            .Of(system, agreement.Id, purpose, operation, Today)
                            .Code
                            ?? "permit";
        if (registry.Institutions.TryGetValue(institution, out var known))
            Flatten(known, "term", cells);
        return cells;
    }

    private static void Flatten(object? value, string at, SortedDictionary<string, string> cells)
    {
        if (value is null)
            return;
        if (value is string or Uri or IFormattable)
            cells[at] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        else if (value is bool flag)
            cells[at] = flag ? "true" : "false";
        else if (value is IDictionary map)
            foreach (DictionaryEntry entry in map)
                Flatten(entry.Value, $"{at}[{entry.Key}]", cells);
        else if (value is IEnumerable list)
        {
            var number = 0;
            foreach (var item in list)
                Flatten(item, $"{at}[{number++}]", cells);
        }
        else
            foreach (
                var property in value
                    .GetType()
                    .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                    .Where(static property => property.GetIndexParameters().Length == 0)
            )
                Flatten(property.GetValue(value), $"{at}.{property.Name}", cells);
    }
}
