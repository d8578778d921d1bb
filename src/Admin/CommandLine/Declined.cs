using System.Collections.Immutable;
using Admin.Texts;
using Agreements.Loading;
using Wording;

namespace Admin.CommandLine;

/// <summary>Exit codes of every command.</summary>
internal static class Exit
{
    /// <summary>Done, or all is well.</summary>
    internal const int Ok = 0;

    /// <summary>Something was found wrong, or what was asked is refused.</summary>
    internal const int Wrong = 1;

    /// <summary>The command line is wrong, or a file or store that it names cannot be used.</summary>
    internal const int Usage = 2;
}

/// <summary>Ends a command with a sentence for the person who gave it, in that person's language.</summary>
internal sealed class Declined : Exception
{
    private readonly Blank[] _blanks;

    /// <summary>What was asked is refused.</summary>
    /// <param name="key">The sentence: what is wrong and what to do; no secret.</param>
    /// <param name="blanks">What stands in its blanks.</param>
    internal Declined(string key, params ReadOnlySpan<Blank> blanks)
        : base(key) => (Key, _blanks) = (key, [.. blanks]);

    /// <summary>Which sentence.</summary>
    internal string Key { get; }

    /// <summary>One of <see cref="Exit"/>.</summary>
    internal int Code { get; private init; } = Exit.Wrong;

    /// <summary>What the loader found; printed after the sentence.</summary>
    internal ImmutableArray<LoadError> Errors { get; init; } = [];

    /// <summary>The command line is wrong, or a file or store that it names cannot be used.</summary>
    internal static Declined Usage(string key, params ReadOnlySpan<Blank> blanks) => new(key, blanks) { Code = Exit.Usage };

    /// <summary>As the other, with what the loader found.</summary>
    internal static Declined Unloadable(string key, IEnumerable<LoadError> errors, params ReadOnlySpan<Blank> blanks) =>
        new(key, blanks) { Code = Exit.Usage, Errors = [.. errors.Where(static error => error.Severity == LoadSeverity.Error)] };

    /// <summary>The sentence, and a line for each error of the loader.</summary>
    internal string Say(string language) =>
        string.Join('\n', Errors.Select(error => LoadWords.Of(error, language)).Prepend(Said.Of(Key, language, _blanks)));
}
