using System.Diagnostics.CodeAnalysis;

namespace Gateway;

/// <summary>
/// What a step of the exchange gives: a value, or the refusal that ends it. Refusals are ordinary values; exceptions are faults.
/// </summary>
/// <typeparam name="T">Value of the step.</typeparam>
public readonly struct Verdict<T>
{
    private readonly T? _value;

    private Verdict(T? value, Refusal? refusal) => (_value, Refusal) = (value, refusal);

    /// <summary>The refusal; null when the step gave a value.</summary>
    public Refusal? Refusal { get; }

    /// <summary>True with the value, or false with the refusal.</summary>
    public bool Allows([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
    {
        (value, refusal) = (_value, Refusal);
        return refusal is null;
    }

    /// <summary>A verdict that gives <paramref name="value"/>; for interfaces, which C# does not convert by itself.</summary>
    public Verdict(T value)
        : this(value, refusal: null) { }

    /// <summary>A verdict that gives <paramref name="value"/>.</summary>
    public static implicit operator Verdict<T>(T value) => new(value, refusal: null);

    /// <summary>A verdict that refuses.</summary>
    public static implicit operator Verdict<T>(Refusal refusal) => new(value: default, refusal);
}
