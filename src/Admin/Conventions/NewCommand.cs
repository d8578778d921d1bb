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
        Argument<string> id = new("agreement") { Description = "Id of the agreement, such as ANSS-MENPS-2027-01" };
        Option<string> sector = new Option<string>("--from") { Description = "Sector", Required = true }.AcceptOnlyFromAmong("education", "employment", "health", "care", "registries");
        Option<string> consumer = new("--consumer") { Description = "Institution that asks", DefaultValueFactory = _ => "anss" }, provider = new("--provider") { Description = "Institution that answers", Required = true };
        Option<string> client = new("--client") { Description = "System that asks", Required = true }, source = new("--source") { Description = "Source that is asked", Required = true };
        Option<string?> reference = new("--reference") { Description = "Where the paper is kept" }, paper = new("--paper") { Description = "File of the paper: its SHA-256 is written down" };
        Option<string?> authorization = new("--authorization") { Description = "Number of the CNDP's prior authorization" }, authorizedOn = new("--authorized-on") { Description = "Its day (YYYY-MM-DD); the first day unless it says so" }, authorizedUntil = new("--authorized-until") { Description = "Its last day; the agreement's unless it says so" };
        Option<string?> from = new("--valid-from") { Description = "First day (YYYY-MM-DD); the first of next month unless it says so" }, output = new("--out") { Description = "File; <id>.yaml unless it says so" };
        return new Command("new", "Writes a draft from the template of a sector. What it names must exist: gatewayctl agreement check.") { id, sector, consumer, provider, client, source, reference, paper, authorization, authorizedOn, authorizedUntil, from, output }.Does(time, (parsed, terminal) =>
        {
            var today = CivilTime.Today(time);
            var first = parsed.GetValue(from) is { } text ? DayOf(text) : new DateOnly(today.Year, today.Month, 1).AddMonths(1);
            var last = first.AddYears(1).AddDays(-1);
            var draft = Template(parsed.GetValue(sector)!)
                .Replace("<ID>", Plain(parsed.GetValue(id)!), StringComparison.Ordinal).Replace("<CONSUMER>", Plain(parsed.GetValue(consumer)!), StringComparison.Ordinal)
                .Replace("<PROVIDER>", Plain(parsed.GetValue(provider)!), StringComparison.Ordinal).Replace("<CLIENT>", Plain(parsed.GetValue(client)!), StringComparison.Ordinal)
                .Replace("<SOURCE>", Plain(parsed.GetValue(source)!), StringComparison.Ordinal)
                .Replace("  on: <FROM>", "  on: " + Day(parsed.GetValue(authorizedOn) is { } on ? DayOf(on) : first), StringComparison.Ordinal)
                .Replace("  until: <UNTIL>\n  purposes:", $"  until: {Day(parsed.GetValue(authorizedUntil) is { } until ? DayOf(until) : last)}\n  purposes:", StringComparison.Ordinal)
                .Replace("<FROM>", Day(first), StringComparison.Ordinal).Replace("<UNTIL>", Day(last), StringComparison.Ordinal);
            if (parsed.GetValue(reference) is { } place) draft = draft.Replace("reference: to be completed by the parties", $"reference: \"{Quotable(place)}\"", StringComparison.Ordinal);
            if (parsed.GetValue(authorization) is { } decision) draft = draft.Replace("number: to be completed", $"number: \"{Quotable(decision)}\"", StringComparison.Ordinal);
            if (parsed.GetValue(paper) is { } scan) draft = draft.Replace(new string('0', 64), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(scan))), StringComparison.Ordinal);
            var file = parsed.GetValue(output) ?? parsed.GetValue(id) + ".yaml";
            using (var stream = new StreamWriter(new FileStream(file, FileMode.CreateNew))) stream.Write(draft);
            terminal.Say($"✓ {file}");
            var blanks = draft.Split('\n').Select(static (line, number) => (Line: line.Trim(), Number: number + 1)).Where(static one => one.Line.Contains("to be completed", StringComparison.Ordinal) || one.Line.Contains(new string('0', 64), StringComparison.Ordinal)).ToList();
            foreach (var (line, number) in blanks) terminal.Say($"! {file}:{number}: {line}");
            terminal.Answer(new { draft = file, blanks = blanks.Select(static one => one.Number) });
            return Exit.Ok;
        });
    }

    private static string Template(string sector)
    {
        using var stream = typeof(NewCommand).Assembly.GetManifestResourceStream($"template.{sector}.yaml") ?? throw new InvalidOperationException("the template is not in the program");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string Plain(string text) => text.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') ? text : throw new Declined($"{text}: letters, digits and hyphens only", Exit.Usage);

    private static string Quotable(string text) => text.All(static c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '/' or '.' or ':' or '_' or ',') ? text : throw new Declined($"{text}: letters, digits, spaces and -/.:_, only", Exit.Usage);

    private static DateOnly DayOf(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : throw new Declined($"{text} is not a day: YYYY-MM-DD", Exit.Usage);

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
