using Ledger.Journal;
using Ledger.Tests.Support;
using Xunit;

namespace Ledger.Tests;

/// <summary>Ledger page §9, TH-23: a torn last group is cut; damage to anything acknowledged is refused, with the place.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly SomeJournal journal = new();

    public void Dispose() => journal.Dispose();

    [Fact]
    public void A_tail_torn_at_any_byte_of_the_last_groups_is_cut()
    {
        journal.Add(1);
        journal.Add(3);
        journal.Add(2, 700);
        var data = journal.Data[0];
        for (var cut = 0; cut <= journal.Groups[^1].End; cut++)
        {
            var torn = SomeJournal.Cut(data, cut);
            var whole = journal.Groups.LastOrDefault(group => torn.AsSpan(0, group.End).SequenceEqual(data.AsSpan(0, group.End)));
            var replayed = journal.Replay(torn);
            Assert.Equal(whole.Size, replayed.Edge.Size);
            Assert.Equal(whole.End, replayed.Offset);
        }
    }

    [Fact]
    public void Every_flipped_bit_of_what_was_written_is_refused_and_the_place_named()
    {
        journal.Add(1);
        journal.Add(2);
        for (var bit = 0; bit < journal.Groups[^1].End * 8; bit++)
        {
            var data = journal.Data[0].ToArray();
            data[bit / 8] ^= (byte)(1 << bit % 8);
            var damage = Record.Exception(() => journal.Replay(data)) as LedgerDamaged;
            Assert.True(damage is not null, $"bit {bit} of {journal.Groups[^1].End * 8} went unnoticed");
            Assert.StartsWith("journal/000000 at ", damage.Place, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_last_group_with_any_sectors_missing_is_cut()
    {
        journal.Add(2);
        journal.Add(9, 400);
        var (good, end) = (journal.Groups[0].End, journal.Groups[1].End);
        var sectors = (end - 1) / 512 - good / 512 + 1;
        Assert.InRange(sectors, 8, 12);
        for (var missing = 1; missing < 1 << sectors; missing++)
        {
            var data = journal.Data[0].ToArray();
            for (var sector = 0; sector < sectors; sector++)
            {
                if ((missing >> sector & 1) == 1)
                {
                    var from = Math.Max(good, (good / 512 + sector) * 512);
                    data.AsSpan(from, (good / 512 + sector + 1) * 512 - from).Clear();
                }
            }

            Assert.Equal(2, journal.Replay(data).Edge.Size);
        }
    }

    [Fact]
    public void The_first_group_of_a_segment_is_cut_whatever_is_missing_of_it()
    {
        journal.Add(2);
        journal.Add(3, 300, newSegment: true);
        var end = journal.Groups[1].End;
        for (var cut = 0; cut < end; cut++)
        {
            var torn = SomeJournal.Cut(journal.Data[1], cut);
            if (!torn.AsSpan().SequenceEqual(journal.Data[1]))
            {
                Assert.Equal(2, journal.Replay(journal.Data[0], torn).Edge.Size);
            }
        }

        for (var sector = 0; sector < (end + 511) / 512; sector++)
        {
            var data = journal.Data[1].ToArray();
            data.AsSpan(sector * 512, 512).Clear();
            Assert.Equal(2, journal.Replay(journal.Data[0], data).Edge.Size);
        }
    }

    [Fact]
    public void A_missing_sector_in_a_group_with_two_groups_behind_it_is_refused()
    {
        journal.Add(2, 1500);
        journal.Add(2);
        journal.Add(2);
        var data = journal.Data[0].ToArray();
        data.AsSpan(512, 512).Clear();
        Assert.Contains("groups stand beyond it", Assert.Throws<LedgerDamaged>(() => journal.Replay(data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_torn_group_before_a_used_segment_is_refused()
    {
        journal.Add(2);
        journal.Add(2);
        journal.Add(2, newSegment: true);
        Assert.Throws<LedgerDamaged>(() => journal.Replay(SomeJournal.Cut(journal.Data[0], journal.Groups[1].End - 40), journal.Data[1]));
        Assert.Throws<LedgerDamaged>(() => journal.Replay(SomeJournal.Cut(journal.Data[0], journal.Groups[0].End), journal.Data[1]));
    }

    [Fact]
    public void A_journal_of_another_log_is_refused()
    {
        journal.Add(2);
        var data = journal.Data[0].ToArray();
        SegmentHeader.Write(data, 0, 0, "other.example/audit/2026/n1");
        Assert.Throws<LedgerDamaged>(() => journal.Replay(data));
    }

    [Fact]
    public void Records_in_another_order_or_twice_are_refused_although_their_checksums_are_right()
    {
        journal.Add(1);
        journal.Add(1);
        var (first, second) = (journal.Groups[0].End, journal.Groups[1].End);
        var data = journal.Data[0].ToArray();
        data.AsSpan(64, first - 64).CopyTo(data.AsSpan(first));
        data.AsSpan(first + first - 64, 1024).Clear();
        Assert.Throws<LedgerDamaged>(() => journal.Replay(data));
        data = journal.Data[0].ToArray();
        journal.Data[0].AsSpan(first, second - first).CopyTo(data.AsSpan(second));
        Assert.Throws<LedgerDamaged>(() => journal.Replay(data));
    }

    [Fact]
    public void Whole_groups_are_kept_and_counted_although_nobody_may_have_seen_their_receipts()
    {
        journal.Add(2);
        journal.Add(5);
        var replayed = journal.Replay(journal.Data);
        Assert.Equal((7L, 5L, 0L), (replayed.Edge.Size, replayed.Tail, replayed.Cut));
    }
}
