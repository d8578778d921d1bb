using System.Collections.Immutable;
using Agreements;
using Agreements.Contracts;

namespace Policy.Tests.Matrix;

/// <summary>
/// What can be asked: every system of every institution, each agreement, purpose, operation, field, on every day on which something
/// changes.
/// </summary>
internal sealed record Axes(
    ImmutableArray<Client> Systems,
    ImmutableArray<string> Agreements,
    ImmutableArray<string> Purposes,
    ImmutableArray<string> Operations,
    ImmutableDictionary<string, ImmutableArray<string>> Fields,
    ImmutableArray<DateOnly> Days
)
{
    /// <summary>Questions, without fields.</summary>
    public long Questions => (long)Systems.Length * Agreements.Length * Purposes.Length * Operations.Length * Days.Length;

    /// <summary>Cells: questions times the fields of their operation.</summary>
    public long Cells =>
        (long)Systems.Length * Agreements.Length * Purposes.Length * Days.Length * Operations.Sum(operation => Fields[operation].Length);

    public static Axes Of(Registry registry) =>
        new(
            [.. registry.Clients.Values.OrderBy(static client => client.Id, StringComparer.Ordinal)],
            [.. registry.Agreements.Keys.Order(StringComparer.Ordinal)],
            [.. registry.Purposes.Keys.Order(StringComparer.Ordinal)],
            [.. registry.Operations.Keys.Order(StringComparer.Ordinal)],
            registry.Operations.Values.ToImmutableDictionary(
                static operation => operation.Id,
                operation => FieldsOf(operation, registry),
                StringComparer.Ordinal
            ),
            [
                .. registry
                    .Agreements.Values.SelectMany(DaysOf)
                    .Concat(registry.Suspensions.SelectMany(static one => Around(one.Since)))
                    .Distinct()
                    .Order(),
            ]
        );

    public Axes For(Agreement agreement) =>
        this with
        {
            Agreements = [agreement.Id],
            Days = [.. DaysOf(agreement).Append(new DateOnly(2026, 11, 21)).Distinct().Order()],
        };

    private static IEnumerable<DateOnly> DaysOf(Agreement agreement) =>
        [
            agreement.From.AddDays(-1),
            agreement.From,
            agreement.Until,
            agreement.Until.AddDays(1),
            .. agreement.PriorAuthorization is { } prior
                ? [.. Around(prior.On), prior.Until, prior.Until.AddDays(1)]
                : Array.Empty<DateOnly>(),
        ];

    private static IEnumerable<DateOnly> Around(DateOnly day) => [day.AddDays(-1), day];

    private static ImmutableArray<string> FieldsOf(Operation operation, Registry registry)
    {
        if (operation.FhirType is { } type)
            return
            [
                .. registry
                    .FhirTypes[type]
                    .Elements.Keys.Append(registry.FhirTypes[type].Subject + ".identifier.system")
                    .Append(registry.FhirTypes[type].Subject + ".identifier.value")
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal),
            ];
        var answer = operation.BatchOf is { } single ? registry.Operations[single].Answer : operation.Answer;
        var paths = new List<string>();
        Collect(answer, "", paths);
        return [.. paths.Order(StringComparer.Ordinal)];
    }

    private static void Collect(Shape? shape, string at, List<string> paths)
    {
        while (shape is { Kind: ShapeKind.Array })
            shape = shape.Items;
        if (shape is not { Kind: ShapeKind.Object })
            paths.Add(at);
        else
            foreach (var member in shape.Members)
                Collect(member.Shape, at.Length == 0 ? member.Name : $"{at}.{member.Name}", paths);
    }
}

/// <summary>Whether and how a question may be asked: a code of the closed list, or the terms of the permit and what it releases.</summary>
/// <param name="Code">Code of the refusal; null for a permit.</param>
/// <param name="Terms">All obligations of the permit, in one line; empty for a refusal.</param>
/// <param name="Release">Fields that leave.</param>
internal sealed record Decision(string? Code, string Terms, ImmutableHashSet<string> Release);
