using System.Diagnostics.CodeAnalysis;

namespace Authority;

/// <summary>
/// What a step of the issuance gives: a value, or the refusal that ends it. Refusals are ordinary values; exceptions are faults.
/// </summary>
/// <typeparam name="T">Value of the step.</typeparam>
public readonly struct Verdict<T>
{
    private readonly T? _value;

    private Verdict(T? value, TokenRefusal? refusal) => (_value, Refusal) = (value, refusal);

    /// <summary>The refusal; null when the step gave a value.</summary>
    public TokenRefusal? Refusal { get; }

    /// <summary>True with the value, or false with the refusal.</summary>
    public bool Allows([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out TokenRefusal? refusal)
    {
        (value, refusal) = (_value, Refusal);
        return refusal is null;
    }

    /// <summary>A verdict that gives <paramref name="value"/>.</summary>
    public static implicit operator Verdict<T>(T value) => new(value, refusal: null);

    /// <summary>A verdict that refuses.</summary>
    public static implicit operator Verdict<T>(TokenRefusal refusal) => new(value: default, refusal);
}
