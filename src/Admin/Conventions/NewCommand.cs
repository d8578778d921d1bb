using System.CommandLine;
using System.Globalization;
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
        Option<string?> from = new("--valid-from") { Description = "First day (YYYY-MM-DD); the first of next month unless it says so" }, output = new("--out") { Description = "File; <id>.yaml unless it says so" };
        return new Command("new", "Writes a draft from the template of a sector. What it names must exist: gatewayctl agreement check.") { id, sector, consumer, provider, client, source, from, output }.Does(time, (parsed, terminal) =>
        {
            var today = CivilTime.Today(time);
            var first = parsed.GetValue(from) is { } text
                ? DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : throw new Declined($"{text} is not a day: YYYY-MM-DD", Exit.Usage)
                : new DateOnly(today.Year, today.Month, 1).AddMonths(1);
            var draft = Template(parsed.GetValue(sector)!)
                .Replace("<ID>", Plain(parsed.GetValue(id)!), StringComparison.Ordinal).Replace("<CONSUMER>", Plain(parsed.GetValue(consumer)!), StringComparison.Ordinal)
                .Replace("<PROVIDER>", Plain(parsed.GetValue(provider)!), StringComparison.Ordinal).Replace("<CLIENT>", Plain(parsed.GetValue(client)!), StringComparison.Ordinal)
                .Replace("<SOURCE>", Plain(parsed.GetValue(source)!), StringComparison.Ordinal).Replace("<FROM>", Day(first), StringComparison.Ordinal)
                .Replace("<UNTIL>", Day(first.AddYears(1).AddDays(-1)), StringComparison.Ordinal);
            var file = parsed.GetValue(output) ?? parsed.GetValue(id) + ".yaml";
            using (var stream = new StreamWriter(new FileStream(file, FileMode.CreateNew))) stream.Write(draft);
            terminal.Say($"✓ {file}");
            terminal.Answer(new { draft = file });
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

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
