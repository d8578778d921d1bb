using System.CommandLine;
using System.CommandLine.Help;
using Wording;

namespace Verifier.Speaking;

/// <summary>
/// Makes a command line of System.CommandLine speak French, Arabic or English whole: its help, and what is wrong with its words.
/// The library knows no Arabic and takes its language from the machine, so none of its own sentences is said. A description in the
/// tree of commands is the key of a sentence, and so is what a validator adds as error; blank 0 of such an error is the option,
/// blank 1 its value.
/// </summary>
public sealed class SpokenCommands
{
    private readonly RootCommand _root;
    private readonly Option<string> _language;
    private readonly TextBook _words;
    private readonly string _program;

    /// <param name="program">What a person types to start it.</param>
    /// <param name="root">Tree of commands, complete.</param>
    /// <param name="language">Option of the root, recursive, that chooses the language.</param>
    /// <param name="words">Sentences of the program.</param>
    public SpokenCommands(string program, RootCommand root, Option<string> language, TextBook words)
    {
        (_program, _root, _language, _words) = (program, root, language, words);
        foreach (var option in root.Options)
        {
            if (option is HelpOption help)
                (help.Action, help.Description) = (new HelpPage(this), "help-option");
            if (option is not VersionOption version)
                continue;
            version.Description = "version-option";
            // The library takes no other word beside it, the language included.
            version.Validators.Clear();
        }
    }

    internal static TextBook Own { get; } = TextBook.Of(typeof(SpokenCommands).Assembly, "commands");

    /// <summary>Reads a command line. A word that begins with @ is a word, not a file of words.</summary>
    public ParseResult Parse(IReadOnlyList<string> words) =>
        _root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <summary>The language that it chooses, wherever it does; French when it chooses none that there is.</summary>
    public string LanguageOf(ParseResult parsed)
    {
        var words = parsed.Tokens.Select(static token => token.Value).ToList();
        // An option that lacks its value may have swallowed the one that chooses the language.
        var at = words.LastIndexOf(_language.Name);
        var swallowed = at >= 0 && at + 1 < words.Count ? words[at + 1] : "";
        return parsed.GetResult(_language)?.Tokens.LastOrDefault(static token => Languages.All.Contains(token.Value))?.Value
            ?? (Languages.All.Contains(swallowed) ? swallowed : Languages.French);
    }

    /// <summary>What is wrong with the words, a sentence each, and where to read on; nothing when they can be run.</summary>
    public IReadOnlyList<string> Wrong(ParseResult parsed) =>
        (parsed.Errors.Count == 0 && !Misuse.Silent(parsed).Any()) || parsed.Action is HelpPage ? [] : new Misuse(this, parsed).Sentences();

    /// <summary>Commands, arguments and options whose description is no sentence: none, or the program is at fault.</summary>
    public IEnumerable<string> Unspoken() =>
        Below(_root).Where(symbol => Sentence(symbol.Description ?? "", Languages.French) is null).Select(static symbol => symbol.Name);

    /// <summary>A sentence of the program or of all command lines, as its key stands in a description; null when there is none.</summary>
    internal string? Sentence(string key, string language, params ReadOnlySpan<Blank> blanks) =>
        _words.Has(key) ? _words.Say(key, language, blanks)
        : Own.Has(key) ? Own.Say(key, language, blanks)
        : null;

    /// <summary>From the root to a command, as a person types it.</summary>
    internal string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } above ? $"{Path(above)} {command.Name}" : _program;

    private static IEnumerable<Symbol> Below(Command command) =>
        [command, .. command.Arguments, .. command.Options, .. command.Subcommands.SelectMany(Below)];
}
