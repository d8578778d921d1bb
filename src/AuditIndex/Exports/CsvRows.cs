using System.Globalization;
using System.Text;
using System.Text.Json;
using AuditIndex.Filling;
using AuditIndex.Questions;
using Wording;

namespace AuditIndex.Exports;

/// <summary>
/// RFC 4180 with every field quoted, CRLF and a byte order mark. A field that a spreadsheet would take for a formula gets an apostrophe in
/// front: what stands in it was chosen by whoever called the gateway.
/// </summary>
/// <param name="language">Language of the column names: fr, ar or en; the separator follows it.</param>
/// <param name="withSubjects">Adds the persons' pseudonyms.</param>
internal sealed class CsvRows(string language, bool withSubjects)
{
    private const string Formulas = "=+-@\t\r\n＝＋－＠";
    private static readonly Dictionary<string, Dictionary<string, string>> Columns = Read();
    private readonly char _separator = language == "en" ? ',' : ';';

    /// <summary>The first line, behind the byte order mark.</summary>
    public string Head() =>
        "\uFEFF"
        + Line(
            Columns
                .Where(column => withSubjects || column.Key != "subject")
                .Select(column => Isolation.OfRuns(column.Value[language], language))
        );

    public string Of(RecordRow row)
    {
        string?[] fields =
        [
            LocalTime.Text(row.At),
            row.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            row.Position.Origin,
            row.Position.Index.ToString(CultureInfo.InvariantCulture),
            row.Event,
            row.Institution,
            row.Client,
            row.Agent,
            row.Office,
            row.Operation,
            row.Purpose,
            row.Agreement,
            row.Outcome == Outcome.None ? null : row.Outcome.ToString().ToLowerInvariant(),
            row.Code,
            row.Rule,
            row.Match,
            row.Gate,
            row.Territory,
            row.Act,
            string.Join(' ', row.Providers),
            string.Join(' ', row.Fields),
            row.ExchangeId,
            row.Count.ToString(CultureInfo.InvariantCulture),
        ];
        return Line(withSubjects ? [.. fields, row.Subject] : fields);
    }

    private string Line(IEnumerable<string?> fields) => string.Join(_separator, fields.Select(Quoted)) + "\r\n";

    private static string Quoted(string? field)
    {
        var text = new StringBuilder(field?.Length + 3 ?? 2).Append('"');
        if (field is { Length: > 0 } && Formulas.Contains(field[0], StringComparison.Ordinal))
        {
            text.Append('\'');
        }

        return text.Append(field?.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"').ToString();
    }

    private static Dictionary<string, Dictionary<string, string>> Read()
    {
        using var stream = typeof(CsvRows).Assembly.GetManifestResourceStream("columns.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string>>>(stream)!;
    }
}
