using System.Globalization;
using System.Text;
using System.Text.Json;
using Ledger.Tiles;

namespace Admin.Conventions;

/// <summary>
/// The law at an instant, from the records <c>agreement</c>, <c>suspend</c> and <c>config</c> of a log (ledger page, section 3.3). Every
/// start seals the whole set again, so what stood before a start is forgotten with it.
/// </summary>
internal sealed class LawHistory
{
    private static readonly string[] Kinds = ["\"ev\":\"agreement\"", "\"ev\":\"suspend\"", "\"ev\":\"config\"", "\"ev\":\"start\""];
    private SortedDictionary<string, (string Reference, string Digest)> _pending = new(StringComparer.Ordinal);
    private SortedSet<string> _stopped = new(StringComparer.Ordinal);

    // The status list outlives starts. Each party and the operators lift their own.
    private readonly Dictionary<(string What, string By), DateTimeOffset?> _atOnce = [];

    /// <summary>The set's digest; null when no <c>config</c> record lies before the instant.</summary>
    internal string? Digest { get; private set; }

    /// <summary>Position of that record.</summary>
    internal long Index { get; private set; }

    /// <summary>Its time.</summary>
    internal string Since { get; private set; } = "";

    /// <summary>Agreements of the set by id.</summary>
    internal SortedDictionary<string, (string Reference, string Digest)> Agreements { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>What was suspended: kind and id.</summary>
    internal SortedSet<string> Suspended { get; private set; } = new(StringComparer.Ordinal);

    internal static LawHistory At(LogReader log, DateTimeOffset instant, Action<long, long> progress)
    {
        var law = new LawHistory();
        foreach (var entry in log.Entries())
        {
            if (entry.Index % 4096 == 0)
                progress(entry.Index, log.Checkpoint.Size);
            var head = Encoding.ASCII.GetString(entry.Text.Span[..Math.Min(entry.Text.Length, 40)]);
            if (!Kinds.Any(kind => head.Contains(kind, StringComparison.Ordinal)))
                continue;
            using var record = JsonDocument.Parse(entry.Text);
            var root = record.RootElement;
            if (DateTimeOffset.Parse(Text(root, "ts")!, CultureInfo.InvariantCulture) > instant)
                continue;
            law.Add(root, entry.Index);
        }

        foreach (var ((what, _), until) in law._atOnce)
            if (until is not { } end || instant < end)
                law.Suspended.Add(what);
        return law;
    }

    private void Add(JsonElement record, long index)
    {
        switch (Text(record, "ev"))
        {
            case "start":
                (_pending, _stopped) = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
                break;
            case "agreement" when Text(record, "agr") is { } reference:
                var id = reference.Split('@')[0];
                if (Text(record, "act") == "activated")
                    _pending[id] = (reference, Text(record, "dig") ?? "");
                else
                    _pending.Remove(id);
                break;
            case "suspend":
                var what = $"{Text(record, "kind")} {Text(record, "what")}";
                // A party's own word carries the id of its statement; everything else on the list is the operators'.
                var atOnce = (what, Text(record, "jti") is null ? "" : Text(record, "by") ?? "");
                if (Text(record, "act") == "suspended")
                    _stopped.Add(what);
                else if (Text(record, "act") == "lifted")
                    _stopped.Remove(what);
                else if (Text(record, "act") == "suspend")
                    _atOnce[atOnce] = Text(record, "until") is { } until ? DateTimeOffset.Parse(until, CultureInfo.InvariantCulture) : null;
                else
                    _atOnce.Remove(atOnce);
                break;
            case "config":
                (Digest, Index, Since) = (Text(record, "pol"), index, Text(record, "ts")!);
                (Agreements, Suspended) = (new(_pending, StringComparer.Ordinal), new(_stopped, StringComparer.Ordinal));
                break;
        }
    }

    private static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out var member) ? member.GetString() : null;
}
