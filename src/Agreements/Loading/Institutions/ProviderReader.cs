using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Agreements.Loading.Yaml;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Institutions;

/// <summary>Reads the technical terms of a provider (exchanges page, section 16.4; FHIR: health page, section 6).</summary>
internal sealed partial class ProviderReader(LoadContext context)
{
    public Provider? Read(Fields fields)
    {
        var address = fields.HttpsAddress("baseAddress");
        var provider = new Provider
        {
            BaseAddress = address ?? new Uri("https://invalid.invalid"),
            Trust = fields.Text("trust", WordForm(), Words("form-word")),
            IdentifierScheme = fields.Choice("identifierScheme", null, "sector-token", "idcs", "household-id", "massar-code"),
            Bulk = fields.Choice("bulk", "none", "chunk", "single", "none"),
            ChunkSize = (int)(fields.OptionalInteger("chunkSize", 1, 5000) ?? 500),
            RatePerSecond = (int)(fields.OptionalInteger("ratePerSecond", 1, 100_000) ?? 0),
            MaxInFlight = (int)(fields.OptionalInteger("maxInFlight", 1, 10_000) ?? 64),
            Windows = [.. fields.Maps("windows", required: false).Select(Window)],
            Maintenance = [.. fields.Maps("maintenance", required: false).Select(Closed)],
            NotFoundIs404 = NotFound(fields),
            RefuseUndeclared = fields.Choice("undeclaredFields", "strip", "strip", "refuse") == "refuse",
            Receipts = fields.OptionalBoolean("receipts") ?? false,
            Adapter = fields.OptionalText("adapter", WordForm(), Words("form-word")),
            Sources = [.. fields.Maps("sources").Select(Source)],
            Paths = Paths(fields),
            Fhir = Fhir(fields.Map("fhir", required: false)),
        };
        fields.Close();
        return provider;
    }

    // The one value that reads as a number is meant as one.
    private static bool NotFound(Fields fields) =>
        fields.Node("notFoundStatus", required: false) is YamlScalar { Value: "404" }
        || fields.Choice("notFoundStatus", "none", "none") != "none";

    private static DailyWindow Window(Fields item)
    {
        var window = new DailyWindow(Time(item, "from"), Time(item, "to"));
        item.Close();
        return window;
    }

    private static MaintenanceWindow Closed(Fields item)
    {
        var days = ImmutableArray.CreateBuilder<DayOfWeek>();
        item.Texts("days");
        foreach (var (text, line) in item.TextLines("days"))
        {
            if (text.Length > 0 && char.IsAsciiLetterLower(text[0]) && Enum.TryParse<DayOfWeek>(text, ignoreCase: true, out var day))
                days.Add(day);
            else
                item.Report.Error(line, "not-weekday", Found(text), "monday", "sunday");
        }
        var window = new MaintenanceWindow(days.ToImmutable(), Time(item, "from"), Time(item, "to"));
        item.Close();
        return window;
    }

    private static TimeOnly Time(Fields item, string key)
    {
        var text = item.Text(key);
        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return time;
        if (text.Length > 0)
            item.Report.Error(item.LineOf(key), "not-time", key, Found(text), "\"HH:mm\"");
        return default;
    }

    private static ProviderSource Source(Fields item)
    {
        var seasons = ImmutableDictionary.CreateBuilder<string, DateOnly>(StringComparer.Ordinal);
        var code = item.Text("code", SourceForm(), "UPPER-CASE");
        foreach (var season in item.Maps("seasons", required: false))
        {
            var year = season.Text("schoolYear");
            if (!SchoolYear(year))
                season.Report.Error(season.LineOf("schoolYear"), "school-year", Found(year), "2026-2027");
            else if (!seasons.TryAdd(year, season.Date("reliableFrom")))
                season.Report.Error(season.LineOf("schoolYear"), "school-year-twice", year);
            season.Ignore("reliableFrom");
            season.Close();
        }
        item.Close();
        return new ProviderSource(code, seasons.ToImmutable());
    }

    private static bool SchoolYear(string text) =>
        SchoolYearForm().IsMatch(text)
        && int.Parse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture)
            == int.Parse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture) + 1;

    private ImmutableDictionary<string, string> Paths(Fields fields)
    {
        var paths = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (fields.Map("paths", required: false) is { } map)
            foreach (var entry in map.Entries())
            {
                var path = fields.TextOf(entry.Value, entry.Key) ?? "";
                if (context.ContractsComplete && !context.Operations.ContainsKey(entry.Key))
                    fields.Report.Error(entry.Line, "operation-unknown", Found(entry.Key), OpenApiFolder, FhirFolder);
                if (!PathForm().IsMatch(path))
                    fields.Report.Error(entry.Line, "path-form", Found(path), "/v1/noun/query");
                paths[entry.Key] = path;
            }
        return paths.ToImmutable();
    }

    private FhirProvider? Fhir(Fields? fields)
    {
        if (fields is null)
            return null;
        var types = fields.Texts("types");
        foreach (var (type, line) in fields.TextLines("types"))
            if (context.ContractsComplete && !context.FhirTypes.ContainsKey(type))
                fields.Report.Error(line, "resource-type-unknown", Found(type), ElementsFile);
        var payor = fields.Map("payor", required: false) is { } who ? Identifier(who) : null;
        if (types.Contains("Coverage") && payor is null)
            fields.Report.Error(fields.Line, "payor-missing", "Coverage", "payor", "payor: { system, value }");
        // The search for the Patient first is not built: asked by identifier, such a server ignores what it does not know, and nobody is
        // found.
        if (fields.OptionalText("search") == "two-step")
            fields.Report.Error(fields.LineOf("search"), "two-step", "search: two-step", "search");
        var fhir = new FhirProvider(
            fields.HttpsAddress("base") ?? new Uri("https://invalid.invalid"),
            fields.Text("personSystem"),
            fields.Choice("search", "identifier", "identifier", "two-step"),
            fields.OptionalBoolean("sendElements") ?? false
        )
        {
            Payor = payor,
            Types = types,
        };
        fields.Close();
        return fhir;
    }

    private static FhirIdentifier Identifier(Fields fields)
    {
        var identifier = new FhirIdentifier(fields.Text("system"), fields.Text("value"));
        fields.Close();
        return identifier;
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(-[a-z0-9]+){0,5}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex WordForm();

    [GeneratedRegex(@"\A[A-Z0-9]+(-[A-Z0-9]+){0,4}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex SourceForm();

    [GeneratedRegex(@"\A\d{4}-\d{4}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex SchoolYearForm();

    [GeneratedRegex(@"\A(/[A-Za-z0-9_.-]+)+\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex PathForm();
}
