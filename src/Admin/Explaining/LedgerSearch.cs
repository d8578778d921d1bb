using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Admin.Checks;
using Ledger.Tiles;

namespace Admin.Explaining;

/// <summary>Finds a record by its id in a log, newest first. Every record that is read is compared with the tree, under the log's
/// key.</summary>
internal static class LedgerSearch
{
    private const int Step = 256;

    /// <summary>Index and members of the record; null when the published log has none of this id.</summary>
    /// <param name="log">The log at its newest checkpoint.</param>
    /// <param name="id">Id of the record.</param>
    internal static ImmutableArray<(string Name, string Value)>? Find(LogReader log, string id)
    {
        for (var first = (log.Checkpoint.Size - 1) / Step * Step; first >= 0; first -= Step)
            foreach (var entry in log.Entries(first, first + Step))
                if (entry.Text.Span.IndexOf(Encoding.ASCII.GetBytes(id)) >= 0 && Members(entry, id) is { } members)
                    return members;
        return null;
    }

    private static ImmutableArray<(string Name, string Value)>? Members(LogEntry entry, string id)
    {
        using var record = JsonDocument.Parse(entry.Text);
        if (!record.RootElement.TryGetProperty("id", out var own) || own.GetString() != id)
            return null;
        return
        [
            ("index", entry.Index.ToString(CultureInfo.InvariantCulture)),
            .. record.RootElement.EnumerateObject().Select(static member => (member.Name, member.Value.ToString())),
        ];
    }
}

/// <summary>A member of a record as people read it: its time in words.</summary>
internal static class RecordFact
{
    internal static Fact Of(string name, string value) =>
        name is "ts" or "until" or "at"
        && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? new Fact(name, value, moment)
            : (name, value);
}
