using System.CommandLine;
using System.CommandLine.Parsing;
using Wording;

namespace Verifier.Speaking;

/// <summary>Says what is wrong with the words of a command line, from what the library found and not in its sentences.</summary>
internal sealed class Misuse(SpokenCommands spoken, ParseResult parsed)
{
    private readonly string _language = spoken.LanguageOf(parsed);

    public IReadOnlyList<string> Sentences()
    {
        var command = parsed.CommandResult.Command;
        // What stands behind an option that went for a value is out of its place, not wrong.
        List<string> said = [.. Silent(parsed).Select(option => Say("value-missing", option))];
        if (said.Count == 0)
        {
            said.AddRange(parsed.UnmatchedTokens.Select(word => Say("word-unknown", word)));
            said.AddRange(parsed.Errors.Select(One).OfType<string>());
        }

        if (command.Subcommands.Count > 0 && command.Action is null)
        {
            if (parsed.UnmatchedTokens.Count == 0)
                said.Add(Say("command-missing", spoken.Path(command)));
            var choices = command.Subcommands.Where(static one => !one.Hidden).Select(static one => one.Name);
            said.Add(Say("command-choice", Blank.List(choices)));
        }
        var help = spoken.Path(command) + (_language == Languages.French ? " --help" : $" --help --lang {_language}");
        return [.. said.Distinct(StringComparer.Ordinal), Say("help-hint", help)];
    }

    /// <summary>Options without a value, for which the library took the next option.</summary>
    public static IEnumerable<string> Silent(ParseResult parsed)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var at = parsed.CommandResult; at is not null; at = at.Parent as CommandResult)
            known.UnionWith(at.Command.Options.Select(static option => option.Name));
        return from option in parsed.CommandResult.Children.OfType<OptionResult>()
               where option.Tokens.Any(token => known.Contains(token.Value))
               select option.Option.Name;
    }

    private string? One(ParseError error)
    {
        var (name, tokens) = error.SymbolResult switch
        {
            OptionResult option => (option.Option.Name, option.Tokens),
            ArgumentResult argument => ($"<{argument.Argument.HelpName ?? argument.Argument.Name}>", argument.Tokens),
            _ => ("", []),
        };
        var value = tokens.Count > 0 ? tokens[^1].Value : "";
        if (spoken.Sentence(error.Message, _language, name, value) is { } own)
            return own;
        return error.SymbolResult switch
        {
            OptionResult option => Option(option, value),
            ArgumentResult argument => Argument(argument, name, value),
            // Of the command as a whole: said above.
            _ => null,
        };
    }

    private string Option(OptionResult found, string value)
    {
        var (option, count) = (found.Option, found.Tokens.Count);
        if (option.Required && found.IdentifierTokenCount == 0)
            return Say("option-missing", option.Name);
        if (count < option.Arity.MinimumNumberOfValues)
            return Say("value-missing", option.Name);
        if (count > option.Arity.MaximumNumberOfValues)
            return Say("option-twice", option.Name);
        return HelpPage.Choices(option) is { Count: > 0 } choices && option.ValueType != typeof(bool)
            ? Say("value-choice", value, option.Name, Blank.List(choices))
            : Form(value, option.Name, option.ValueType);
    }

    private string Argument(ArgumentResult found, string name, string value) =>
        found.Tokens.Count < found.Argument.Arity.MinimumNumberOfValues
            ? Say("argument-missing", name)
            : Form(value, name, found.Argument.ValueType);

    private string Form(string value, string name, Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        var form =
            bare == typeof(int) || bare == typeof(long) ? "value-number"
            : bare == typeof(DateOnly) ? "value-day"
            : "value-form";
        return Say(form, value, name);
    }

    private string Say(string key, params ReadOnlySpan<Blank> blanks) => SpokenCommands.Own.Say(key, _language, blanks);
}
