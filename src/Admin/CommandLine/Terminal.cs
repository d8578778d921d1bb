using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Admin.Checks;
using Admin.Texts;

namespace Admin.CommandLine;

/// <summary>Where a command speaks: text for people, or one JSON object for scripts.</summary>
/// <param name="parsed">The command line.</param>
/// <param name="time">Clock.</param>
internal sealed class Terminal(ParseResult parsed, TimeProvider time)
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Language of explanations.</summary>
    internal static Option<string> LanguageOption { get; } = new Option<string>("--lang") { Description = "Language of explanations: fr, ar or en", Recursive = true, DefaultValueFactory = _ => "fr" }.AcceptOnlyFromAmong(Reasons.Languages);

    /// <summary>One JSON object instead of text.</summary>
    internal static Option<bool> JsonOption { get; } = new("--json") { Description = "One JSON object on standard output instead of text", Recursive = true };

    internal TimeProvider Time { get; } = time;
    internal string Language { get; } = parsed.GetValue(LanguageOption)!;
    internal bool IsJson { get; } = parsed.GetValue(JsonOption);
    private TextWriter Out { get; } = parsed.InvocationConfiguration.Output;

    /// <summary>A line for people; nothing under <c>--json</c>.</summary>
    internal void Say(string line)
    {
        if (!IsJson) Out.WriteLine(line);
    }

    /// <summary>The result for scripts; nothing for people.</summary>
    internal void Answer(object result)
    {
        if (IsJson) Out.WriteLine(JsonSerializer.Serialize(result, Indented));
    }

    /// <summary>The findings in words, and the exit code that they mean.</summary>
    internal int Report(IReadOnlyCollection<Finding> findings, string allWell, object? more = null)
    {
        foreach (var finding in findings)
        {
            var reason = Reasons.Of(finding.Code, Language);
            Say($"✗ {finding.Code}: {reason.What}");
            foreach (var (name, value) in finding.Facts) Say($"    {name}: {value}");
            Say($"  → {reason.Remedy}");
        }
        if (findings.Count == 0) Say("✓ " + allWell);
        Answer(new
        {
            ok = findings.Count == 0,
            findings = findings.Select(finding =>
            {
                var reason = Reasons.Of(finding.Code, Language);
                return new { finding.Code, reason.What, reason.Remedy, facts = finding.Facts.ToDictionary(static fact => fact.Name, static fact => fact.Value, StringComparer.Ordinal) };
            }),
            result = more,
        });
        return findings.Count == 0 ? Exit.Ok : Exit.Wrong;
    }
}
