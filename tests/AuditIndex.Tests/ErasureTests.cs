using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using AuditIndex.Feeds;
using AuditIndex.People;
using AuditIndex.Tests.Support;
using AuditIndex.Watched;
using Ledger;
using Ledger.Subjects;
using Postgres;
using Xunit;

namespace AuditIndex.Tests;

/// <summary>T10 and T11 for everything that is derived from the log.</summary>
[Trait("Tier", "Whole")]
public sealed class ErasureTests(RealPostgres server) : IDisposable
{
    private static readonly Reader Officer = new("off-07", "complaint of a person, file 2026-114");
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_search_goes_under_all_retained_keys_and_a_destroyed_one_leaves_its_quarter_unsearchable_with_every_proof_intact()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 8, 10, 9, 0, 0, TimeSpan.Zero));
        var keys = new SubjectKeys(_folder["keys"], clock);
        await using var log = new SomeLog(_folder["log"]);
        var token = new SubjectToken("edu", "0EHG7CY33N48KJNS6574C03H7S");
        for (var quarter = 0; quarter < 3; quarter++, clock.Now = clock.Now.AddMonths(3))
        {
            await log.Seal(
                Enumerable
                    .Range(0, 20)
                    .Select(i => Record(keys, clock.Now.AddMinutes(i), i == 7 ? token.Value : $"0EHG7CY33N48KJNS6574C03H{i:00}"))
                    .ToList()
            );
        }

        using var index = await Filled(log, keys, clock);
        var (from, to) = (new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 4, 1, 0, 0, 0, TimeSpan.Zero));
        var before = await index.WhoRead(Officer, [token], from, to);
        Assert.Equal(3, before.Answer.Rows.Count);
        Assert.Empty(before.Answer.Lost);

        Assert.True(keys.Destroy("2026q3"));
        Assert.Throws<InvalidOperationException>(() => keys.Destroy(SubjectKeys.PeriodOf(clock.Now)));
        var after = await index.WhoRead(Officer, [token], from, to);
        Assert.Equal(2, after.Answer.Rows.Count);
        Assert.Equal("2026q3", after.Answer.Lost[0]);
        Assert.All(after.Answer.Rows, static row => Assert.True(row.At.Year == 2027 || row.At.Month > 9));
        log.Source.Open().Verify();
        foreach (var row in before.Answer.Rows)
        {
            Assert.True((await index.Record(Officer, row.Position)).Answer.IsProved);
        }
    }

    [Fact]
    public async Task Ten_thousand_planted_identifiers_are_in_no_file_of_log_index_cursor_feed_or_database()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 11, 10, 9, 0, 0, TimeSpan.Zero));
        var keys = new SubjectKeys(_folder["keys"], clock);
        var persons = Enumerable
            .Range(0, 10_000)
            .Select(static i => (Idcs: $"2{666_041_939 + i * 7919 % 100_000_000:000000000}", Token: Token(i)))
            .ToList();
        await using var log = new SomeLog(_folder["log"]);
        await log.Seal(persons.Select((person, i) => Record(keys, clock.Now.AddSeconds(i), person.Token)).ToList());
        var connection = await server.NewDatabase();
        using (var filler = new IndexPlace { Postgres = connection, PasswordFile = server.PasswordFile }.Fill([log.Source]))
        {
            filler.CatchUp();
        }

        using var index = await Filled(log, keys, clock);
        var found = await index.WhoRead(
            Officer,
            [new SubjectToken("edu", persons[4711].Token)],
            clock.Now.AddDays(-1),
            clock.Now.AddDays(1)
        );
        Assert.Single(found.Answer.Rows);
        await new LogFeed([log.Source], new CursorFile(_folder["cursor"]), new JsonLinesFile(_folder["ocsf.jsonl"]), clock).CatchUp(default);
        await File.WriteAllTextAsync(_folder["dump.sql"], Dump(connection));
        Assert.Contains(found.Answer.Rows[0].Client!, await File.ReadAllTextAsync(_folder["dump.sql"]), StringComparison.Ordinal);

        var planted = persons.SelectMany(static person => (string[])[person.Idcs, person.Token]).ToHashSet(StringComparer.Ordinal);
        var files = Directory
            .GetFiles(_folder.Path, "*", SearchOption.AllDirectories)
            .Where(static file => !file.Contains("/keys/", StringComparison.Ordinal) && !file.EndsWith("lock", StringComparison.Ordinal))
            .ToList();
        Assert.Contains(files, static file => file.EndsWith(".db", StringComparison.Ordinal));
        Assert.All(files, file => Assert.Empty(Found(file, planted)));
        // The search for planted words finds one where there is one.
        await File.WriteAllTextAsync(_folder["planted"], "x" + persons[17].Idcs + persons[18].Token);
        Assert.Equal(2, Found(_folder["planted"], planted).Count);
    }

    private static string Token(int i) => string.Create(26, i, static (text, number) =>
        {
            "0EHG7CY33N48KJNS6574C00000".CopyTo(text);
            for (var at = 25; number > 0; number /= 10)
            {
                text[at--] = (char)('0' + number % 10);
            }
        });

    private static HashSet<string> Found(string file, HashSet<string> planted)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var text = reader.ReadToEnd();
        var lookup = planted.GetAlternateLookup<ReadOnlySpan<char>>();
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var length in (ReadOnlySpan<int>)[10, 26])
        {
            for (var at = 0; at + length <= text.Length; at++)
            {
                if (lookup.TryGetValue(text.AsSpan(at, length), out var word) && !(length == 10 && IsInHash(text, at, length)))
                {
                    found.Add(word);
                }
            }
        }

        return found;
    }

    // One run in ten has ten digits in a row, somewhere in its hashes, that are one of ten thousand numbers: that is chance.
    private static bool IsInHash(string text, int at, int length)
    {
        var (from, to) = (at, at + length);
        while (from > 0 && char.IsAsciiHexDigitLower(text[from - 1]))
            from--;
        while (to < text.Length && char.IsAsciiHexDigitLower(text[to]))
            to++;
        return to - from >= 32;
    }

    private string Dump(string connection)
    {
        var database = connection.Split(';').Single(static part => part.StartsWith("Database=", StringComparison.Ordinal))[
            "Database=".Length..
        ];
        var program = Directory
            .GetFiles("/usr/lib/postgresql", "pg_dump", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Last();
        var start = new ProcessStartInfo(
            program,
            [
                "-h",
                "127.0.0.1",
                "-p",
                server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
                "-U",
                RealPostgres.Superuser,
                database,
            ]
        )
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["PGPASSWORD"] = File.ReadAllText(server.PasswordFile).Trim();
        using var dump = Process.Start(start)!;
        var text = dump.StandardOutput.ReadToEnd();
        dump.WaitForExit();
        Assert.Equal(0, dump.ExitCode);
        return text;
    }

    private static string Record(SubjectKeys keys, DateTimeOffset at, string token)
    {
        var key = keys.Current();
        return new JsonObject
        {
            ["v"] = 1,
            ["ev"] = "access",
            ["id"] = Ulid.New(TimeProvider.System),
            ["ts"] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["org"] = "ma.anss",
            ["cli"] = "ma.anss.batch",
            ["op"] = "education.school-enrolment.read",
            ["sk"] = key.Period,
            ["subj"] = key.Of("edu", token),
            ["out"] = "permit",
            ["st"] = 200,
        }.ToJsonString();
    }

    private Task<WatchedIndex> Filled(SomeLog log, SubjectKeys keys, TimeProvider clock)
    {
        var place = new IndexPlace { Folder = _folder["index"] };
        using (var filler = place.Fill([log.Source]))
        {
            filler.CatchUp();
        }

        return Task.FromResult(place.Read([log.Source], log.Writer, keys, new DetachedTexts(_folder["texts"]), clock));
    }
}
