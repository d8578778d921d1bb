using System.Text;
using Agreements.Loading.Yaml;

namespace Agreements.Loading;

/// <summary>Does it stop the set from being activated?</summary>
public enum LoadSeverity
{
    /// <summary>The set is usable; somebody should look.</summary>
    Warning,
    /// <summary>The set is not activated.</summary>
    Error,
}

/// <summary>One thing wrong with the files of <c>contracts</c>, with the way to mend it.</summary>
/// <param name="File">Path below the contracts directory, with forward slashes.</param>
/// <param name="Line">Line, from 1; 0 when the file as a whole is meant.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Remedy">How to mend it.</param>
/// <param name="Severity">Does it stop activation?</param>
public sealed record LoadError(string File, int Line, string What, string Remedy, LoadSeverity Severity)
{
    private const int Longest = 1_000;

    /// <summary>One line for a terminal or a log, whatever files are called and say: <c>file:line: error: what (remedy)</c>.</summary>
    public override string ToString()
    {
        var text = $"{File}:{Line}: {(Severity == LoadSeverity.Error ? "error" : "warning")}: {What}. {Remedy}.";
        var line = new StringBuilder();
        foreach (var rune in text.AsSpan(0, Math.Min(text.Length, Longest)).EnumerateRunes())
            line.Append(rune.Value is '\n' || Invisible.Is(rune) ? " " : rune.ToString());
        return line.ToString();
    }
}
