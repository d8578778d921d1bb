using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Wording;

namespace Ledger.Evidence;

/// <summary>
/// The summary of a pack for people, one page for each language. Every value stands in its own direction, so that Arabic pages read right.
/// </summary>
internal static class EvidencePage
{
    private const string Style =
        "body{font-family:system-ui,sans-serif;margin:2rem auto;max-inline-size:70rem;padding-inline:1rem;line-height:1.5}"
        + "table{border-collapse:collapse;inline-size:100%;font-size:.9rem}"
        + "th,td{border:1px solid #999;padding:.3rem .5rem;text-align:start;vertical-align:top}"
        + "td p{margin:0}code,bdi{overflow-wrap:anywhere}";

    // Arabic and French stay readable in the source; what means something in HTML is escaped in every alphabet.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private static readonly TextBook Texts = TextBook.Of(typeof(EvidencePage).Assembly, "Ledger.Evidence.texts");
    private static readonly string[] Columns = ["index", "time", "event", "operation", "purpose", "agreement", "outcome", "id", "file"];

    public static string Write(string language, IReadOnlyList<EvidenceLog> logs, EvidenceRequest request)
    {
        var page = new StringBuilder("<!DOCTYPE html>\n");
        var direction = Languages.IsRightToLeft(language) ? "rtl" : "ltr";
        page.Append(CultureInfo.InvariantCulture, $"<html lang=\"{language}\" dir=\"{direction}\"><head><meta charset=\"utf-8\">");
        page.Append(CultureInfo.InvariantCulture, $"<title>{Encoder.Encode(Say("title"))}</title><style>{Style}</style></head><body>\n");
        page.Append(CultureInfo.InvariantCulture, $"<h1>{Html(Say("title"))}</h1>\n<h2>{Html(Say("asked"))}</h2>\n");
        page.Append("<p>").Append(Labelled("askedBy", request.AskedBy)).Append("<br>");
        page.Append(Labelled("reason", request.Reason)).Append("<br>");
        page.Append(Labelled("query", request.Query)).Append("</p>\n");
        foreach (var (title, words) in new[] { ("what", "whatText"), ("not", "notText"), ("check", "checkText") })
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{Html(Say(title))}</h2>\n<p>{Html(Say(words))}</p>\n");
        }

        page.Append(
            "<pre dir=\"ltr\"><code>python3 verify_pack.py PACK.zip --policy policy.txt\nverifier pack PACK.zip --policy policy.txt</code></pre>\n"
        );
        page.Append(CultureInfo.InvariantCulture, $"<h2>{Html(Say("made"))}</h2>\n<ul>\n");
        foreach (var log in logs)
        {
            var state = Say("log-state", log.Checkpoint.Origin, Say("size", (long)log.Checkpoint.Size), log.Checkpoint.Root.ToBase64());
            page.Append(CultureInfo.InvariantCulture, $"<li>{Html(state)}</li>\n");
        }

        page.Append("</ul>\n");
        foreach (var log in logs)
        {
            Table(page, language, log, request.Names);
        }

        return page.Append("</body></html>\n").ToString();

        string Say(string key, params ReadOnlySpan<Blank> blanks) => Texts.Say(key, language, blanks);

        // Whoever asked wrote it in a language and a direction of their own.
        string Labelled(string label, string? value) =>
            string.IsNullOrEmpty(value)
                ? Html(Phrases.Labelled(Say(label), Say("notStated"), language))
                : $"{Html(Phrases.Labelled(Say(label), "", language))}<bdi>{Encoder.Encode(value)}</bdi>";
    }

    /// <summary>What a kind of record, a result or a match is called; null when this program has no name for it.</summary>
    internal static string? NameOf(string member, string code, string language) =>
        Texts.Has($"{member}/{code}") ? Texts.Say($"{member}/{code}", language) : null;

    private static void Table(StringBuilder page, string language, EvidenceLog log, EvidenceNames? names)
    {
        var caption = Phrases.Labelled(Texts.Say("records", language), log.Checkpoint.Origin, language);
        page.Append(CultureInfo.InvariantCulture, $"<table><caption>{Html(caption)}</caption>\n<thead><tr>");
        foreach (var column in Columns)
        {
            page.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{Html(Texts.Say(column, language))}</th>");
        }

        page.Append("</tr></thead>\n<tbody>\n");
        foreach (var record in log.Records)
        {
            string[] cells =
            [
                Value(record.Entry.Index.ToString(CultureInfo.InvariantCulture)),
                Time(Fact(record, "ts"), language),
                Named(record, "ev"),
                Named(record, "op"),
                Named(record, "purp"),
                Named(record, "agr"),
                string.Concat(
                    new[] { Named(record, "out"), Named(record, "match"), Named(record, "code") }
                        .Where(static words => words.Length > 0)
                        .Select(static words => $"<p>{words}</p>")
                ),
                Value(Fact(record, "id")),
                Value(record.Name),
            ];
            page.Append("<tr>").AppendJoin("", cells.Select(static cell => $"<td>{cell}</td>")).Append("</tr>\n");
        }

        page.Append("</tbody></table>\n");

        // The name for people, and the code as the record has it.
        string Named(EvidenceRecord record, string member) =>
            Fact(record, member) is not { Length: > 0 } code ? ""
            : (NameOf(member, code, language) ?? names?.Invoke(member, code, language)) is { } name && name != code
                ? $"{Html(Isolation.Around(name, language))}<br>{Value(code)}"
            : Value(code);
    }

    private static string Fact(EvidenceRecord record, string name) => record.Facts.GetValueOrDefault(name, "");

    // As people say it, and exactly as the record has it.
    private static string Time(string stated, string language) =>
        DateTimeOffset.TryParse(stated, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? $"{Html(Days.Say(moment, language))}<br>{Value(stated)}"
            : Value(stated);

    private static string Value(string value) => value.Length == 0 ? "" : $"<bdi dir=\"ltr\">{Encoder.Encode(value)}</bdi>";

    private static string Html(string text) => Isolation.ToHtml(text, Encoder.Encode);
}
