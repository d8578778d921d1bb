using System.Collections.Immutable;
using System.Text;
using Agreements.Loading.Yaml;
using Wording;

namespace Agreements.Loading;

/// <summary>Does it stop the set from being activated?</summary>
public enum LoadSeverity
{
    /// <summary>The set is usable; somebody should look.</summary>
    Warning,

    /// <summary>The set is not activated.</summary>
    Error,
}

/// <summary>One thing wrong with the files of <c>contracts</c>, with the way to mend it. Its words are looked up when it is said.</summary>
/// <param name="File">Path below the contracts directory, with forward slashes.</param>
/// <param name="Line">Line, from 1; 0 when the file as a whole is meant.</param>
/// <param name="Code">What kind of thing: the same in every language.</param>
/// <param name="Blanks">What stands in the blanks of its sentences.</param>
/// <param name="Severity">Does it stop activation?</param>
public sealed record LoadError(string File, int Line, string Code, ImmutableArray<Blank> Blanks, LoadSeverity Severity)
{
    private const int Longest = 1_000;

    /// <summary>All codes there are.</summary>
    public static IEnumerable<string> Codes => FindingWords.Codes;

    /// <summary>File and line, or the file alone when it is meant as a whole.</summary>
    public string Place => Plain(Line > 0 ? $"{File}:{Line}" : File);

    /// <summary>What is wrong, in English, for logs.</summary>
    public string What => WhatIn(Languages.English);

    /// <summary>How to mend it, in English, for logs.</summary>
    public string Remedy => RemedyIn(Languages.English);

    /// <summary>What is wrong.</summary>
    public string WhatIn(string language) => FindingWords.What(Code, language, Blanks);

    /// <summary>How to mend it.</summary>
    public string RemedyIn(string language) => FindingWords.ToDo(Code, language, Blanks);

    /// <summary>One line for a person: place, weight, what is wrong, and what to do.</summary>
    public string Say(string language)
    {
        var weight = FindingWords.Book.Say(Severity == LoadSeverity.Error ? "error" : "warning", language);
        return Phrases.Found(Isolation.Around(Place, language), weight, WhatIn(language), RemedyIn(language), language);
    }

    /// <summary>One line for a log, whatever files are called and say: <c>file:line: error: what. remedy.</c></summary>
    public override string ToString() => Plain(Say(Languages.English));

    /// <summary>The same thing at the same place.</summary>
    public bool Equals(LoadError? other) =>
        other is not null
        && File == other.File
        && Line == other.Line
        && Code == other.Code
        && Severity == other.Severity
        && What == other.What
        && Remedy == other.Remedy;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(File, Line, Code, Severity);

    private static string Plain(string text)
    {
        var line = new StringBuilder();
        foreach (var rune in text.AsSpan(0, Math.Min(text.Length, Longest)).EnumerateRunes())
            line.Append(rune.Value is '\n' || Invisible.Is(rune) ? " " : rune.ToString());
        return line.ToString();
    }
}
