using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AuditIndex.Exports;
using AuditIndex.Questions;
using AuditIndex.Tests.Support;
using AuditIndex.Watched;
using Ledger;
using Ledger.Subjects;
using Xunit;

namespace AuditIndex.Tests;

/// <summary>Exports of a query: sealed before, sealed after, and what the bytes are (console page §10).</summary>
public sealed class ExportTests : IAsyncLifetime
{
    private static readonly Reader Officer = new("off-07", "statement for the partner, October");
    private readonly TempFolder _folder = new();
    private SomeLog _log = null!;

    public async ValueTask InitializeAsync()
    {
        _log = new SomeLog(_folder["log"]);
        await _log.Seal([
            .. new SomeTraffic(31, new DateTimeOffset(2026, 11, 3, 8, 0, 0, TimeSpan.Zero)).Records(400),
            """{"v":1,"ev":"access","id":"01M4ZDBB2GDE3B4WZZ6KYE37BB","ts":"2026-11-05T09:12:33.104Z","cli":"=cmd|' /C calc'!A0","agent":"@x","office":"a;\"b\"","out":"permit","st":200}""",
        ]);
        using var filler = new IndexPlace { Folder = _folder["index"] }.Fill([_log.Source]);
        filler.CatchUp();
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_question_is_sealed_before_and_the_digest_of_the_file_before_the_file_is_there()
    {
        var size = _log.Writer.Size;
        var view = await Rows()
            .Export(Officer, new RowsRequest(new RecordFilter { Client = "ma.client-1" }, RowFormat.Csv), _folder["rows.csv"]);
        await _log.Writer.WhenPublished(view.Receipt.Size);
        var (first, second) = (Record(size), Record(view.Receipt.Index));
        Assert.Equal(size + 1, view.Receipt.Index);
        Assert.Equal(("officer.export", "officer.export"), (first.GetProperty("ev").GetString(), second.GetProperty("ev").GetString()));
        Assert.Equal("rows&format=csv&client=ma.client-1", first.GetProperty("q").GetString());
        Assert.Equal((view.Answer.Rows, view.Answer.Rows), (first.GetProperty("rows").GetInt64(), second.GetProperty("rows").GetInt64()));
        Assert.Equal(first.GetProperty("id").GetString(), second.GetProperty("ref").GetString());
        var digest = Base64Url.EncodeToString(SHA256.HashData(await File.ReadAllBytesAsync(_folder["rows.csv"])));
        Assert.Equal((digest, digest), (view.Answer.Sha256, second.GetProperty("list").GetString()));
        Assert.True(view.Answer.Rows > 10);
    }

    [Fact]
    public async Task A_table_is_for_spreadsheets_in_three_languages_and_holds_no_formula_and_no_pseudonym()
    {
        foreach (var (language, separator, word) in new[] { ("en", ',', "agreement"), ("fr", ';', "convention"), ("ar", ';', "الاتفاقية") })
        {
            await Rows()
                .Export(
                    Officer,
                    new RowsRequest(new RecordFilter { Event = "access" }, RowFormat.Csv) { Language = language },
                    _folder["rows.csv"]
                );
            var text = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(_folder["rows.csv"]));
            Assert.StartsWith("\uFEFF\"", text, StringComparison.Ordinal);
            Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
            var lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            Assert.Contains($"\"{word}\"{separator}", lines[0], StringComparison.Ordinal);
            Assert.All(lines, line => Assert.Equal(23, line.Split($"\"{separator}\"").Length));
            var formula = Assert.Single(lines, static line => line.Contains("calc", StringComparison.Ordinal));
            Assert.Contains($"\"'=cmd|' /C calc'!A0\"{separator}\"'@x\"{separator}\"a;\"\"b\"\"\"", formula, StringComparison.Ordinal);
            Assert.Contains($"\"2026-11-05 10:12:33\"{separator}\"2026-11-05 09:12:33\"", formula, StringComparison.Ordinal);
            for (var person = 0; person < 40; person++)
                Assert.DoesNotContain(SomeTraffic.PseudonymOf(person), text, StringComparison.Ordinal);
        }

        await Rows()
            .Export(
                Officer,
                new RowsRequest(new RecordFilter { Event = "access" }, RowFormat.Csv) { WithSubjects = true },
                _folder["rows.csv"]
            );
        var with = await File.ReadAllTextAsync(_folder["rows.csv"]);
        Assert.Contains(Enumerable.Range(0, 40), person => with.Contains(SomeTraffic.PseudonymOf(person), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exported_records_are_the_logs_bytes_and_hash_to_the_leaves_named_beside_them()
    {
        var filter = new RecordFilter { Refused = true };
        await Assert.ThrowsAsync<ArgumentException>(() =>
            Rows().Export(Officer, new RowsRequest(filter, RowFormat.JsonLines), _folder["rows.jsonl"])
        );
        var view = await Rows().Export(Officer, new RowsRequest(filter, RowFormat.JsonLines) { WithSubjects = true }, _folder["rows.jsonl"]);
        var (records, beside) = (
            await File.ReadAllLinesAsync(_folder["rows.jsonl"]),
            await File.ReadAllLinesAsync(_folder["rows.jsonl.index.jsonl"])
        );
        Assert.Equal((view.Answer.Rows, view.Answer.Rows), (records.Length, beside.Length));
        var published = _log.Source.Open();
        foreach (var (text, place) in records.Zip(beside, static (text, place) => (text, JsonSerializer.Deserialize<JsonElement>(place))))
        {
            Assert.Equal(LeafHash.Of(Encoding.ASCII.GetBytes(text)).ToBase64(), place.GetProperty("leaf").GetString());
            Assert.Equal(published.Entry(place.GetProperty("index").GetInt64()).Leaf.ToBase64(), place.GetProperty("leaf").GetString());
        }

        await Rows().Export(Officer, new RowsRequest(filter, RowFormat.Ocsf) { WithSubjects = true }, _folder["rows.ocsf"]);
        Assert.All(await File.ReadAllLinesAsync(_folder["rows.ocsf"]), static line =>
            Assert.True(JsonSerializer.Deserialize<JsonElement>(line).TryGetProperty("class_uid", out _))
        );
    }

    [Fact]
    public async Task Too_many_rows_are_refused_whole_and_nothing_is_sealed()
    {
        var size = _log.Writer.Size;
        await Assert.ThrowsAsync<ExportRefused>(() =>
            Rows().Export(Officer, new RowsRequest(new RecordFilter(), RowFormat.Csv) { MostRows = 100 }, _folder["rows.csv"])
        );
        Assert.Equal(size, _log.Writer.Size);
        Assert.False(File.Exists(_folder["rows.csv"]));
    }

    [Fact]
    public async Task Without_a_seal_there_is_no_file_and_an_interrupted_export_shows()
    {
        var size = _log.Writer.Size;
        var failing = new SealsOnce(_log.Writer);
        using (
            var rows = new IndexPlace { Folder = _folder["index"] }.ReadRows(
                [_log.Source],
                failing,
                new DetachedTexts(_folder["texts"]),
                TimeProvider.System
            )
        )
            await Assert.ThrowsAsync<LedgerUnavailable>(() =>
                rows.Export(Officer, new RowsRequest(new RecordFilter(), RowFormat.Csv), _folder["rows.csv"])
            );
        Assert.Empty(Directory.GetFiles(_folder.Path, "rows.csv*"));
        await _log.Writer.WhenPublished(size + 1);
        Assert.Equal("officer.export", Record(size).GetProperty("ev").GetString());
        await _log.Writer.DisposeAsync();
        await Assert.ThrowsAsync<LedgerUnavailable>(() =>
            Rows().Export(Officer, new RowsRequest(new RecordFilter(), RowFormat.Csv), _folder["rows.csv"])
        );
        Assert.Empty(Directory.GetFiles(_folder.Path, "rows.csv*"));
    }

    private WatchedRows Rows() =>
        new IndexPlace { Folder = _folder["index"] }.ReadRows(
            [_log.Source],
            _log.Writer,
            new DetachedTexts(_folder["texts"]),
            TimeProvider.System
        );

    private JsonElement Record(long index) => JsonSerializer.Deserialize<JsonElement>(_log.Source.Open().Entry(index).Text.Span);

    /// <summary>A ledger that fails after the first record.</summary>
    private sealed class SealsOnce(ILedger inner) : ILedger
    {
        private int _seats;

        public string Origin => inner.Origin;

        public LedgerState State => inner.State;

        public PublishedCheckpoint? Published => inner.Published;

        public long Size => inner.Size;

        public bool TryReserve(int records, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Reservation? reservation)
        {
            reservation = null;
            return _seats++ == 0 && inner.TryReserve(records, out reservation);
        }

        public ValueTask<IReadOnlyList<Receipt>> AppendAsync(Reservation reservation, IReadOnlyList<SealedRecord> records) =>
            inner.AppendAsync(reservation, records);
    }
}
