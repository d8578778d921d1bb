using System.Globalization;
using System.Text.RegularExpressions;
using Agreements.Loading;
using Verifier;
using Wording;

namespace Admin.Texts;

/// <summary>Every sentence of this tool in French, Arabic and English: help, refusals, findings, success. Reasons of refusals stand in
/// <see cref="Reasons"/>.</summary>
internal static class Said
{
    /// <summary>The sentences by key.</summary>
    internal static TextBook Book { get; } = TextBook.Of(typeof(Said).Assembly, "help", "options", "refusals", "results", "faults");

    /// <summary>A sentence in a language.</summary>
    internal static string Of(string key, string language, params ReadOnlySpan<Blank> blanks) => Book.Say(key, language, blanks);
}

/// <summary>What the loader of the contracts finds, in words.</summary>
internal static class LoadWords
{
    /// <summary>One line: file, line, what is wrong, what to do.</summary>
    internal static string Of(LoadError error, string language) => error.Say(language);

    /// <summary>File, line and what is wrong.</summary>
    internal static string What(LoadError error, string language) =>
        $"{Isolation.Around(error.Place, language)}: {error.WhatIn(language)}";

    /// <summary>As scripts get it.</summary>
    internal static object Answer(LoadError error) => new { error.File, error.Line, error.What, error.Remedy, error.Severity };

    /// <summary>What to do.</summary>
    internal static string Remedy(LoadError error, string language) => error.RemedyIn(language);

    /// <summary>What tells an error from others, whichever line it moves to.</summary>
    internal static string Signature(LoadError error) => $"{error.File}: {error.What}";
}

/// <summary>What the check of a log proves, in words.</summary>
internal static partial class CheckWords
{
    /// <summary>What is proved, or why not.</summary>
    internal static string Of(CheckResult result, string language)
    {
        if (Proved.Match(result.Sentence) is { Success: true } proved)
            return Said.Of("log-holds", language, long.Parse(proved.Groups["size"].Value, CultureInfo.InvariantCulture),
                proved.Groups["log"].Value, proved.Groups["root"].Value);
        if (Faults.Sentence(result.Sentence, language) is { } known) return known;
        // A fault of a log begins with its place.
        return result.Sentence.IndexOf(": ", StringComparison.Ordinal) is > 0 and var at
            ? Faults.Damage(result.Sentence[..at], result.Sentence[(at + 2)..], language) : result.Sentence;
    }

    [GeneratedRegex(@"\A(?<log>\S+) holds (?<size>[0-9]+) records, all unchanged, under root (?<root>\S+)\.\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Proved { get; }
}
