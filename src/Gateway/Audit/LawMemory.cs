using System.Text;
using System.Text.Json;
using Agreements.Loading.Remembered;
using Ledger;
using Ledger.Notes;
using Ledger.Tiles;

namespace Gateway.Audit;

/// <summary>
/// What was law on this node before: from a small file, and from the records of its log that the file does not know yet. A node that has
/// lost the file knows it from the log, and one whose file was put back from a backup too.
/// </summary>
public static class LawMemory
{
    private static readonly string[] Kinds = ["\"ev\":\"agreement\"", "\"ev\":\"config\""];

    /// <summary>Opens the book.</summary>
    /// <param name="options">The gateway's configuration.</param>
    /// <param name="log">Verifier key of its log.</param>
    /// <exception cref="InvalidDataException">The file is no book.</exception>
    /// <exception cref="LedgerDamaged">The log cannot be read.</exception>
    public static LawBook Open(GatewayOptions options, VerifierKey log)
    {
        var file = options.LawBook;
        var book =
            file.Length == 0
                ? LawBook.Open(null, static _ => { })
                : LawBook.Open(AtomicFile.Read(file), text => AtomicFile.Replace(file, text));
        if (!File.Exists(Path.Combine(options.Ledger, "checkpoint")))
            return book;
        var reader = LogReader.Open(options.Ledger, log);
        var first = book.Read is { } read && read.Origin == options.LedgerOrigin && read.Size <= reader.Checkpoint.Size ? read.Size : 0;
        foreach (var entry in reader.Entries(first))
            Recall(book, entry.Text);
        book.Read = new LogPlace(options.LedgerOrigin, reader.Checkpoint.Size);
        return book;
    }

    private static void Recall(LawBook book, ReadOnlyMemory<byte> text)
    {
        var head = Encoding.ASCII.GetString(text.Span[..Math.Min(text.Length, 40)]);
        if (!Kinds.Any(kind => head.Contains(kind, StringComparison.Ordinal)))
            return;
        using var json = JsonDocument.Parse(text);
        var record = json.RootElement;
        if (Text(record, "ev") == "config")
        {
            if (record.TryGetProperty("apn", out var number) && Text(record, "apt") is { } approved)
                book.RecallApproval(number.GetInt32(), approved);
            return;
        }
        if (
            Text(record, "act") != "activated"
            || Text(record, "agr")?.Split('@') is not [var id, var version]
            || Text(record, "dig") is not { } file
        )
            return;
        // Records of before do not tell the text; as many signatures as parties say that the version was law.
        if (Text(record, "txt") is not null || Count(record, "sigs") >= Count(record, "parties"))
            book.Recall(id, int.Parse(version, System.Globalization.CultureInfo.InvariantCulture), Text(record, "txt"), file);
    }

    private static int Count(JsonElement record, string name) => record.TryGetProperty(name, out var list) ? list.GetArrayLength() : 0;

    private static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out var member) ? member.GetString() : null;
}
