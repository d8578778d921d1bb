using System.Collections.Immutable;
using System.Globalization;
using Wording;

namespace Admin.Checks;

/// <summary>What was seen, by name.</summary>
/// <param name="Name">Name, as scripts get it.</param>
/// <param name="Value">Value, as scripts get it.</param>
/// <param name="Words">Value, as people read it.</param>
internal sealed record Fact(string Name, string Value, Blank Words)
{
    /// <summary>The same seen under the same name.</summary>
    public bool Equals(Fact? other) => other is not null && (Name, Value) == (other.Name, other.Value);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Name, Value);

    /// <summary>A code or a text.</summary>
    public static implicit operator Fact((string Name, string Value) fact) => new(fact.Name, fact.Value, fact.Value);

    /// <summary>A moment; a hyphen for none.</summary>
    public static implicit operator Fact((string Name, DateTimeOffset? At) fact) =>
        fact.At is { } at
            ? new(fact.Name, at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), at)
            : new(fact.Name, "-", "-");
}

/// <summary>One thing that is wrong: a code with its words in <see cref="Texts.Reasons"/>, and what was seen.</summary>
/// <param name="Code">The server's own code where it has one.</param>
/// <param name="Facts">Names and values for the partner's eyes: from its own file, never a key or a token.</param>
internal sealed record Finding(string Code, params ImmutableArray<Fact> Facts);
