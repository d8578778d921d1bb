using Agreements.Contracts;

namespace Gateway.Requests;

/// <summary>Says which form the contract gives a value, in the contract's own words, so that a refusal names the rule that was
/// broken.</summary>
internal static class ShapeRule
{
    private const int Longest = 200;

    /// <summary>The kind of a value: <c>type string</c>.</summary>
    public static string Kind(ShapeKind kind) => $"type {kind.ToString().ToLowerInvariant()}";

    /// <summary>What a value of the right kind has to be.</summary>
    public static string Form(Shape shape) =>
        Bounded(
            shape.Kind switch
            {
                ShapeKind.Integer => $"integer {shape.Minimum} to {shape.Maximum}",
                ShapeKind.String when shape.Values is { } values => $"one of {string.Join(' ', values.Order(StringComparer.Ordinal))}",
                ShapeKind.String when shape.Format != ShapeFormat.None => $"format {Format(shape.Format)}",
                ShapeKind.String when shape.Pattern is { } pattern =>
                    $"pattern {Written(pattern.ToString())}, at most {shape.MaxLength} characters",
                ShapeKind.String => $"at most {shape.MaxLength} characters",
                _ => Kind(shape.Kind),
            }
        );

    /// <summary>How many items an array may have.</summary>
    public static string Items(Shape shape) => $"at most {shape.MaxLength} items";

    private static string Format(ShapeFormat format) =>
        format switch
        {
            ShapeFormat.Date => "date",
            ShapeFormat.DateTime => "date-time",
            _ => format.ToString().ToLowerInvariant(),
        };

    // The loader keeps ^…$ as \A(?:…)\z.
    private static string Written(string pattern) =>
        pattern.StartsWith(@"\A(?:", StringComparison.Ordinal) ? $"^{pattern[5..^3]}$" : pattern;

    private static string Bounded(string rule) => rule.Length <= Longest ? rule : "as the contract says";
}
