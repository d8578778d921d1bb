using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Ledger.Evidence;

/// <summary>The summary of a pack for people, one page for each language. Every value stands in its own direction, so that Arabic pages read right.</summary>
internal static class EvidencePage
{
    private const string Style =
        "body{font-family:system-ui,sans-serif;margin:2rem auto;max-inline-size:70rem;padding-inline:1rem;line-height:1.5}"
        + "table{border-collapse:collapse;inline-size:100%;font-size:.9rem}th,td{border:1px solid #999;padding:.3rem .5rem;text-align:start}code,bdi{overflow-wrap:anywhere}";

    private static readonly string[] Columns = ["index", "time", "event", "operation", "purpose", "agreement", "outcome", "id", "file"];

    public static IReadOnlyList<string> Languages { get; } = ["fr", "ar", "en"];

    public static string Write(string language, IReadOnlyList<EvidenceLog> logs, EvidenceRequest request)
    {
        var text = JsonSerializer.Deserialize<Dictionary<string, string>>(EvidencePack.Resource($"texts.{language}.json"))!;
        var page = new StringBuilder("<!DOCTYPE html>\n");
        page.Append(CultureInfo.InvariantCulture, $"<html lang=\"{language}\" dir=\"{text["direction"]}\"><head><meta charset=\"utf-8\"><title>{text["title"]}</title><style>{Style}</style></head><body>\n");
        page.Append(CultureInfo.InvariantCulture, $"<h1>{text["title"]}</h1>\n<h2>{text["asked"]}</h2>\n");
        page.Append(CultureInfo.InvariantCulture, $"<p>{text["askedBy"]}{text["colon"]}{Free(request.AskedBy, text)}<br>{text["reason"]}{text["colon"]}{Free(request.Reason, text)}</p>\n");
        foreach (var (title, words) in new[] { ("what", "whatText"), ("not", "notText") })
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{text[title]}</h2>\n<p>{text[words]}</p>\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"<h2>{text["check"]}</h2>\n<p>{text["checkText"]}</p>\n");
        page.Append("<pre dir=\"ltr\"><code>python3 verify_pack.py PACK.zip --policy policy.txt\nverifier pack PACK.zip --policy policy.txt</code></pre>\n");
        page.Append(CultureInfo.InvariantCulture, $"<h2>{text["made"]}</h2>\n<ul>\n");
        foreach (var log in logs)
        {
            page.Append(CultureInfo.InvariantCulture, $"<li>{Value(log.Checkpoint.Origin)} · {string.Format(CultureInfo.InvariantCulture, text["size"], log.Checkpoint.Size)} · {Value(log.Checkpoint.Root.ToBase64())}</li>\n");
        }

        page.Append("</ul>\n");
        foreach (var log in logs)
        {
            Table(page, text, log);
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static void Table(StringBuilder page, Dictionary<string, string> text, EvidenceLog log)
    {
        page.Append(CultureInfo.InvariantCulture, $"<table><caption>{text["records"]}{text["colon"]}{Value(log.Checkpoint.Origin)}</caption>\n<thead><tr>");
        foreach (var column in Columns)
        {
            page.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{text[column]}</th>");
        }

        page.Append("</tr></thead>\n<tbody>\n");
        foreach (var record in log.Records)
        {
            string[] cells =
            [
                record.Entry.Index.ToString(CultureInfo.InvariantCulture), Fact(record, "ts"), Fact(record, "ev"), Fact(record, "op"), Fact(record, "purp"), Fact(record, "agr"),
                string.Join(' ', new[] { Fact(record, "out"), Fact(record, "match"), Fact(record, "code") }.Where(static word => word.Length > 0)), Fact(record, "id"), record.Name,
            ];
            page.Append("<tr>").AppendJoin("", cells.Select(static cell => $"<td>{Value(cell)}</td>")).Append("</tr>\n");
        }

        page.Append("</tbody></table>\n");
    }

    private static string Fact(EvidenceRecord record, string name) => record.Facts.GetValueOrDefault(name, "");

    private static string Value(string value) => value.Length == 0 ? "" : $"<bdi dir=\"ltr\">{WebUtility.HtmlEncode(value)}</bdi>";

    private static string Free(string? value, Dictionary<string, string> text) => string.IsNullOrEmpty(value) ? text["notStated"] : $"<bdi>{WebUtility.HtmlEncode(value)}</bdi>";
}
