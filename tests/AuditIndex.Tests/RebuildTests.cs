using AuditIndex.Filling;
using AuditIndex.Postgres;
using AuditIndex.Questions;
using AuditIndex.Sqlite;
using AuditIndex.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using Postgres;
using Xunit;

namespace AuditIndex.Tests;

/// <summary>
/// T13: the index is losable. Whatever was filled bit by bit answers as what is filled anew, and both stores answer alike.
/// </summary>
[Trait("Tier", "Whole")]
public sealed class RebuildTests(RealPostgres server)
{
    // Just before the clocks of Casablanca and the month change.
    private static readonly DateTimeOffset Start = new(2026, 10, 29, 20, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_index_that_is_deleted_and_filled_again_from_the_log_answers_the_same_in_both_stores() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(PositiveInt Seed, PositiveInt Size, PositiveInt Cut)>(), made =>
                Rebuilt(made.Seed.Get, 20 + made.Size.Get * 7 % 200, made.Cut.Get)
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(8));

    [Fact]
    public async Task A_deleted_month_is_filled_again_and_nothing_is_counted_twice()
    {
        using var folder = new TempFolder();
        await using var log = new SomeLog(folder["log"]);
        await log.Seal(new SomeTraffic(5, Start).Records(400));
        string before;
        using (var index = SqliteIndex.OpenToFill(folder["index"]))
        {
            new Follower(index, [log.Source]).CatchUp();
            before = await Battery.Ask(index, Start);
        }

        foreach (var file in Directory.GetFiles(folder["index"], "2026-10.db*"))
        {
            File.Delete(file);
        }

        using var again = SqliteIndex.OpenToFill(folder["index"]);
        Assert.True(again.Positions()[SomeLog.Origin] < 2);
        new Follower(again, [log.Source]).CatchUp();
        Assert.Equal(before, await Battery.Ask(again, Start));
    }

    [Fact]
    public async Task Who_reads_while_the_index_is_rebuilt_reads_the_new_files_afterwards()
    {
        using var folder = new TempFolder();
        await using var log = new SomeLog(folder["log"]);
        await log.Seal(new SomeTraffic(5, Start).Records(100));
        using var filled = SqliteIndex.OpenToFill(folder["index"]);
        new Follower(filled, [log.Source]).CatchUp();
        using var reader = SqliteIndex.OpenToRead(folder["index"]);
        var before = await Battery.Ask(reader, Start);
        Assert.Equal(before, await Battery.Ask(reader, Start));
        await log.Seal(new SomeTraffic(6, Start).Records(100));
        filled.BeginRebuild();
        new Follower(filled, [log.Source]).CatchUp();
        filled.EndRebuild();
        Assert.NotEqual(before, await Battery.Ask(reader, Start));
        Assert.Equal(await Battery.Ask(filled, Start), await Battery.Ask(reader, Start));
    }

    [Fact]
    public async Task Several_logs_are_merged_into_one_order()
    {
        using var folder = new TempFolder();
        await using var first = new SomeLog(folder["n1"]);
        await using var second = new SomeLog(folder["n2"], "anss.example/audit/2026/n2");
        await first.Seal(new SomeTraffic(1, Start).Records(100));
        await second.Seal(new SomeTraffic(1, Start).Records(100));
        using var index = SqliteIndex.OpenToFill(folder["index"]);
        new Follower(index, [first.Source, second.Source]).CatchUp();
        using var other = PostgresIndex.Open(await server.NewDatabase(), server.PasswordFile);
        new Follower(other, [second.Source, first.Source]).CatchUp();
        var rows = await Battery.All(index, new RecordFilter(), 9);
        Assert.Equal(rows.OrderByDescending(static row => row.At).Select(static row => row.At), rows.Select(static row => row.At));
        Assert.Equal(await Battery.Ask(index, Start), await Battery.Ask(other, Start));
        Assert.Equal(
            ["anss.example/audit/2026/n1", "anss.example/audit/2026/n2"],
            rows.Select(static row => row.Position.Origin).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
        );
    }

    private async Task<bool> Rebuilt(int seed, int size, int cut)
    {
        using var folder = new TempFolder();
        await using var log = new SomeLog(folder["log"]);
        var texts = new SomeTraffic(seed, Start) { Step = TimeSpan.FromMinutes(seed % 5 == 0 ? 3000 : 40) }.Records(size);
        using var postgres = PostgresIndex.Open(await server.NewDatabase(), server.PasswordFile);
        string answers;
        var followers = 0;
        using (var sqlite = SqliteIndex.OpenToFill(folder["index"]))
        {
            // Bit by bit, with batches of odd sizes, and sometimes a new start in between.
            foreach (var piece in SomeLog.Groups(texts, size / 6 + cut % size))
            {
                await log.Seal(piece);
                new Follower(sqlite, [log.Source], batch: 1 + followers++ % 9).CatchUp();
                new Follower(postgres, [log.Source], batch: 1 + followers % 11).CatchUp();
            }

            answers = await Battery.Ask(sqlite, Start);
            Assert.Equal(answers, await Battery.Ask(postgres, Start));
        }

        using var reopened = SqliteIndex.OpenToFill(folder["index"]);
        Assert.Equal(0, new Follower(reopened, [log.Source]).CatchUp());
        Assert.Equal(answers, await Battery.Ask(reopened, Start));
        foreach (var index in (IRecordIndex[])[reopened, postgres])
        {
            index.BeginRebuild();
            Assert.Empty(index.Positions());
            new Follower(index, [log.Source]).CatchUp();
            index.EndRebuild();
            Assert.Equal(answers, await Battery.Ask(index, Start, page: 1000));
        }
        return true;
    }
}
