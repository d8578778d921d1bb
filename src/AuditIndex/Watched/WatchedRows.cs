using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AuditIndex.Exports;
using AuditIndex.Feeds;
using AuditIndex.Questions;
using Ledger;
using Ledger.Tiles;

namespace AuditIndex.Watched;

/// <summary>What of a query is exported, and how.</summary>
/// <param name="Filter">The query.</param>
/// <param name="Format">Format.</param>
public sealed record RowsRequest(RecordFilter Filter, RowFormat Format)
{
    /// <summary>Language of a table's column names: fr, ar or en.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Persons' pseudonyms leave too. Records and events hold them, so those formats need it.</summary>
    public bool WithSubjects { get; init; }

    /// <summary>Most rows; more are refused, not cut.</summary>
    public long MostRows { get; init; } = WatchedRows.MostUnapproved;

    /// <summary>What a second person approves: the digest of the question.</summary>
    public string Digest => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(Words)));

    internal string Words => $"rows&format={Format.ToString().ToLowerInvariant()}{(WithSubjects ? "&with=subj" : "")}&{Filter.Canonical()}";
}

/// <summary>An export that was sealed.</summary>
/// <param name="Rows">How many rows.</param>
/// <param name="Sha256">Digest of the file.</param>
public sealed record ExportedRows(long Rows, string Sha256);

/// <summary>
/// Exports the rows of a query (console page §10): <c>officer.export</c> with the question and the number of rows before a byte is written,
/// a second one with the digest before the file bears its name. An export that was interrupted has only the first.
/// </summary>
public sealed class WatchedRows : IDisposable
{
    /// <summary>Rows that one officer may export alone.</summary>
    public const long MostUnapproved = 10_000;

    /// <summary>Rows that nobody may exceed.</summary>
    public const long MostOfAll = 1_000_000;

    private const int Page = 5000;
    private readonly IRecordIndex _index;
    private readonly IReadOnlyList<LogSource> _logs;
    private readonly ReadingSeal _seal;
    private readonly TimeProvider _time;

    internal WatchedRows(IRecordIndex index, IReadOnlyList<LogSource> logs, ReadingSeal seal, TimeProvider time) =>
        (this._index, this._logs, this._seal, this._time) = (index, logs, seal, time);

    /// <summary>Exports to a file of its own.</summary>
    /// <param name="reader">Who exports.</param>
    /// <param name="request">What.</param>
    /// <param name="file">The file; for records a second one, <c>FILE.index.jsonl</c>, stands beside it.</param>
    /// <param name="cancel">Gives up; what was sealed stands.</param>
    /// <exception cref="ArgumentException">Records or events are asked for without the pseudonyms that they hold.</exception>
    /// <exception cref="ExportRefused">There are more rows than the request allows.</exception>
    /// <exception cref="LedgerUnavailable">The export cannot be sealed; there is no file.</exception>
    /// <exception cref="LedgerDamaged">A record does not agree with the log; there is no file.</exception>
    public async Task<View<ExportedRows>> Export(Reader reader, RowsRequest request, string file, CancellationToken cancel = default)
    {
        if (request.Format != RowFormat.Csv && !request.WithSubjects)
        {
            throw new ArgumentException("Records and events hold pseudonyms: ask for them, or for a table.", nameof(request));
        }

        var at = request.Filter.At.Count == 0 ? _index.Positions() : request.Filter.At;
        var (filter, id) = (request.Filter with { At = at }, Ulid.New(_time));
        var announced = await _seal.Show(reader, at, async () =>
        {
            var positions = await Positions(filter, Math.Min(request.MostRows, MostOfAll), cancel);
            return (positions, new Reading("officer.export", request.Words, positions.Count, null) { Id = id });
        });
        var (partial, beside) = (file + ".partial", request.Format == RowFormat.JsonLines ? file + ".index.jsonl" : null);
        try
        {
            var view = await _seal.Show(reader, at, async () =>
            {
                var digest = await Write(request, filter, announced.Answer, partial, beside is null ? null : beside + ".partial", cancel);
                return (
                    new ExportedRows(announced.Answer.Count, digest),
                    new Reading("officer.export", "end", announced.Answer.Count, null) { List = digest, Reference = id }
                );
            });
            // Crash before the renaming: the second record stands, and a partial file that its owner deletes.
            if (beside is not null)
            {
                File.Move(beside + ".partial", beside, overwrite: true);
            }

            File.Move(partial, file, overwrite: true);
            return view;
        }
        finally
        {
            File.Delete(partial);
            File.Delete(beside + ".partial");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _index.Dispose();

    private async Task<List<RecordPosition>> Positions(RecordFilter filter, long most, CancellationToken cancel)
    {
        var positions = new List<RecordPosition>();
        await foreach (var row in Rows(filter, cancel))
        {
            positions.Add(row.Position);
            if (positions.Count > most)
            {
                throw new ExportRefused(most);
            }
        }

        return positions;
    }

    private async IAsyncEnumerable<RecordRow> Rows(
        RecordFilter filter,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel
    )
    {
        RecordPosition? after = null;
        while (true)
        {
            var rows = await _index.List(filter, after, Page, cancel);
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < Page)
            {
                yield break;
            }

            after = rows[^1].Position;
        }
    }

    /// <summary>Writes for its owner alone, durably; gives the digest of the bytes.</summary>
    private async Task<string> Write(
        RowsRequest request,
        RecordFilter filter,
        List<RecordPosition> positions,
        string file,
        string? beside,
        CancellationToken cancel
    )
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var stream = Create(file);
        await using var second = beside is null ? null : Create(beside);
        if (request.Format == RowFormat.Csv)
        {
            var csv = new CsvRows(request.Language, request.WithSubjects);
            Append(csv.Head());
            await foreach (var row in Rows(filter, cancel))
            {
                Append(csv.Of(row));
            }
        }
        else
        {
            foreach (var (origin, entry) in Entries(positions))
            {
                cancel.ThrowIfCancellationRequested();
                Bytes(request.Format == RowFormat.Ocsf ? OcsfEvent.Of(origin, entry).Line.Span : entry.Text.Span);
                Bytes("\n"u8);
                second?.Write(
                    JsonSerializer.SerializeToUtf8Bytes(
                        new
                        {
                            log = origin,
                            index = entry.Index,
                            leaf = entry.Leaf.ToBase64(),
                        }
                    )
                );
                second?.Write("\n"u8);
            }
        }

        await stream.FlushAsync(cancel);
        Posix.Fdatasync(stream.SafeFileHandle);
        return Base64Url.EncodeToString(digest.GetHashAndReset());

        void Append(string line) => Bytes(Encoding.UTF8.GetBytes(line));

        void Bytes(ReadOnlySpan<byte> bytes)
        {
            digest.AppendData(bytes);
            stream.Write(bytes);
        }
    }

    /// <summary>The records at these positions in the order of the logs, each compared with the signed tree.</summary>
    private IEnumerable<(string Origin, LogEntry Entry)> Entries(List<RecordPosition> positions)
    {
        foreach (
            var group in positions
                .GroupBy(static position => position.Origin, StringComparer.Ordinal)
                .OrderBy(static group => group.Key, StringComparer.Ordinal)
        )
        {
            var source = _logs.FirstOrDefault(log => log.Origin == group.Key)
                ?? throw new LedgerDamaged("index", "it names a log that is not known here");
            var log = source.Open();
            foreach (
                var bundle in group.Select(static position => position.Index).Order().GroupBy(static position => position / TilePath.Width)
            )
            {
                var wanted = bundle.ToHashSet();
                foreach (var entry in log.Entries(bundle.Min(), bundle.Max() + 1).Where(entry => wanted.Contains(entry.Index)))
                {
                    yield return (group.Key, entry);
                }
            }
        }
    }

    private static FileStream Create(string file)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            BufferSize = 1 << 16,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(file, options);
    }
}

/// <summary>An export has more rows than its reader may take alone; nothing was sealed or written.</summary>
/// <param name="most">Rows allowed.</param>
public sealed class ExportRefused(long most)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"the query has more than {most} rows"));
