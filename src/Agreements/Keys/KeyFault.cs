using System.Collections.Immutable;
using Agreements.Loading;
using Wording;

namespace Agreements.Keys;

/// <summary>Why a key cannot be used; it names members and never their values.</summary>
/// <param name="Code">What kind of thing.</param>
/// <param name="Blanks">What stands in the blanks of its sentence.</param>
public sealed record KeyFault(string Code, ImmutableArray<Blank> Blanks)
{
    /// <summary>There is none.</summary>
    public static KeyFault None { get; } = new("", []);

    /// <summary>The key holds what its owner alone may have.</summary>
    public bool IsPrivate => Code == "key-private";

    /// <summary>In the blank of a sentence.</summary>
    public Blank ToBlank() => Blank.Of(Say);

    /// <inheritdoc cref="ToBlank"/>
    public static implicit operator Blank(KeyFault fault) => fault.ToBlank();

    /// <summary>In words.</summary>
    public string Say(string language) => Code.Length == 0 ? "" : FindingWords.What(Code, language, Blanks);

    /// <summary>In English, for logs.</summary>
    public override string ToString() => Say(Languages.English);

    internal static KeyFault Of(string code, params ImmutableArray<Blank> blanks) => new(code, blanks);
}
