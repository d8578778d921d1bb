using Ledger.Journal;
using Ledger.Tests.Support;
using Xunit;

namespace Ledger.Tests;

/// <summary>Ledger page §9, TH-23: a torn last group is cut; damage to anything acknowledged is refused, with the place.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly SomeJournal _journal = new();

    public void Dispose() => _journal.Dispose();

    [Fact]
    public void A_tail_torn_at_any_byte_of_the_last_groups_is_cut()
    {
        _journal.Add(1);
        _journal.Add(3);
        _journal.Add(2, 700);
        var data = _journal.Data[0];
        for (var cut = 0; cut <= _journal.Groups[^1].End; cut++)
        {
            var torn = SomeJournal.Cut(data, cut);
            var whole = _journal.Groups.LastOrDefault(group => torn.AsSpan(0, group.End).SequenceEqual(data.AsSpan(0, group.End)));
            var replayed = _journal.Replay(torn);
            Assert.Equal(whole.Size, replayed.Edge.Size);
            Assert.Equal(whole.End, replayed.Offset);
        }
    }

    [Fact]
    public void Every_flipped_bit_of_what_was_written_is_refused_and_the_place_named()
    {
        _journal.Add(1);
        _journal.Add(2);
        for (var bit = 0; bit < _journal.Groups[^1].End * 8; bit++)
        {
            var data = _journal.Data[0].ToArray();
            data[bit / 8] ^= (byte)(1 << bit % 8);
            var damage = Record.Exception(() => _journal.Replay(data)) as LedgerDamaged;
            Assert.True(damage is not null, $"bit {bit} of {_journal.Groups[^1].End * 8} went unnoticed");
            Assert.StartsWith("journal/000000 at ", damage.Place, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_last_group_with_any_sectors_missing_is_cut()
    {
        _journal.Add(2);
        _journal.Add(9, 400);
        var (good, end) = (_journal.Groups[0].End, _journal.Groups[1].End);
        var sectors = (end - 1) / 512 - good / 512 + 1;
        Assert.InRange(sectors, 8, 12);
        for (var missing = 1; missing < 1 << sectors; missing++)
        {
            var data = _journal.Data[0].ToArray();
            for (var sector = 0; sector < sectors; sector++)
            {
                if ((missing >> sector & 1) == 1)
                {
                    var from = Math.Max(good, (good / 512 + sector) * 512);
                    data.AsSpan(from, (good / 512 + sector + 1) * 512 - from).Clear();
                }
            }

            Assert.Equal(2, _journal.Replay(data).Edge.Size);
        }
    }

    [Fact]
    public void The_first_group_of_a_segment_is_cut_whatever_is_missing_of_it()
    {
        _journal.Add(2);
        _journal.Add(3, 300, newSegment: true);
        var end = _journal.Groups[1].End;
        for (var cut = 0; cut < end; cut++)
        {
            var torn = SomeJournal.Cut(_journal.Data[1], cut);
            if (!torn.AsSpan().SequenceEqual(_journal.Data[1]))
            {
                Assert.Equal(2, _journal.Replay(_journal.Data[0], torn).Edge.Size);
            }
        }

        for (var sector = 0; sector < (end + 511) / 512; sector++)
        {
            var data = _journal.Data[1].ToArray();
            data.AsSpan(sector * 512, 512).Clear();
            Assert.Equal(2, _journal.Replay(_journal.Data[0], data).Edge.Size);
        }
    }

    [Fact]
    public void A_missing_sector_in_a_group_with_two_groups_behind_it_is_refused()
    {
        _journal.Add(2, 1500);
        _journal.Add(2);
        _journal.Add(2);
        var data = _journal.Data[0].ToArray();
        data.AsSpan(512, 512).Clear();
        Assert.Contains(
            "groups stand beyond it",
            Assert.Throws<LedgerDamaged>(() => _journal.Replay(data)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_torn_group_before_a_used_segment_is_refused()
    {
        _journal.Add(2);
        _journal.Add(2);
        _journal.Add(2, newSegment: true);
        Assert.Throws<LedgerDamaged>(() =>
            _journal.Replay(SomeJournal.Cut(_journal.Data[0], _journal.Groups[1].End - 40), _journal.Data[1]));
        Assert.Throws<LedgerDamaged>(() => _journal.Replay(SomeJournal.Cut(_journal.Data[0], _journal.Groups[0].End), _journal.Data[1]));
    }

    [Fact]
    public void A_journal_of_another_log_is_refused()
    {
        _journal.Add(2);
        var data = _journal.Data[0].ToArray();
        SegmentHeader.Write(data, 0, 0, "other.example/audit/2026/n1");
        Assert.Throws<LedgerDamaged>(() => _journal.Replay(data));
    }

    [Fact]
    public void Records_in_another_order_or_twice_are_refused_although_their_checksums_are_right()
    {
        _journal.Add(1);
        _journal.Add(1);
        var (first, second) = (_journal.Groups[0].End, _journal.Groups[1].End);
        var data = _journal.Data[0].ToArray();
        data.AsSpan(64, first - 64).CopyTo(data.AsSpan(first));
        data.AsSpan(first + first - 64, 1024).Clear();
        Assert.Throws<LedgerDamaged>(() => _journal.Replay(data));
        data = _journal.Data[0].ToArray();
        _journal.Data[0].AsSpan(first, second - first).CopyTo(data.AsSpan(second));
        Assert.Throws<LedgerDamaged>(() => _journal.Replay(data));
    }

    [Fact]
    public void Whole_groups_are_kept_and_counted_although_nobody_may_have_seen_their_receipts()
    {
        _journal.Add(2);
        _journal.Add(5);
        var replayed = _journal.Replay(_journal.Data);
        Assert.Equal((7L, 5L, 0L), (replayed.Edge.Size, replayed.Tail, replayed.Cut));
    }
}
