using System.Text;
using System.Text.Json;
using AuditIndex.Retention;
using AuditIndex.Tests.Support;
using Ledger;
using Ledger.Subjects;
using Xunit;

namespace AuditIndex.Tests;

/// <summary>T11 for words that people wrote.</summary>
public sealed class TextErasureTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 11, 20, 8, 0, 0, TimeSpan.Zero));
    private DetachedTexts _texts = null!;
    private SomeLog _log = null!;
    private string _det = "";

    public async ValueTask InitializeAsync()
    {
        _texts = new DetachedTexts(_folder["texts"]);
        _det = _texts.Save("why I looked: a complaint");
        _log = new SomeLog(_folder["log"], time: _clock);
        await _log.Seal(
            $$"""{"v":1,"ev":"officer.view","id":"01M4ZDBB2GDE3B4WZZ6KYE37BB","ts":"2026-11-03T09:12:33.104Z","off":"off-07","rows":1,"det":"{{_det}}"}""",
            """{"v":1,"ev":"access","id":"01M4ZDBB2GDE3B4WZZ6KYE37BC","ts":"2026-11-03T09:12:33.104Z","out":"permit","st":200}"""
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_text_is_erased_when_the_erasure_is_sealed_and_every_proof_holds()
    {
        var before = _log.Source.Open();
        var proof = before.Proof(1);
        var receipt = await Erasure(_log.Writer).Run(1, [], "op-1,op-2", "retention");
        Assert.Null(_texts.Read(_det));
        await _log.Writer.WhenPublished(receipt.Size);
        var after = _log.Source.Open();
        after.Verify();
        Assert.True(proof.Proves(after.Entry(1).Leaf, before.Checkpoint));
        var record = JsonSerializer.Deserialize<JsonElement>(after.Entry(receipt.Index).Text.Span);
        Assert.Equal(("erase", "text", "retention", "op-1,op-2", _det), (Text("ev"), Text("what"), Text("why"), Text("by"), Text("det")));
        Assert.DoesNotContain("complaint", Encoding.ASCII.GetString(after.Entry(receipt.Index).Text.Span), StringComparison.Ordinal);
        Assert.Contains(
            "erased before",
            (await Assert.ThrowsAsync<RetentionRefused>(() => Erasure(_log.Writer).Run(1, [], "op-1", "retention"))).Message,
            StringComparison.Ordinal
        );

        string? Text(string name) => record.GetProperty(name).GetString();
    }

    [Fact]
    public async Task A_legal_hold_on_the_records_day_keeps_its_text()
    {
        var hold = new LegalHold("court-17", new DateOnly(2026, 11, 3), new DateOnly(2026, 11, 3));
        Assert.Contains(
            "court-17",
            (await Assert.ThrowsAsync<RetentionRefused>(() => Erasure(_log.Writer).Run(1, [hold], "op-1", "retention"))).Message,
            StringComparison.Ordinal
        );
        Assert.NotNull(_texts.Read(_det));
        await Erasure(_log.Writer)
            .Run(1, [hold with { From = new DateOnly(2026, 11, 4), To = new DateOnly(2026, 11, 30) }], "op-1", "retention");
        Assert.Null(_texts.Read(_det));
    }

    [Fact]
    public async Task Without_a_seal_no_text_is_erased_and_a_record_without_one_has_nothing_to_erase()
    {
        await Assert.ThrowsAsync<RetentionRefused>(() => Erasure(_log.Writer).Run(2, [], "op-1", "retention"));
        await _log.Writer.DisposeAsync();
        await Assert.ThrowsAsync<LedgerUnavailable>(() => Erasure(_log.Writer).Run(1, [], "op-1", "retention"));
        Assert.NotNull(_texts.Read(_det));
    }

    private TextErasure Erasure(ILedger ledger) => new(_log.Source, _texts, ledger, _clock);
}
