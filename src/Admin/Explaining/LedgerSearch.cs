using System.Collections.Immutable;
using System.Text.Json;
using Ledger.Notes;
using Ledger.Tiles;

namespace Admin.Explaining;

/// <summary>Finds a record by its id in a log's folder, newest first. Every record that is read is compared with the tree, under the log's key.</summary>
internal static class LedgerSearch
{
    private const int Step = 256;

    /// <summary>Index and members of the record; null when the published log has none of this id.</summary>
    /// <param name="folder">Folder that holds <c>checkpoint</c> and <c>tile/</c>.</param>
    /// <param name="key">The log's key.</param>
    /// <param name="id">Id of the record.</param>
    internal static ImmutableArray<(string Name, string Value)>? Find(string folder, VerifierKey key, string id)
    {
        var log = LogReader.Open(folder, key);
        for (var first = (log.Checkpoint.Size - 1) / Step * Step; first >= 0; first -= Step)
            foreach (var entry in log.Entries(first, first + Step))
                if (entry.Text.Span.IndexOf(System.Text.Encoding.ASCII.GetBytes(id)) >= 0 && Members(entry, id) is { } members) return members;
        return null;
    }

    private static ImmutableArray<(string Name, string Value)>? Members(LogEntry entry, string id)
    {
        using var record = JsonDocument.Parse(entry.Text);
        if (!record.RootElement.TryGetProperty("id", out var own) || own.GetString() != id) return null;
        return [("index", entry.Index.ToString(System.Globalization.CultureInfo.InvariantCulture)), .. record.RootElement.EnumerateObject().Select(static member => (member.Name, member.Value.ToString()))];
    }
}
