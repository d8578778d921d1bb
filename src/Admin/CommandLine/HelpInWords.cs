using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Admin.Texts;
using Wording;

namespace Admin.CommandLine;

/// <summary>
/// Help of a command in the reader's language. Descriptions stand in <c>Texts/help</c> and <c>Texts/options</c> under what a person types:
/// <c>agreement new</c>, <c>agreement new --from</c>; an option that means the same everywhere under its name alone.
/// </summary>
internal sealed class HelpInWords : SynchronousCommandLineAction
{
    private const string Program = "gatewayctl";
    private const int Column = 34;

    /// <inheritdoc />
    public override bool ClearsParseErrors => true;

    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output, Terminal.LanguageOf(parseResult));
        return Exit.Ok;
    }

    /// <summary>Writes the help of a command.</summary>
    internal static void Write(Command command, TextWriter output, string language)
    {
        var (path, options) = (Path(command), OptionsOf(command));
        output.WriteLine(Said.Of(path.Length == 0 ? Program : path, language));
        Head("help-usage");
        output.WriteLine("  " + Code(Usage(command, language)));
        Section("help-arguments", command.Arguments.Select(argument => (Label(argument), Told(argument, path, $"<{argument.Name}>"))));
        Section("help-options", options.Select(option => (Label(option), Told(option, path, option.Name))));
        Section("help-commands", command.Subcommands.Select(one => (one.Name, Said.Of(Path(one), language))));

        void Head(string key)
        {
            output.WriteLine();
            output.WriteLine(Days.Labelled(Said.Of(key, language), "", language).TrimEnd());
        }

        void Section(string key, IEnumerable<(string Label, string Words)> rows)
        {
            if (rows.ToList() is not { Count: > 0 } all)
                return;
            Head(key);
            foreach (var (label, words) in all)
                output.WriteLine($"  {Code(label)}{new string(' ', Math.Max(2, Column - label.Length))}{words}");
        }

        // A code runs from left to right also where the sentence does not.
        string Code(string text) => Languages.IsRightToLeft(language) ? Isolation.LeftToRight + text + Isolation.End : text;

        string Told(Symbol symbol, string at, string name)
        {
            var words = new List<string> { Said.Of(Key(at, name)!, language) };
            if (symbol is Option { Required: true })
                words.Add(Said.Of("help-required", language));
            if (Default(symbol) is { Length: > 0 } value)
                words.Add(Said.Of("help-default", language, value));
            return string.Join(' ', words);
        }
    }

    /// <summary>What a person types to reach a command, without the program's name.</summary>
    internal static string Path(Command command)
    {
        var names = new Stack<string>();
        for (var at = command; at.Parents.OfType<Command>().FirstOrDefault() is { } above; at = above)
            names.Push(at.Name);
        return string.Join(' ', names);
    }

    /// <summary>Under which key an option or argument is described; null for none: a fault of ours.</summary>
    internal static string? Key(string path, string name)
    {
        for (var at = path; ; at = at[..Math.Max(0, at.LastIndexOf(' '))])
        {
            var key = at.Length == 0 ? name : $"{at} {name}";
            if (Said.Book.Has(key))
                return key;
            if (at.Length == 0)
                return null;
        }
    }

    /// <summary>Options of a command, those of all commands last.</summary>
    internal static List<Option> OptionsOf(Command command)
    {
        var options = command.Options.Where(static option => !option.Hidden).ToList();
        for (var at = command; at.Parents.OfType<Command>().FirstOrDefault() is { } above; at = above)
            options.AddRange(above.Options.Where(option => option.Recursive && !option.Hidden && !options.Contains(option)));
        return [.. options.OrderBy(static option => option.Recursive || option is VersionOption)];
    }

    /// <summary>The words that an option or argument takes, where only some are taken.</summary>
    internal static IReadOnlyList<string> Allowed(Symbol symbol) =>
        [.. symbol.GetCompletions(CompletionContext.Empty).Select(one => TypeOf(symbol).IsEnum ? one.Label.ToLowerInvariant() : one.Label)];

    /// <summary>Of what type a value is; of several, that of each.</summary>
    internal static Type TypeOf(Symbol symbol)
    {
        var type =
            symbol is Option option ? option.ValueType
            : symbol is Argument argument ? argument.ValueType
            : typeof(string);
        return type.GetElementType() ?? Nullable.GetUnderlyingType(type) ?? type;
    }

    private static string Label(Argument argument) =>
        Allowed(argument) is { Count: > 0 } words ? $"<{argument.Name}: {string.Join('|', words)}>" : $"<{argument.Name}>";

    private static string Label(Option option)
    {
        var names = string.Join(", ", option.Aliases.Where(static alias => alias.StartsWith('-')).Append(option.Name));
        if (option.ValueType == typeof(bool) || option is HelpOption or VersionOption)
            return names;
        return $"{names} <{(Allowed(option) is { Count: > 0 } words ? string.Join('|', words) : option.Name.TrimStart('-'))}>";
    }

    private static string? Default(Symbol symbol) =>
        symbol switch
        {
            Option { HasDefaultValue: true } option when option is not (HelpOption or VersionOption) && option.ValueType != typeof(bool) =>
                option.GetDefaultValue()?.ToString(),
            _ => null,
        };

    private static string Usage(Command command, string language)
    {
        var words = new List<string> { Program };
        if (Path(command) is { Length: > 0 } path)
            words.Add(path);
        foreach (var argument in command.Arguments)
            words.Add(argument.Arity.MinimumNumberOfValues == 0 ? $"[<{argument.Name}>]" : $"<{argument.Name}>");
        if (command.Subcommands.Count > 0)
            words.Add(command.Action is null ? $"<{Said.Of("help-a-command", language)}>" : $"[<{Said.Of("help-a-command", language)}>]");
        words.Add($"[{Said.Of("help-some-options", language)}]");
        return string.Join(' ', words);
    }
}
