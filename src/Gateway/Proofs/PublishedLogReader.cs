using System.Globalization;
using Agreements;
using Gateway.Audit;
using Gateway.Authentication;
using Gateway.Problems;
using Ledger;
using Ledger.Tiles;

namespace Gateway.Proofs;

/// <summary>
/// Takes files, paths, records and proofs off the published log. Nothing is given that is not covered by a published checkpoint; what is
/// durable but not published yet is asked for again in a second.
/// </summary>
internal sealed class PublishedLogReader(GatewayOptions options, ILedger ledger, LedgerWitnesses? witnesses = null)
{
    private const int SoonPublished = 1,
        SoonCosigned = 10;

    /// <summary>Prefix of the log's paths.</summary>
    public string Prefix { get; } = LogRoute.PrefixOf(ledger.Origin);

    /// <summary>Whether a client may read bundles and every record.</summary>
    public bool ReadsAll(Client client) => options.LedgerReaders.Contains(client.Id);

    /// <summary>A file for any registered institution, or for readers of the whole log.</summary>
    /// <param name="route">What is asked.</param>
    /// <param name="number">Value of a query parameter that is a number; null when it is missing, which not all may be.</param>
    public Verdict<LogFile> File(LogRoute route, Func<string, long?> number)
    {
        switch (route.Part)
        {
            case LogPart.Policy:
                return LogFile.Fresh(
                    witnesses?.PolicyText ?? "# this log has no witnesses; its key is given with the agreement\nquorum none\n"
                );
            case LogPart.Checkpoint:
                return ledger.Published is { } published ? LogFile.Fresh(published.Note) : Soon(SoonPublished);
            case LogPart.Witnessed:
                return Witnessed() is { } note ? LogFile.Fresh(note) : Unknown();
            case LogPart.Tile or LogPart.Entries:
                return Stored(route.File) is { } bytes ? LogFile.Immutable(bytes) : Unknown();
            case LogPart.Path:
                return number("size") is { } size && route.Index < size
                    ? Lines(size, log => log.InclusionPath(route.Index, size))
                    : Unknown();
            default:
                var to = number("size") ?? ledger.Published?.Size ?? 0;
                return number("old") is { } old && old <= to ? Lines(to, log => log.ConsistencyPath(old, to)) : Unknown();
        }
    }

    /// <summary>A record or its proof, for somebody who is a party of it or may read all.</summary>
    /// <param name="route">What is asked.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="registry">The law.</param>
    /// <param name="query">Value of a query parameter.</param>
    public Verdict<Evidence> Record(LogRoute route, Caller caller, Registry registry, Func<string, string?> query)
    {
        if (ledger.Published is not { } published)
            return Soon(SoonPublished);
        var log = LogReader.At(options.Ledger, published.Note);
        if (route.Part == LogPart.Exchange)
        {
            if (query("exchange") is not { } id || !Ulid.IsValid(id))
                return Unknown();
            return ExchangeSearch.Find(log, id) is { } found && MayRead(log, found, caller, registry, out _)
                ? new Evidence(default, "") { Location = string.Create(CultureInfo.InvariantCulture, $"{Prefix}entry/{found}"), About = id }
                : Unknown();
        }

        if (route.Index >= published.Size)
            return route.Index < ledger.Size ? Soon(SoonPublished) : Unknown();
        if (!MayRead(log, route.Index, caller, registry, out var parties))
            return Unknown();
        if (route.Part == LogPart.Proof)
            return Proof(log, route.Index, parties, query("published") is not null);
        var entry = log.Entry(route.Index);
        return new Evidence(entry.Text, "application/json") { Tag = entry.Leaf.ToString(), About = parties.Id };
    }

    private Verdict<Evidence> Proof(LogReader published, long index, RecordParties parties, bool onPublished)
    {
        var log = published;
        if (!onPublished && witnesses?.Any == true)
        {
            if (Witnessed() is not { } note || LogReader.At(options.Ledger, note) is not { } cosigned || cosigned.Checkpoint.Size <= index)
                return Soon(SoonCosigned);
            log = cosigned;
        }

        return new Evidence(System.Text.Encoding.UTF8.GetBytes(log.Proof(index).ToString()), "text/plain; charset=utf-8")
        {
            About = parties.Id,
        };
    }

    private bool MayRead(LogReader log, long index, Caller caller, Registry registry, out RecordParties parties)
    {
        parties = RecordParties.Of(log.Entry(index).Text);
        return ReadsAll(caller.Client)
            || parties.Include(caller, registry, index + 1 < log.Checkpoint.Size ? RecordParties.Of(log.Entry(index + 1).Text) : null);
    }

    private Verdict<LogFile> Lines(long size, Func<LogReader, IReadOnlyList<TreeHash>> hashes)
    {
        if (ledger.Published is not { } published)
            return Soon(SoonPublished);
        if (size > published.Size)
            return size <= ledger.Size ? Soon(SoonPublished) : Unknown();
        var lines = hashes(LogReader.At(options.Ledger, published.Note));
        return LogFile.Immutable(
            System.Text.Encoding.ASCII.GetBytes(string.Concat(lines.Select(static hash => hash.ToBase64() + "\n")))
        ) with
        {
            ContentType = "text/plain; charset=utf-8",
        };
    }

    private string? Witnessed()
    {
        var path = Path.Combine(options.Ledger, "checkpoint-witnessed");
        return System.IO.File.Exists(path) ? System.IO.File.ReadAllText(path) : null;
    }

    // The name was matched against its one spelling, so it stays inside the folder. Partial files go when the full one comes: the reader
    // asks for that.
    private byte[]? Stored(string name)
    {
        try
        {
            return System.IO.File.ReadAllBytes(Path.Combine(options.Ledger, name));
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static Refusal Soon(int seconds) =>
        new(Problem.Overloaded) { RetryAfterSeconds = seconds, Reason = "durable, not published or not cosigned yet" };

    // The same for what does not exist and for what is not the caller's.
    private static Refusal Unknown() => new(Problem.ResourceUnknown);
}
