using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Admin.CommandLine;
using Agreements;

namespace Admin.Conventions;

/// <summary><c>agreement new --from education</c>: a draft from the template of a sector.</summary>
internal static class NewCommand
{
    internal static Command Create(TimeProvider time)
    {
        Argument<string> id = new("agreement");
        Option<string> sector = new Option<string>("--from") { Required = true }.AcceptOnlyFromAmong(
            "education",
            "employment",
            "health",
            "care",
            "registries"
        );
        Option<string> consumer = new("--consumer") { DefaultValueFactory = _ => "anss" },
            provider = new("--provider") { Required = true };
        Option<string> client = new("--client") { Required = true },
            source = new("--source") { Required = true };
        Option<string?> reference = new("--reference"),
            paper = new("--paper");
        Option<string?> authorization = new("--authorization"),
            authorizedOn = new("--authorized-on"),
            authorizedUntil = new("--authorized-until");
        Option<string?> from = new("--valid-from"),
            output = new("--out");
        return new Command("new")
        {
            id,
            sector,
            consumer,
            provider,
            client,
            source,
            reference,
            paper,
            authorization,
            authorizedOn,
            authorizedUntil,
            from,
            output,
        }.Does(time, (parsed, terminal) =>
        {
            Ids.RefuseAgreement(parsed.GetValue(id)!);
            var today = CivilTime.Today(time);
            var first = parsed.GetValue(from) is { } text ? DayOf(text) : new DateOnly(today.Year, today.Month, 1).AddMonths(1);
            var last = first.AddYears(1).AddDays(-1);
            var draft = Template(parsed.GetValue(sector)!)
                .Replace("<ID>", Plain(parsed.GetValue(id)!), StringComparison.Ordinal)
                .Replace("<CONSUMER>", Plain(parsed.GetValue(consumer)!), StringComparison.Ordinal)
                .Replace("<PROVIDER>", Plain(parsed.GetValue(provider)!), StringComparison.Ordinal)
                .Replace("<CLIENT>", Plain(parsed.GetValue(client)!), StringComparison.Ordinal)
                .Replace("<SOURCE>", Plain(parsed.GetValue(source)!), StringComparison.Ordinal)
                .Replace(
                    "  on: <FROM>",
                    "  on: " + Day(parsed.GetValue(authorizedOn) is { } on ? DayOf(on) : first),
                    StringComparison.Ordinal
                )
                .Replace(
                    "  until: <UNTIL>\n  purposes:",
                    $"  until: {Day(parsed.GetValue(authorizedUntil) is { } until ? DayOf(until) : last)}\n  purposes:",
                    StringComparison.Ordinal
                )
                .Replace("<FROM>", Day(first), StringComparison.Ordinal)
                .Replace("<UNTIL>", Day(last), StringComparison.Ordinal);
            if (parsed.GetValue(reference) is { } place)
                draft = draft.Replace(
                    "reference: to be completed by the parties",
                    $"reference: \"{Quotable(place)}\"",
                    StringComparison.Ordinal
                );
            if (parsed.GetValue(authorization) is { } decision)
                draft = draft.Replace("number: to be completed", $"number: \"{Quotable(decision)}\"", StringComparison.Ordinal);
            if (parsed.GetValue(paper) is { } scan)
                draft = draft.Replace(
                    new string('0', 64),
                    Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(scan))),
                    StringComparison.Ordinal
                );
            var file = parsed.GetValue(output) ?? parsed.GetValue(id) + ".yaml";
            using (var stream = new StreamWriter(new FileStream(file, FileMode.CreateNew)))
                stream.Write(draft);
            terminal.Done("draft-written", file);
            var blanks = draft
                .Split('\n')
                .Select(static (line, number) => (Line: line.Trim(), Number: number + 1))
                .Where(static one =>
                    one.Line.Contains("to be completed", StringComparison.Ordinal)
                    || one.Line.Contains(new string('0', 64), StringComparison.Ordinal)
                )
                .ToList();
            foreach (var (line, number) in blanks)
                terminal.Warn("draft-blank", number, file, line);
            terminal.Answer(new { draft = file, blanks = blanks.Select(static one => one.Number) });
            return Exit.Ok;
        });
    }

    private static string Template(string sector)
    {
        using var stream = typeof(NewCommand).Assembly.GetManifestResourceStream($"template.{sector}.yaml")
            ?? throw new InvalidOperationException("the template is not in the program");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string Plain(string text) =>
        text.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') ? text : throw Declined.Usage("plain-only", text);

    private static string Quotable(string text) =>
        text.All(static c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '/' or '.' or ':' or '_' or ',')
            ? text
            : throw Declined.Usage("quotable-only", text, "- / . : _ ,");

    private static DateOnly DayOf(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw Declined.Usage("no-day", text, "2027-01-31");

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
