using System.Collections;
using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Invocation;
using System.Globalization;
using Wording;

namespace Verifier.Speaking;

/// <summary>
/// Writes what <c>--help</c> shows. What a person types stands on a line of its own, from left to right, and its sentence on the
/// next: columns would not hold beside Arabic.
/// </summary>
internal sealed class HelpPage(SpokenCommands spoken) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var command = parseResult.CommandResult.Command;
        new Writer(spoken, spoken.LanguageOf(parseResult), parseResult.InvocationConfiguration.Output).Write(command);
        return 0;
    }

    /// <summary>What stands for the value of an option: the words that it takes, or a name; empty when it takes none.</summary>
    internal static IReadOnlyList<string> Choices(Option option) =>
        option.Arity.MaximumNumberOfValues == 0
            ? []
            : [.. option.GetCompletions(CompletionContext.Empty).Select(static item => item.Label)];

    private sealed class Writer(SpokenCommands spoken, string language, TextWriter output)
    {
        public void Write(Command command)
        {
            output.WriteLine(spoken.Sentence(command.Description ?? "", language) ?? command.Description);
            Title("usage");
            output.WriteLine("  " + LeftToRight(Usage(command)));
            Section(
                "arguments",
                command.Arguments.Where(static one => !one.Hidden),
                Term,
                static one => Default(one.HasDefaultValue, one.GetDefaultValue),
                false
            );
            Section("commands", command.Subcommands.Where(static one => !one.Hidden), Term, static _ => null, false);
            foreach (var required in (bool[])[true, false])
                Section(
                    required ? "options-required" : "options",
                    OptionsOf(command).Where(one => one.Required == required),
                    Term,
                    static one => Default(one.HasDefaultValue, one.GetDefaultValue),
                    true
                );
        }

        // Options of the commands above stand for those below when they are recursive.
        private static IEnumerable<Option> OptionsOf(Command command)
        {
            IEnumerable<Option> all = command.Options;
            for (var at = Above(command); at is not null; at = Above(at))
                all = all.Concat(at.Options.Where(static option => option.Recursive));
            return all.Where(static option => !option.Hidden);
        }

        private static Command? Above(Command command) => command.Parents.OfType<Command>().FirstOrDefault();

        private string Usage(Command command)
        {
            var words = new List<string> { spoken.Path(command) };
            words.AddRange(
                command
                    .Arguments.Where(static one => !one.Hidden)
                    .Select(static one => one.Arity.MinimumNumberOfValues == 0 ? $"[{Term(one)}]" : Term(one))
            );
            words.AddRange(OptionsOf(command).Where(static option => option.Required).Select(static option => option.Name + Value(option)));
            if (command.Subcommands.Count > 0)
                words.Add(Own("usage-command"));
            words.Add(Own("usage-options"));
            return string.Join(' ', words);
        }

        private void Section<T>(string title, IEnumerable<T> symbols, Func<T, string> term, Func<T, string?> value, bool mayRepeat)
            where T : Symbol
        {
            var all = symbols.ToList();
            if (all.Count == 0)
                return;
            Title(title);
            foreach (var symbol in all)
            {
                output.WriteLine("  " + LeftToRight(term(symbol)));
                var sentence = spoken.Sentence(symbol.Description ?? "", language) ?? symbol.Description;
                if (mayRepeat && symbol is Option { Arity.MaximumNumberOfValues: > 1 })
                    sentence += " " + Own("may-repeat");
                if (value(symbol) is { } usual)
                    sentence += " " + Own("usual", usual);
                output.WriteLine("      " + sentence);
            }
        }

        private void Title(string key)
        {
            output.WriteLine();
            output.WriteLine(Own(key));
        }

        private string Own(string key, params ReadOnlySpan<Blank> blanks) => SpokenCommands.Own.Say(key, language, blanks);

        private string LeftToRight(string text) => Languages.IsRightToLeft(language) ? Isolation.LeftToRight + text + Isolation.End : text;

        private static string Term(Argument argument) => $"<{argument.HelpName ?? argument.Name}>";

        private static string Term(Command command) =>
            string.Join(' ', (string[])[command.Name, .. command.Arguments.Where(static one => !one.Hidden).Select(Term)]);

        private static string Term(Option option)
        {
            var names = option.Aliases.Where(static alias => alias.StartsWith('-')).Append(option.Name).Distinct(StringComparer.Ordinal);
            return string.Join(", ", names) + Value(option);
        }

        private static string Value(Option option)
        {
            if (option.Arity.MaximumNumberOfValues == 0 || (option.ValueType == typeof(bool) && option.HelpName is null))
                return "";
            if (option.HelpName is { } name)
                return $" <{name}>";
            return Choices(option) is { Count: > 0 } choices ? $" <{string.Join('|', choices)}>" : $" <{option.Name.TrimStart('-')}>";
        }

        private static string? Default(bool has, Func<object?> value) =>
            !has
                ? null
                : value() switch
                {
                    null or false or "" => null,
                    string text => text,
                    IEnumerable items => items.Cast<object?>().Select(Text).ToArray() is { Length: > 0 } all ? string.Join(' ', all) : null,
                    var other => Text(other),
                };

        private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
    }
}
