using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Admin.Checks;
using Admin.Texts;
using Wording;

namespace Admin.CommandLine;

/// <summary>Where a command speaks: sentences for people, or one JSON object for scripts.</summary>
/// <param name="parsed">The command line.</param>
/// <param name="time">Clock.</param>
internal sealed class Terminal(ParseResult parsed, TimeProvider time)
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Language of everything that is said.</summary>
    internal static Option<string> LanguageOption { get; } =
        new Option<string>("--lang") { Recursive = true, DefaultValueFactory = _ => Languages.French }.AcceptOnlyFromAmong([
            .. Languages.All,
        ]);

    /// <summary>One JSON object instead of text.</summary>
    internal static Option<bool> JsonOption { get; } = new("--json") { Recursive = true };

    internal TimeProvider Time { get; } = time;
    internal string Language { get; } = LanguageOf(parsed);
    internal bool IsJson { get; } = parsed.GetResult(JsonOption) is { } json && json.GetValueOrDefault<bool>();
    private TextWriter Out { get; } = parsed.InvocationConfiguration.Output;

    /// <summary>The language that the command line asks for, wherever it does and whatever is wrong beside it.</summary>
    internal static string LanguageOf(ParseResult parsed) =>
        parsed.GetResult(LanguageOption)?.Tokens is [.., { } last] && Languages.All.Contains(last.Value)
            ? last.Value
            : parsed
                .Tokens.Zip(parsed.Tokens.Skip(1))
                .Where(static pair => pair.First.Value == LanguageOption.Name && Languages.All.Contains(pair.Second.Value))
                .Select(static pair => pair.Second.Value)
                .LastOrDefault()
                ?? Languages.French;

    /// <summary>A sentence in the language.</summary>
    internal string Words(string key, params ReadOnlySpan<Blank> blanks) => Said.Of(key, Language, blanks);

    /// <summary>A sentence for people; nothing under <c>--json</c>.</summary>
    internal void Say(string key, params ReadOnlySpan<Blank> blanks) => Line(Words(key, blanks));

    /// <summary>A sentence below another one.</summary>
    internal void Under(string key, params ReadOnlySpan<Blank> blanks) => Line("  " + Words(key, blanks));

    /// <summary>What was done.</summary>
    internal void Done(string key, params ReadOnlySpan<Blank> blanks) => Line("✓ " + Words(key, blanks));

    /// <summary>What somebody should look at.</summary>
    internal void Warn(string key, params ReadOnlySpan<Blank> blanks) => Line("! " + Words(key, blanks));

    /// <summary>A line that is said already, or is no sentence: a file's text, a page, a proof.</summary>
    internal void Line(string line)
    {
        if (!IsJson)
            Out.WriteLine(line);
    }

    /// <summary>The result for scripts; nothing for people.</summary>
    internal void Answer(object result)
    {
        if (IsJson)
            Out.WriteLine(JsonSerializer.Serialize(result, Indented));
    }

    /// <summary>The findings in words, and the exit code that they mean.</summary>
    /// <param name="findings">What is wrong.</param>
    /// <param name="allWell">Said when nothing is.</param>
    /// <param name="more">What scripts get beside.</param>
    internal int Report(IReadOnlyCollection<Finding> findings, string? allWell = null, object? more = null)
    {
        foreach (var finding in findings)
        {
            var reason = Reasons.Of(finding.Code, Language);
            Line("✗ " + Words("finding", finding.Code, reason.What));
            foreach (var fact in finding.Facts)
                Line("    " + Fact(fact));
            Under("what-to-do", reason.Remedy);
        }
        if (findings.Count == 0 && allWell is not null)
            Line("✓ " + allWell);
        Answer(
            new
            {
                ok = findings.Count == 0,
                findings = findings.Select(finding =>
                {
                    var reason = Reasons.Of(finding.Code, Language);
                    return new
                    {
                        finding.Code,
                        reason.What,
                        reason.Remedy,
                        facts = finding.Facts.ToDictionary(static fact => fact.Name, static fact => fact.Value, StringComparer.Ordinal),
                    };
                }),
                result = more,
            }
        );
        return findings.Count == 0 ? Exit.Ok : Exit.Wrong;
    }

    /// <summary>A name with its value: words where the name is one, the name itself where it is that of a protocol.</summary>
    internal string Fact(Fact fact)
    {
        var key = "fact " + fact.Name;
        return Days.Labelled(Said.Book.Has(key) ? Words(key) : Isolation.Around(fact.Name, Language), fact.Words, Language);
    }
}
