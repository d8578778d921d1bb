using System.Collections.Immutable;

namespace Admin.Checks;

/// <summary>One thing that is wrong: a code with its words in <see cref="Texts.Reasons"/>, and what was seen.</summary>
/// <param name="Code">The server's own code where it has one.</param>
/// <param name="Facts">Names and values for the partner's eyes: from its own file, never a key or a token.</param>
internal sealed record Finding(string Code, params ImmutableArray<(string Name, string Value)> Facts);
