using System.CommandLine;
using System.CommandLine.Parsing;
using Admin.Texts;
using Wording;

namespace Admin.CommandLine;

/// <summary>What is wrong with a command line, in the reader's language: each fault in a sentence, with the words that may have been
/// meant.</summary>
internal static class WrongLine
{
    /// <summary>Writes all faults, and where to read on.</summary>
    internal static int Tell(ParseResult parsed, TextWriter error)
    {
        var (language, command) = (Terminal.LanguageOf(parsed), parsed.CommandResult.Command);
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var sentence in Sentences(parsed, language))
            if (told.Add(sentence))
                error.WriteLine(sentence);
        var path = HelpInWords.Path(command);
        string[] help =
        [
            "gatewayctl",
            .. path.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            "--help",
            .. language == Languages.French ? Array.Empty<string>() : ["--lang", language],
        ];
        error.WriteLine(Said.Of("line-help", language, Shell.Line(help)));
        return Exit.Usage;
    }

    /// <summary>Words like options that the library took for values: nothing here takes a value that begins so, and a mistyped option
    /// would go unnoticed.</summary>
    internal static IEnumerable<(string Owner, string Word)> Swallowed(ParseResult parsed) =>
        from child in parsed.CommandResult.Children
        from token in child.Tokens
        where token.Value.Length > 2 && token.Value.StartsWith("--", StringComparison.Ordinal)
        select (child is OptionResult option ? option.Option.Name : "", token.Value);

    private static IEnumerable<string> Sentences(ParseResult parsed, string language)
    {
        var command = parsed.CommandResult.Command;
        var own = HelpInWords.OptionsOf(command).Select(static option => option.Name).ToHashSet(StringComparer.Ordinal);
        var silent = Swallowed(parsed).Where(one => own.Contains(one.Word)).ToList();
        foreach (var (owner, _) in silent)
            yield return Said.Of("line-value-missing", language, owner);
        // What stands behind an option that went for a value is out of its place, not wrong.
        if (silent.Count > 0)
            yield break;
        // After an unknown command the other words have no meaning.
        foreach (var word in command.Action is null ? parsed.UnmatchedTokens.Take(1) : parsed.UnmatchedTokens)
            yield return Unknown(word, command, language);
        foreach (var (_, word) in Swallowed(parsed))
            yield return Unknown(word, command, language);
        foreach (var fault in parsed.Errors)
            if (Of(fault.SymbolResult, parsed, language) is { } sentence)
                yield return sentence;
    }

    private static string? Of(SymbolResult? at, ParseResult parsed, string language) =>
        at switch
        {
            OptionResult option => OfOption(option, language),
            ArgumentResult { Parent: OptionResult option } => OfOption(option, language),
            ArgumentResult argument when argument.Tokens.Count == 0 => Said.Of(
                "line-argument-missing",
                language,
                $"<{argument.Argument.Name}>"
            ),
            ArgumentResult argument => NotTaken($"<{argument.Argument.Name}>", Written(argument), argument.Argument, language),
            _ when parsed.UnmatchedTokens.Count > 0 || parsed.CommandResult.Command.Subcommands.Count == 0 => null,
            _ => Said.Of(
                "line-command-missing",
                language,
                Blank.List(parsed.CommandResult.Command.Subcommands.Select(static one => one.Name))
            ),
        };

    private static string OfOption(OptionResult result, string language)
    {
        var option = result.Option;
        if (result.Implicit || result.IdentifierTokenCount == 0)
            return Said.Of("line-option-missing", language, option.Name);
        if (result.Tokens.Count == 0)
            return Said.Of("line-value-missing", language, option.Name);
        return result.IdentifierTokenCount > 1 && option.Arity.MaximumNumberOfValues <= 1
            ? Said.Of("line-option-twice", language, option.Name)
            : NotTaken(option.Name, Written(result), option, language);
    }

    private static string Written(SymbolResult result) => string.Join(' ', result.Tokens.Select(static token => token.Value));

    private static string NotTaken(string name, string word, Symbol symbol, string language) =>
        HelpInWords.Allowed(symbol) is { Count: > 0 } allowed
            ? Said.Of("line-word-not-among", language, name, word, Blank.List(allowed))
            : Said.Of(Form(symbol), language, name, word);

    private static string Form(Symbol symbol)
    {
        var type = HelpInWords.TypeOf(symbol);
        return type == typeof(int) || type == typeof(long) ? "line-no-number"
            : type == typeof(DateTimeOffset) ? "line-no-instant"
            : "line-not-taken";
    }

    private static string Unknown(string word, Command command, string language)
    {
        IEnumerable<string> known = word.StartsWith('-')
            ? HelpInWords.OptionsOf(command).Select(static option => option.Name)
            : command.Subcommands.Select(static one => one.Name);
        var near = Near.Of(word, known);
        return near.Count > 0 ? Said.Of("line-unknown-near", language, word, Blank.List(near)) : Said.Of("line-unknown", language, word);
    }
}
