using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AuditIndex.People;
using AuditIndex.Questions;
using AuditIndex.Tests.Support;
using AuditIndex.Watched;
using Ledger;
using Ledger.Subjects;
using Xunit;

namespace AuditIndex.Tests;

/// <summary>P9: reading the log is itself logged, before results show.</summary>
public sealed class WatchedTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 11, 3, 8, 0, 0, TimeSpan.Zero);
    private static readonly Reader Officer = new("off-07", "complaint of a person, file 2026-114");
    private readonly TempFolder _folder = new();
    private SomeLog _log = null!;
    private WatchedIndex _index = null!;
    private DetachedTexts _texts = null!;

    public async ValueTask InitializeAsync()
    {
        _log = new SomeLog(_folder["log"]);
        await _log.Seal(new SomeTraffic(11, Start).Records(200));
        var place = new IndexPlace { Folder = _folder["index"] };
        using (var filler = place.Fill([_log.Source]))
        {
            filler.CatchUp();
        }

        _texts = new DetachedTexts(_folder["texts"]);
        _index = place.Read([_log.Source], _log.Writer, new SubjectKeys(_folder["keys"], TimeProvider.System), _texts, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _index.Dispose();
        await _log.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_list_comes_with_the_receipt_of_a_record_that_says_who_asked_what_and_which_rows_were_shown()
    {
        var view = await _index.List(Officer, new RecordFilter { Client = "ma.client-1" }, limit: 5);
        Assert.Equal(5, view.Answer.Count);
        var record = await Sealed(view.Receipt);
        Assert.Equal("officer.view", record.GetProperty("ev").GetString());
        Assert.Equal("off-07", record.GetProperty("off").GetString());
        Assert.Equal("client=ma.client-1", record.GetProperty("q").GetString());
        Assert.Equal(5, record.GetProperty("rows").GetInt32());
        var shown = string.Concat(view.Answer.Select(static row => row.Position + "\n"));
        Assert.Equal(
            System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(shown))),
            record.GetProperty("list").GetString()
        );
        Assert.Equal(Officer.Reason, _texts.Read(record.GetProperty("det").GetString()!));
        Assert.Equal(view.At[SomeLog.Origin], record.GetProperty("at").GetProperty(SomeLog.Origin).GetInt64());
    }

    [Fact]
    public async Task Every_question_is_one_record()
    {
        var before = _log.Source.Open().Checkpoint.Size;
        var (from, to) = (Start, Start.AddDays(9));
        var receipts = new List<Receipt>
        {
            (await _index.List(Officer, new RecordFilter())).Receipt,
            (await _index.WhoRead(Officer, [new SubjectToken("edu", new string('0', 26))], from, to)).Receipt,
            (await _index.ByExchange(Officer, "01M4ZDBB2GDE3B4WZZ6KYE37BB")).Receipt,
            (await _index.Record(Officer, new RecordPosition(SomeLog.Origin, 3))).Receipt,
            (await _index.Volume(Officer, new RollUpFilter { From = from, To = to })).Receipt,
            (await _index.HoursOfWeek(Officer, new RollUpFilter { From = from, To = to })).Receipt,
            (await _index.Unusual(Officer, new DateOnly(2026, 11, 5))).Receipt,
            (await _index.Browsing(Officer, new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 9))).Receipt,
            (await _index.Refusals(Officer, from, to)).Receipt,
        };
        foreach (var receipt in receipts)
        {
            Assert.StartsWith("officer.", (await Sealed(receipt)).GetProperty("ev").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(before + receipts.Count, _log.Source.Open().Checkpoint.Size);
    }

    [Fact]
    public async Task Without_a_seal_nothing_is_shown()
    {
        await _log.Writer.DisposeAsync();
        await Assert.ThrowsAsync<LedgerUnavailable>(() => _index.List(Officer, new RecordFilter()));
        await Assert.ThrowsAsync<LedgerUnavailable>(() => _index.Record(Officer, new RecordPosition(SomeLog.Origin, 0)));
    }

    [Fact]
    public async Task A_record_is_proved_and_a_changed_bundle_is_named()
    {
        var view = await _index.Record(Officer, new RecordPosition(SomeLog.Origin, 3));
        Assert.True(view.Answer.IsProved);
        Assert.Contains("\"v\":1", Encoding.ASCII.GetString(view.Answer.Text.Span), StringComparison.Ordinal);
        foreach (var bundle in Directory.GetFiles(Path.Combine(_log.Directory, "tile", "entries"), "*", SearchOption.AllDirectories))
        {
            var bytes = await File.ReadAllBytesAsync(bundle);
            bytes[100] ^= 1;
            File.Delete(bundle);
            await File.WriteAllBytesAsync(bundle, bytes);
        }

        var spoiled = await _index.Record(Officer, new RecordPosition(SomeLog.Origin, 3));
        Assert.False(spoiled.Answer.IsProved);
        Assert.Contains("record 0", spoiled.Answer.Failure, StringComparison.Ordinal);
        Assert.True(spoiled.Answer.Text.IsEmpty);
    }

    [Fact]
    public void A_reader_without_a_reason_is_none()
    {
        Assert.Throws<ArgumentException>(static () => new Reader("off-07", "because"));
        Assert.Throws<ArgumentException>(static () => new Reader("off 07", "complaint of a person"));
    }

    [Fact]
    public void Nobody_outside_reaches_an_index_unwatched() =>
        Assert.DoesNotContain(typeof(WatchedIndex).Assembly.GetExportedTypes(), static type => type.IsAssignableTo(typeof(IRecordIndex)));

    private async Task<JsonElement> Sealed(Receipt receipt)
    {
        await _log.Writer.WhenPublished(receipt.Size);
        using var json = JsonDocument.Parse(_log.Source.Open().Entry(receipt.Index).Text);
        return json.RootElement.Clone();
    }
}
