using Ledger.Tests.Support;
using Xunit;

namespace Ledger.Tests;

public sealed class SealingTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly LogKey _keys = LogKey.Create();

    public void Dispose()
    {
        _keys.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_sealed_record_gets_a_receipt_that_the_logs_key_signed()
    {
        await using var ledger = LedgerWriter.Open(Some.Options(_folder.Path), _keys, TimeProvider.System);
        var receipt = Assert.Single(await Some.Seal(ledger, Some.Record(1)));
        Assert.True(receipt.Verify(ledger.Key));
        Assert.Equal(1, receipt.Index);
        Assert.Equal(2, receipt.Size);
        Assert.Equal(Some.Record(1).Leaf, receipt.Leaf);
    }

    [Fact]
    public async Task Records_of_one_append_stand_side_by_side_and_survive_a_restart()
    {
        long size;
        await using (var ledger = LedgerWriter.Open(Some.Options(_folder.Path), _keys, TimeProvider.System))
        {
            var waits = Enumerable
                .Range(0, 200)
                .Select(i => Task.Run(() => Some.Seal(ledger, Some.Record(i), Some.Record(i + 1000))))
                .ToArray();
            foreach (var wait in waits)
            {
                var receipts = await wait;
                Assert.Equal(receipts[0].Index + 1, receipts[1].Index);
                Assert.Equal(2, receipts[0].Count);
                Assert.All(receipts, receipt => Assert.True(receipt.Verify(ledger.Key)));
            }

            size = (await ledger.WhenPublished(401)).Size;
            Assert.Equal(401, size);
        }

        await using var again = LedgerWriter.Open(Some.Options(_folder.Path), _keys, TimeProvider.System);
        Assert.Equal(403, Assert.Single(await Some.Seal(again, Some.Record(7))).Index);
    }

    [Fact]
    public async Task Seats_are_bounded_and_come_back()
    {
        var options = Some.Options(_folder.Path);
        options.QueueRecords = 10;
        await using var ledger = LedgerWriter.Open(options, _keys, TimeProvider.System);
        Assert.True(ledger.TryReserve(10, out var all));
        Assert.False(ledger.TryReserve(1, out _));
        all.Dispose();
        all.Dispose();
        Assert.True(ledger.TryReserve(10, out var again));
        await ledger.AppendAsync(again, [Some.Record(1)]);
        again.Dispose();
        Assert.True(ledger.TryReserve(10, out var last));
        last.Dispose();
    }

    [Fact]
    public void A_second_writer_is_refused()
    {
        using var ledger = LedgerWriter.Open(Some.Options(_folder.Path), _keys, TimeProvider.System);
        Assert.Throws<LedgerUnavailable>(() => LedgerWriter.Open(Some.Options(_folder.Path), _keys, TimeProvider.System));
    }

    [Fact]
    public async Task Refusals_are_counted_and_sealed_as_a_gap_when_they_have_ended()
    {
        var options = Some.Options(_folder.Path);
        options.QueueRecords = 1;
        await using var ledger = LedgerWriter.Open(options, _keys, TimeProvider.System);
        Assert.True(ledger.TryReserve(1, out var seat));
        Assert.False(ledger.TryReserve(1, out _));
        Assert.False(ledger.TryReserve(1, out _));
        seat.Dispose();
        await ledger.WhenPublished(2);
        var entry = Tiles.LogReader.Open(_folder.Path, ledger.Key).Entry(1);
        Assert.Contains("\"ev\":\"gap\"", System.Text.Encoding.ASCII.GetString(entry.Text.Span), StringComparison.Ordinal);
        Assert.EndsWith("\"n\":2}", System.Text.Encoding.ASCII.GetString(entry.Text.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reservation_is_used_once_and_only_for_what_it_was_made()
    {
        await using var ledger = LedgerWriter.Open(Some.Options(_folder.Path), _keys, TimeProvider.System);
        Assert.True(ledger.TryReserve(1, out var seat));
        await Assert.ThrowsAsync<ArgumentException>(() => ledger.AppendAsync(seat, [Some.Record(1), Some.Record(2)]).AsTask());
        await ledger.AppendAsync(seat, [Some.Record(1)]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ledger.AppendAsync(seat, [Some.Record(1)]).AsTask());
    }

    [Fact]
    public async Task A_record_that_changed_between_decision_and_disk_is_never_confirmed()
    {
        var options = Some.Options(_folder.Path);
        options.HealAtMost = TimeSpan.FromMilliseconds(50);
        await using var ledger = LedgerWriter.Open(options, _keys, TimeProvider.System);
        var bytes = Some.Record(1).Text.ToArray();
        var record = SealedRecord.Of(bytes);
        bytes[5] ^= 1;
        await Assert.ThrowsAsync<LedgerUnavailable>(() => Some.Seal(ledger, record));
        var receipt = (await Some.Seal(ledger, Some.Record(2)))[0];
        await ledger.WhenPublished(receipt.Size);
        var log = Tiles.LogReader.Open(_folder.Path, ledger.Key);
        log.Verify();
        Assert.DoesNotContain(record.Leaf, log.Entries().Select(static entry => entry.Leaf));
    }

    [Fact]
    public async Task After_closing_nothing_is_confirmed()
    {
        var ledger = LedgerWriter.Open(Some.Options(_folder.Path), _keys, TimeProvider.System);
        Assert.True(ledger.TryReserve(1, out var seat));
        await ledger.DisposeAsync();
        await Assert.ThrowsAsync<LedgerUnavailable>(() => ledger.AppendAsync(seat, [Some.Record(1)]).AsTask());
        Assert.False(ledger.TryReserve(1, out _));
        Assert.Equal(LedgerState.Closed, ledger.State);
    }
}
