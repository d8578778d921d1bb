using Agreements.Loading;
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
        Phrases.Headed(Isolation.Around(error.Place, language), error.WhatIn(language), language);

    /// <summary>As scripts get it.</summary>
    internal static object Answer(LoadError error) =>
        new
        {
            error.File,
            error.Line,
            error.What,
            error.Remedy,
            error.Severity,
        };

    /// <summary>What to do.</summary>
    internal static string Remedy(LoadError error, string language) => error.RemedyIn(language);

    /// <summary>What tells an error from others, whichever line it moves to.</summary>
    internal static string Signature(LoadError error) => $"{error.File}: {error.What}";
}
