using Ledger.Tests.Support;
using Xunit;

namespace Ledger.Tests;

public sealed class SealingTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly LogKey keys = LogKey.Create();

    public void Dispose()
    {
        keys.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_sealed_record_gets_a_receipt_that_the_logs_key_signed()
    {
        await using var ledger = LedgerWriter.Open(Some.Options(folder.Path), keys, TimeProvider.System);
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
        await using (var ledger = LedgerWriter.Open(Some.Options(folder.Path), keys, TimeProvider.System))
        {
            var waits = Enumerable.Range(0, 200).Select(i => Task.Run(() => Some.Seal(ledger, Some.Record(i), Some.Record(i + 1000)))).ToArray();
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

        await using var again = LedgerWriter.Open(Some.Options(folder.Path), keys, TimeProvider.System);
        Assert.Equal(403, Assert.Single(await Some.Seal(again, Some.Record(7))).Index);
    }

    [Fact]
    public async Task Seats_are_bounded_and_come_back()
    {
        var options = Some.Options(folder.Path);
        options.QueueRecords = 10;
        await using var ledger = LedgerWriter.Open(options, keys, TimeProvider.System);
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
        using var ledger = LedgerWriter.Open(Some.Options(folder.Path), keys, TimeProvider.System);
        Assert.Throws<LedgerUnavailable>(() => LedgerWriter.Open(Some.Options(folder.Path), keys, TimeProvider.System));
    }
}
