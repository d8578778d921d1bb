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
    private readonly TempFolder folder = new();
    private SomeLog log = null!;
    private WatchedIndex index = null!;
    private DetachedTexts texts = null!;

    public async ValueTask InitializeAsync()
    {
        log = new SomeLog(folder["log"]);
        await log.Seal(new SomeTraffic(11, Start).Records(200));
        var place = new IndexPlace { Folder = folder["index"] };
        using (var filler = place.Fill([log.Source]))
        {
            filler.CatchUp();
        }

        texts = new DetachedTexts(folder["texts"]);
        index = place.Read([log.Source], log.Writer, new SubjectKeys(folder["keys"], TimeProvider.System), texts, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        index.Dispose();
        await log.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_list_comes_with_the_receipt_of_a_record_that_says_who_asked_what_and_which_rows_were_shown()
    {
        var view = await index.List(Officer, new RecordFilter { Client = "ma.client-1" }, limit: 5);
        Assert.Equal(5, view.Answer.Count);
        var record = await Sealed(view.Receipt);
        Assert.Equal("officer.view", record.GetProperty("ev").GetString());
        Assert.Equal("off-07", record.GetProperty("off").GetString());
        Assert.Equal("client=ma.client-1", record.GetProperty("q").GetString());
        Assert.Equal(5, record.GetProperty("rows").GetInt32());
        var shown = string.Concat(view.Answer.Select(static row => row.Position + "\n"));
        Assert.Equal(System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(shown))), record.GetProperty("list").GetString());
        Assert.Equal(Officer.Reason, texts.Read(record.GetProperty("det").GetString()!));
        Assert.Equal(view.At[SomeLog.Origin], record.GetProperty("at").GetProperty(SomeLog.Origin).GetInt64());
    }

    [Fact]
    public async Task Every_question_is_one_record()
    {
        var before = log.Source.Open().Checkpoint.Size;
        var (from, to) = (Start, Start.AddDays(9));
        var receipts = new List<Receipt>
        {
            (await index.List(Officer, new RecordFilter())).Receipt,
            (await index.WhoRead(Officer, [new SubjectToken("edu", new string('0', 26))], from, to)).Receipt,
            (await index.ByExchange(Officer, "01M4ZDBB2GDE3B4WZZ6KYE37BB")).Receipt,
            (await index.Record(Officer, new RecordPosition(SomeLog.Origin, 3))).Receipt,
            (await index.Volume(Officer, new RollUpFilter { From = from, To = to })).Receipt,
            (await index.HoursOfWeek(Officer, new RollUpFilter { From = from, To = to })).Receipt,
            (await index.Unusual(Officer, new DateOnly(2026, 11, 5))).Receipt,
            (await index.Browsing(Officer, new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 9))).Receipt,
            (await index.Refusals(Officer, from, to)).Receipt,
        };
        foreach (var receipt in receipts)
        {
            Assert.StartsWith("officer.", (await Sealed(receipt)).GetProperty("ev").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(before + receipts.Count, log.Source.Open().Checkpoint.Size);
    }

    [Fact]
    public async Task Without_a_seal_nothing_is_shown()
    {
        await log.Writer.DisposeAsync();
        await Assert.ThrowsAsync<LedgerUnavailable>(() => index.List(Officer, new RecordFilter()));
        await Assert.ThrowsAsync<LedgerUnavailable>(() => index.Record(Officer, new RecordPosition(SomeLog.Origin, 0)));
    }

    [Fact]
    public async Task A_record_is_proved_and_a_changed_bundle_is_named()
    {
        var view = await index.Record(Officer, new RecordPosition(SomeLog.Origin, 3));
        Assert.True(view.Answer.IsProved);
        Assert.Contains("\"v\":1", Encoding.ASCII.GetString(view.Answer.Text.Span), StringComparison.Ordinal);
        foreach (var bundle in Directory.GetFiles(Path.Combine(log.Directory, "tile", "entries"), "*", SearchOption.AllDirectories))
        {
            var bytes = await File.ReadAllBytesAsync(bundle);
            bytes[100] ^= 1;
            File.Delete(bundle);
            await File.WriteAllBytesAsync(bundle, bytes);
        }

        var spoiled = await index.Record(Officer, new RecordPosition(SomeLog.Origin, 3));
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
        await log.Writer.WhenPublished(receipt.Size);
        using var json = JsonDocument.Parse(log.Source.Open().Entry(receipt.Index).Text);
        return json.RootElement.Clone();
    }
}
