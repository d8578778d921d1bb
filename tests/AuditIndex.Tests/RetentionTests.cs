using System.Text.Json;
using AuditIndex.Questions;
using AuditIndex.Retention;
using AuditIndex.Sqlite;
using AuditIndex.Tests.Support;
using Ledger;
using Ledger.Notes;
using Ledger.Retention;
using Ledger.Subjects;
using Xunit;

namespace AuditIndex.Tests;

/// <summary>T11: a year is destroyed when it may be, and what remains proves it.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private const string NextOrigin = "anss.example/audit/2027/n1";
    private static readonly RetentionRules Rules = new(
        new Dictionary<string, RetentionTerm>(StringComparer.Ordinal) { ["ANSS-MENPS-2026-02"] = new(120, 0) },
        new RetentionTerm(60, 0),
        []
    );

    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 11, 3, 8, 0, 0, TimeSpan.Zero));
    private LogSource _year = null!;
    private SomeLog _current = null!;

    public async ValueTask InitializeAsync()
    {
        await using (var log = new SomeLog(_folder["2026"], time: _clock))
        {
            await log.Seal(new SomeTraffic(21, _clock.Now).Records(300));
            _year = log.Source;
        }

        Directory.CreateDirectory(Path.Combine(_year.Directory, "detached", "ab"));
        _current = new SomeLog(_folder["2027"], NextOrigin);
    }

    public async ValueTask DisposeAsync()
    {
        await _current.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void A_year_is_closed_when_it_is_over_and_its_log_has_stopped()
    {
        Assert.Contains(
            "not over",
            Assert.Throws<RetentionRefused>(() => YearShard.Close(_year, _folder["kept"], _clock)).Message,
            StringComparison.Ordinal
        );
        _clock.Now = new DateTimeOffset(2027, 1, 2, 0, 0, 0, TimeSpan.Zero);
        var closed = YearShard.Close(_year, _folder["kept"], _clock);
        Assert.Equal(["ANSS-MENPS-2026-01", "ANSS-MENPS-2026-02", "ANSS-MENPS-2026-03"], closed.Agreements);
        var note = File.ReadAllText(Directory.GetFiles(_folder["kept"], "*.note").Single());
        Assert.True(_year.Policy.TryOpen(note, out var final, out _));
        Assert.Equal(closed.Final, final);
        Assert.Contains(
            "still writes",
            Assert.Throws<RetentionRefused>(() => YearShard.Close(_current.Source, _folder["kept"], _clock)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_next_log_begins_with_the_final_checkpoint_of_the_one_before()
    {
        _clock.Now = _clock.Now.AddYears(1);
        var closed = YearShard.Close(_year, _folder["kept"], _clock);
        using var key = LogKey.Create();
        var options = SomeLog.Options(_folder["next"], NextOrigin);
        options.Previous = closed.Final;
        for (var run = 0; run < 2; run++)
        {
            await using var writer = LedgerWriter.Open(options, key, _clock);
        }

        var log = Ledger.Tiles.LogReader.Open(_folder["next"], key.Verifier(NextOrigin));
        var starts = log.Entries()
            .Select(static entry => JsonDocument.Parse(entry.Text).RootElement)
            .Where(static record => record.GetProperty("ev").GetString() == "start")
            .ToList();
        Assert.Equal(2, starts.Count);
        Assert.Equal(closed.Final.Size, starts[0].GetProperty("prev").GetProperty("size").GetInt64());
        Assert.Equal(
            System.Buffers.Text.Base64Url.EncodeToString(closed.Final.Root.AsSpan()),
            starts[0].GetProperty("prev").GetProperty("root").GetString()
        );
        Assert.False(starts[1].TryGetProperty("prev", out _));
    }

    [Fact]
    public async Task Nothing_is_destroyed_before_the_longest_term_of_its_agreements()
    {
        Close(2032);
        var refused = await Assert.ThrowsAsync<RetentionRefused>(() => Destruction().Run(Rules, "op-1,op-2", "retention"));
        Assert.StartsWith("records must be kept until 2036-", refused.Message, StringComparison.Ordinal);
        _year.Open().Verify();
        Assert.False(File.Exists(Destruction().CertificateFile));
    }

    [Fact]
    public async Task A_legal_hold_keeps_what_it_covers_and_no_longer_than_it_stands()
    {
        Close(2037);
        foreach (var agreement in (string?[])[null, "ANSS-MENPS-2026-03"])
        {
            var held = Rules with { Holds = [new LegalHold("court-17", new DateOnly(2026, 11, 4), new DateOnly(2026, 11, 4), agreement)] };
            Assert.Contains(
                "court-17",
                (await Assert.ThrowsAsync<RetentionRefused>(() => Destruction().Run(held, "op-1", "retention"))).Message,
                StringComparison.Ordinal
            );
        }

        var over = Rules with
        {
            Holds =
            [
                new LegalHold("ended", new DateOnly(2026, 11, 4), new DateOnly(2026, 11, 4), null, new DateOnly(2036, 1, 1)),
                new LegalHold("another year", new DateOnly(2029, 1, 1), new DateOnly(2029, 12, 31)),
                new LegalHold("another agreement", new DateOnly(2026, 1, 1), new DateOnly(2026, 12, 31), "ANSS-CNSS-2026-01"),
            ],
        };
        await Destruction().Run(over, "op-1", "retention");
    }

    [Fact]
    public async Task A_destroyed_year_leaves_a_certificate_that_an_outsider_verifies_and_every_proof_holds()
    {
        Close(2037);
        var before = _year.Open();
        var record = before.Entry(42);
        var proof = before.Proof(42);
        using var index = SqliteIndex.OpenToFill(_folder["index"]);
        new Filling.Follower(index, [_year]).CatchUp();
        var counted = await index.Hourly(new RollUpFilter { From = _clock.Now.AddYears(-20), To = _clock.Now }, default);

        await Destruction().Run(Rules, "op-1,op-2", "retention");
        index.Forget(_year.Origin);

        Assert.False(Directory.Exists(Path.Combine(_year.Directory, "tile", "entries")));
        Assert.False(Directory.Exists(Path.Combine(_year.Directory, "detached")));
        Assert.Empty(await index.List(new RecordFilter(), null, 10, default));
        Assert.Equal(counted, await index.Hourly(new RollUpFilter { From = _clock.Now.AddYears(-20), To = _clock.Now }, default));
        // Who kept a record proves it, from an old proof and from what remains.
        Assert.True(proof.Proves(record.Leaf, before.Checkpoint));
        Assert.True(InclusionProof.Verify(record.Leaf, 42, before.Checkpoint.Size, _year.Open().InclusionPath(42), before.Checkpoint.Root));

        var keys = Both();
        Assert.True(DestructionCertificate.TryParse(await File.ReadAllTextAsync(Destruction().CertificateFile), out var certificate));
        Assert.True(certificate.Holds(keys, out var sentence), sentence);
        Assert.Contains("were destroyed", sentence, StringComparison.Ordinal);
        Assert.Contains("retained-until 2036-", certificate.Statement, StringComparison.Ordinal);
        Assert.False(
            new DestructionCertificate(
                certificate.Statement.Replace("op-1", "op-9", StringComparison.Ordinal),
                certificate.FinalCheckpoint,
                certificate.Erase,
                certificate.Proof
            ).Holds(keys, out _)
        );
        Assert.False(
            new DestructionCertificate(
                certificate.Statement,
                certificate.FinalCheckpoint,
                certificate.Erase.Replace("retention", "because", StringComparison.Ordinal),
                certificate.Proof
            ).Holds(keys, out _)
        );
        Assert.False(certificate.Holds(TrustPolicy.Of(_current.Writer.Key), out _));
    }

    [Fact]
    public async Task A_destruction_that_was_cut_short_is_finished_with_the_same_certificate()
    {
        Close(2037);
        var first = await Destruction().Run(Rules, "op-1", "retention");
        Directory.CreateDirectory(Path.Combine(_year.Directory, "tile", "entries", "left"));
        var second = await Destruction().Run(Rules, "op-1", "retention");
        Assert.Equal(first.ToString(), second.ToString());
        Assert.False(Directory.Exists(Path.Combine(_year.Directory, "tile", "entries")));
    }

    [Fact]
    public async Task Without_a_seal_nothing_is_destroyed()
    {
        Close(2037);
        await _current.Writer.DisposeAsync();
        await Assert.ThrowsAsync<LedgerUnavailable>(() => Destruction().Run(Rules, "op-1", "retention"));
        _year.Open().Verify();
    }

    [Fact]
    public async Task The_key_of_a_quarter_goes_when_no_hold_stands_and_its_end_is_sealed()
    {
        var keys = new SubjectKeys(_folder["keys"], _clock);
        keys.Current();
        await Assert.ThrowsAsync<InvalidOperationException>(() => KeyDestruction.Run(keys, "2026q4", Rules, "op-1", _current.Writer, _clock));
        _clock.Now = _clock.Now.AddYears(2);
        var held = Rules with
        {
            Holds = [new LegalHold("court-17", new DateOnly(2026, 12, 31), new DateOnly(2027, 2, 1), "ANSS-MENPS-2026-03")],
        };
        await Assert.ThrowsAsync<RetentionRefused>(() => KeyDestruction.Run(keys, "2026q4", held, "op-1", _current.Writer, _clock));
        await KeyDestruction.Run(keys, "2026q4", Rules, "op-1", _current.Writer, _clock);
        Assert.Empty(keys.Periods());
        await _current.Seal("{}");
        Assert.Contains(_current.Source.Open().Entries(), static entry =>
            System
                .Text.Encoding.ASCII.GetString(entry.Text.Span)
                .Contains("\"kid\":\"2026q4\",\"act\":\"destroyed\"", StringComparison.Ordinal)
        );
    }

    private void Close(int thenGoTo)
    {
        _clock.Now = new DateTimeOffset(thenGoTo, 1, 2, 0, 0, 0, TimeSpan.Zero);
        YearShard.Close(_year, _folder["kept"], _clock);
    }

    private YearDestruction Destruction() => new(_year, _folder["kept"], _current.Source, _current.Writer, _clock);

    private TrustPolicy Both() => TrustPolicy.Of([.. _year.Policy.Logs, _current.Writer.Key]);
}
