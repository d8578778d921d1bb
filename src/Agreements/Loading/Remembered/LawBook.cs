using System.Collections.Immutable;
using System.Text.Json;

namespace Agreements.Loading.Remembered;

/// <summary>
/// What a program remembers of the law through its restarts, so that nothing that was replaced comes back: of each agreement the highest
/// version that all parties signed, and its text; the number of the operators' last approval; what <c>suspensions.yaml</c> stops; and which
/// signatures have been seen. It is written down before a set is law. The way back is a higher version. Not safe for several threads: a
/// watcher loads one set at a time.
/// </summary>
public sealed class LawBook
{
    private const string Schema = "gateway.law-book/1";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly SortedDictionary<string, KnownVersion> _agreements = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, bool> _signatures = new(StringComparer.Ordinal);
    private SortedDictionary<string, DateOnly> _stops = new(StringComparer.Ordinal);
    private readonly Action<string> _keep;
    private KnownVersion? _approval;
    private bool _changed;

    private LawBook(Action<string> keep) => _keep = keep;

    /// <summary>Nothing is remembered yet: what is loaded first is taken as it stands.</summary>
    public bool IsNew { get; private set; } = true;

    /// <summary>The same version may have another text: for the development town, where an edit is law without ceremony.</summary>
    public bool MayRedraft { get; init; }

    /// <summary>How much of which log has been read into it.</summary>
    public LogPlace? Read
    {
        get;
        set
        {
            _changed |= field != value;
            field = value;
        }
    }

    /// <summary>Opens a book.</summary>
    /// <param name="text">What was kept last; null for a new one.</param>
    /// <param name="keep">Keeps its text: durable when it returns, or it throws and the set is not law.</param>
    /// <param name="mayRedraft">As <see cref="MayRedraft"/>.</param>
    /// <exception cref="InvalidDataException">The text is not that of a book.</exception>
    public static LawBook Open(string? text, Action<string> keep, bool mayRedraft = false)
    {
        var book = new LawBook(keep) { MayRedraft = mayRedraft };
        if (text is null)
            return book;
        try
        {
            var page = JsonSerializer.Deserialize<Page>(text, Json);
            if (page is not { Schema: Schema, Agreements: not null, Signatures: not null })
                throw RefusedFile.Of("book-other", null);
            foreach (var (id, known) in page.Agreements)
                book._agreements[id] = known;
            foreach (var (signature, counts) in page.Signatures)
                book._signatures[signature] = counts;
            foreach (var (what, since) in page.Stops ?? [])
                book._stops[what] = since;
            (book._approval, book.Read, book.IsNew) = (page.Approval, page.Log, false);
            book._changed = false;
            return book;
        }
        catch (JsonException wrong)
        {
            throw RefusedFile.Of("book-unreadable", wrong);
        }
    }

    /// <summary>An agreement was law once, as a record of the ledger says.</summary>
    /// <param name="id">Agreement id.</param>
    /// <param name="version">Version.</param>
    /// <param name="text">SHA-256 of the signed text, lower-case hex; null in records of before.</param>
    /// <param name="file">SHA-256 of the file, lower-case hex.</param>
    public void Recall(string id, int version, string? text, string file)
    {
        IsNew = false;
        var known = Find(id);
        if (known?.Version > version)
            return;
        Take(id, new KnownVersion(version, text ?? (known?.Version == version && known.File == file ? known.Text : null), file));
    }

    /// <summary>The operators' approval of this number was in force, as a record of the ledger says.</summary>
    public void RecallApproval(int number, string text)
    {
        if (!(_approval?.Version > number))
            TakeApproval(new KnownVersion(number, text, null));
    }

    /// <summary>Highest version known of an agreement; null for one that was never law.</summary>
    internal KnownVersion? Find(string id) => _agreements.GetValueOrDefault(id);

    /// <summary>The operators' last approval; null for none.</summary>
    internal KnownVersion? Approval => _approval;

    /// <summary>Does a signature count? Null when it was never seen.</summary>
    internal bool? Counts(string signature) => _signatures.TryGetValue(signature, out var counts) ? counts : null;

    /// <summary>A signature was seen for the first time.</summary>
    internal void See(string signature, bool counts) => (_signatures[signature], _changed) = (counts, true);

    /// <summary>A version is about to be law.</summary>
    internal void Take(string id, KnownVersion version)
    {
        if (_agreements.TryGetValue(id, out var known) && known == version)
            return;
        (_agreements[id], _changed) = (version, true);
    }

    /// <summary>An approval is about to be in force.</summary>
    internal void TakeApproval(KnownVersion approval)
    {
        if (_approval == approval)
            return;
        (_approval, _changed) = (approval, true);
    }

    /// <summary>What is stopped, as far as this program knows: kind and id, <c>client anss-batch</c>.</summary>
    public IEnumerable<string> Stopped => _stops.Keys;

    /// <summary>What is stopped: under the last approval, where there are operators.</summary>
    internal IEnumerable<StandingStop> Stops => _stops.Select(static stop => new StandingStop(stop.Key, stop.Value));

    /// <summary>This and nothing else is about to be stopped.</summary>
    internal void TakeStops(IEnumerable<StandingStop> stops)
    {
        var taken = new SortedDictionary<string, DateOnly>(StringComparer.Ordinal);
        foreach (var (what, since) in stops)
            taken[what] = since;
        _changed |= !taken.SequenceEqual(_stops);
        _stops = taken;
    }

    /// <summary>Writes down what is new.</summary>
    /// <exception cref="Exception">It could not be kept: nothing of it may be relied on.</exception>
    public void Keep()
    {
        if (!_changed)
            return;
        _keep(JsonSerializer.Serialize(new Page(Schema, _agreements, _signatures, _stops, _approval, Read), Json));
        (_changed, IsNew) = (false, false);
    }

    private sealed record Page(
        string Schema,
        SortedDictionary<string, KnownVersion> Agreements,
        SortedDictionary<string, bool> Signatures,
        SortedDictionary<string, DateOnly>? Stops,
        KnownVersion? Approval,
        LogPlace? Log
    );
}

/// <summary>A version that was law.</summary>
/// <param name="Version">Version; of approvals their number.</param>
/// <param name="Text">SHA-256 of what was signed, lower-case hex; null when only the file is known.</param>
/// <param name="File">SHA-256 of the file, lower-case hex; null when only the text is known.</param>
public sealed record KnownVersion(int Version, string? Text, string? File);

/// <summary>A place in a log.</summary>
/// <param name="Origin">Which log.</param>
/// <param name="Size">Records before it.</param>
public sealed record LogPlace(string Origin, long Size);
