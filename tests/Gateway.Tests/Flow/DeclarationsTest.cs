using System.Net;
using System.Text.Json;
using Ledger.Notes;
using Ledger.Tiles;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class DeclarationsTest(TownFixture fixture)
{
    private readonly Town _town = fixture.Town;

    private static DateOnly Today => Agreements.CivilTime.Today(TimeProvider.System);

    [Fact]
    public async Task A_declared_dossier_opens_the_gate_at_once_and_a_closed_one_shuts_it()
    {
        var person = Declare.Nobody(1);
        Assert.Equal("dossier-not-open", (await _town.Enrolment(person)).Code);
        var opened = await _town.Dossier(Declare.Open(person, Today.AddDays(-5)));
        Assert.Equal((HttpStatusCode.OK, """{"result":"ACCEPTED"}"""), (opened.Status, opened.Text));
        Assert.Equal("NOT_FOUND", (await _town.Enrolment(person)).MatchStatus);
        var closed = await _town.Dossier(Declare.Close(person, Today.AddDays(-5), Today.AddDays(-1)));
        Assert.Equal("""{"result":"ACCEPTED"}""", closed.Text);
        Assert.Equal("dossier-not-open", (await _town.Enrolment(person)).Code);
    }

    [Fact]
    public async Task The_intent_is_sealed_before_the_effect_and_a_closing_points_at_the_opening()
    {
        var person = Declare.Nobody(2);
        var opened = await (await _town.Dossier(Declare.Open(person, Today))).Record();
        Assert.Equal(
            ("access", "OPEN", "permit"),
            (opened.GetProperty("ev").GetString(), opened.GetProperty("act").GetString(), opened.GetProperty("out").GetString())
        );
        var intent = Record(opened.GetProperty("ref").GetString()!);
        Assert.Equal(("intent", "OPEN"), (intent.GetProperty("ev").GetString(), intent.GetProperty("act").GetString()));
        Assert.Equal(opened.GetProperty("subj").GetString(), intent.GetProperty("subj").GetString());
        Assert.False(intent.TryGetProperty("out", out _));
        var closed = await (await _town.Dossier(Declare.Close(person, Today, Today))).Record();
        Assert.Equal(opened.GetProperty("id").GetString(), Record(closed.GetProperty("ref").GetString()!).GetProperty("ref").GetString());
        Assert.Equal(
            "UNCHANGED",
            (await (await _town.Dossier(Declare.Close(person, Today, Today))).Record()).GetProperty("act").GetString()
        );
        using var http = new HttpClient();
        Assert.Matches(
            @"gateway_dossiers_brief[a-z_]*\{[^}]*ANSS-MENPS-2026-01[^}]*\} [1-9]",
            await http.GetStringAsync(new Uri(_town.File.Metrics))
        );
    }

    [Fact, Provokes("state-conflict")]
    public async Task A_declaration_that_contradicts_what_stands_is_a_conflict()
    {
        var person = Declare.Nobody(3);
        await RefusalsTest.Refused(
            await _town.Dossier(Declare.Move(person, Today, "06.467.")),
            HttpStatusCode.Conflict,
            "state-conflict",
            "REQ-19"
        );
        await _town.Dossier(Declare.Open(person, Today));
        await RefusalsTest.Refused(
            await _town.Dossier(Declare.Open(person, Today, "06.467.")),
            HttpStatusCode.Conflict,
            "state-conflict",
            "REQ-19"
        );
        Assert.Equal("""{"result":"UNCHANGED"}""", (await _town.Dossier(Declare.Open(person, Today))).Text);
    }

    [Fact]
    public async Task A_moved_dossier_counts_for_the_office_of_its_new_province()
    {
        var person = Declare.Nobody(4);
        await _town.Dossier(Declare.Open(person, Today.AddDays(-9), "06.467."));
        Assert.Equal("territory-out-of-scope", (await AtOffice(person)).Code);
        await _town.Dossier(Declare.Move(person, Today, "06.181."));
        Assert.Equal("NOT_FOUND", (await AtOffice(person)).MatchStatus);
    }

    [Fact]
    public async Task Every_line_gets_its_result_and_its_record()
    {
        var (person, end) = (Declare.Nobody(5), _town.Contracts.Registry.Agreements["ANSS-MENPS-2026-01"].Until);
        (string Reference, object Line, string Result)[] lines =
        [
            ("d-1", Declare.Open(person, Today.AddDays(-3)), "ACCEPTED"),
            ("d-2", Declare.Open(person, Today.AddDays(-3)), "UNCHANGED"),
            ("d-3", Declare.Open(person, Today.AddDays(-1)), "state-conflict"),
            ("d-4", Declare.Move(person, Today, "06.467."), "ACCEPTED"),
            ("d-5", Declare.Close(person, Today.AddDays(-3), Today), "ACCEPTED"),
            ("d-6", Declare.Open(person, Today, quality: "ASD_ADULT"), "population-out-of-scope"),
            ("d-7", Declare.Open(person, end.AddDays(1)), "period-out-of-range"),
            ("d-8", Declare.Open(person, new DateOnly(1999, 12, 31)), "period-out-of-range"),
            ("d-9", Declare.Close(person, Today, Today.AddDays(-1)), "period-out-of-range"),
            (
                "d-10",
                new
                {
                    action = "CLOSE",
                    subject = new { scheme = "idcs", value = person },
                    quality = Declare.Quality,
                    from = "2026-09-01",
                },
                "request-invalid"
            ),
            (
                "d-11",
                new
                {
                    action = "OPEN",
                    subject = new { scheme = "idcs", value = person },
                    quality = Declare.Quality,
                    from = "2026-09-01",
                    province = "06.",
                },
                "request-invalid"
            ),
            (
                "d-12",
                new
                {
                    action = "SHUT",
                    subject = new { scheme = "idcs", value = person },
                    quality = Declare.Quality,
                    from = "2026-09-01",
                },
                "request-invalid"
            ),
            ("d-13", Declare.Open("2666041938", Today), "invalid-identifier"),
            (
                "d-14",
                new
                {
                    action = "OPEN",
                    subject = new { scheme = "sector-token", value = "emp_6P7W1VFQ5RP29W1N98E3X9YSF6" },
                    quality = Declare.Quality,
                    from = Declare.Day(Today),
                    province = "06.181.",
                },
                "wrong-sector-token"
            ),
            (
                "d-15",
                new
                {
                    action = "OPEN",
                    subject = new { scheme = "household-id", value = "1234567890" },
                    quality = Declare.Quality,
                    from = Declare.Day(Today),
                    province = "06.181.",
                },
                "identifier-scheme-not-allowed"
            ),
            (
                "d-16",
                new
                {
                    action = "MOVE",
                    subject = new { scheme = "idcs", value = person },
                    quality = Declare.Quality,
                    from = Declare.Day(Today),
                    to = Declare.Day(Today),
                    province = "06.181.",
                },
                "request-invalid"
            ),
        ];
        var reply = await _town.Dossiers([
            .. lines.Select(static line => Declare.Line(line.Reference, line.Line)),
            "not json",
            Declare.Line("d-1", Declare.Open(person, Today)),
            Declare.Line(person, Declare.Open(person, Today)),
        ]);
        Assert.Equal((HttpStatusCode.OK, "application/x-ndjson"), (reply.Status, reply.Header("Content-Type")));
        var answers = Lines(reply);
        Assert.Equal(
            [.. lines.Select(static line => line.Reference), "line:17", "d-1", "line:19"],
            answers.Select(static line => line.GetProperty("reference").GetString()!)
        );
        Assert.Equal(
            [.. lines.Select(static line => line.Result), "request-invalid", "duplicate-reference", "request-invalid"],
            answers.Select(Result)
        );
        var whole = await reply.Record();
        Assert.Equal(
            ("batch", "declared", 19),
            (whole.GetProperty("ev").GetString(), whole.GetProperty("act").GetString(), whole.GetProperty("n").GetInt32())
        );
        Assert.Equal("intent", Record(whole.GetProperty("ref").GetString()!).GetProperty("ev").GetString());
        EveryLineHasItsRecord(answers, whole.GetProperty("id").GetString()!);
    }

    [Fact]
    public async Task Five_thousand_lines_are_declared_in_one_call_and_all_are_open()
    {
        var reply = await _town.Dossiers(
            Enumerable.Range(0, 5000).Select(static i => Declare.Line($"r-{i}", Declare.Open(Declare.Nobody(10_000 + i), Today)))
        );
        Assert.All(Lines(reply), static line => Assert.Equal("ACCEPTED", Result(line)));
        foreach (var i in (int[])[0, 499, 500, 4999])
            Assert.Equal("NOT_FOUND", (await _town.Enrolment(Declare.Nobody(10_000 + i))).MatchStatus);
    }

    [Fact]
    public async Task Too_many_lines_and_a_missing_key_are_refused_whole()
    {
        var reply = await _town.Dossiers(Enumerable.Range(0, 5001).Select(static i => (object)$"{i}"));
        await RefusalsTest.Refused(reply, HttpStatusCode.RequestEntityTooLarge, "batch-too-large", "REQ-09");
        await RefusalsTest.Refused(
            await _town.Dossier(Declare.Open(Declare.Nobody(6), Today), keyed: false),
            HttpStatusCode.BadRequest,
            "idempotency-key-required",
            "REQ-16"
        );
    }

    [Fact]
    public async Task The_same_key_gives_the_same_answer_without_a_second_effect()
    {
        var (key, person) = (Guid.CreateVersion7(), Declare.Nobody(7));
        var first = await _town.Dossiers([Declare.Line("a", Declare.Open(person, Today))], key);
        await _town.Dossier(Declare.Close(person, Today, Today));
        var again = await _town.Dossiers([Declare.Line("a", Declare.Open(person, Today))], key);
        Assert.Equal(first.Text, again.Text);
        var record = await again.Record();
        Assert.Equal(
            ("repeated", (await first.Record()).GetProperty("id").GetString()),
            (record.GetProperty("act").GetString(), record.GetProperty("ref").GetString())
        );
        await RefusalsTest.Refused(
            await _town.Dossiers([Declare.Line("b", Declare.Open(person, Today))], key),
            HttpStatusCode.Conflict,
            "idempotency-conflict",
            "REQ-17"
        );
    }

    [Fact]
    public async Task A_quality_that_the_grant_does_not_name_is_out_of_scope() =>
        await RefusalsTest.Refused(
            await _town.Dossier(Declare.Open(Declare.Nobody(8), Today, quality: "CARE_CHILD")),
            HttpStatusCode.Forbidden,
            "population-out-of-scope",
            "PER-11"
        );

    [Fact]
    public async Task Declarations_and_kept_answers_survive_a_restart()
    {
        using var folder = new TemporaryFolder();
        var (key, person) = (Guid.CreateVersion7(), Declare.Nobody(9));
        var options = new TownOptions
        {
            Pupils = 50,
            State = folder.Path,
            Witnesses = 0,
        };
        string first;
        await using (var town = await Town.StartAsync(options))
            first = (await town.Dossiers([Declare.Line("a", Declare.Open(person, Today))], key)).Text;
        await using var later = await Town.StartAsync(options);
        Assert.Equal("NOT_FOUND", (await later.Enrolment(person)).MatchStatus);
        Assert.Equal(first, (await later.Dossiers([Declare.Line("a", Declare.Open(person, Today))], key)).Text);
    }

    [Fact]
    public async Task A_gate_under_which_nobody_was_ever_declared_says_so()
    {
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 50,
                Witnesses = 0,
                ConfigureGateway = static gateway => gateway.Dossiers = "",
            }
        );
        var reply = await town.Enrolment(Fixtures.PlainChild);
        await RefusalsTest.Refused(reply, HttpStatusCode.Forbidden, "dossier-not-open", "PER-10");
        Assert.Contains(
            "No case file has been declared yet under ANSS-MENPS-2026-01",
            reply.Json.GetProperty("detail").GetString(),
            StringComparison.Ordinal
        );
        Assert.Equal("consumer-administrator", reply.Json.GetProperty("fixableBy").GetString());
        await town.Dossier(Declare.Open(Declare.Nobody(1), Today));
        Assert.DoesNotContain(
            "declared yet",
            (await town.Enrolment(Fixtures.PlainChild)).Json.GetProperty("detail").GetString(),
            StringComparison.Ordinal
        );
    }

    private Task<Reply> AtOffice(string person) =>
        _town.Post(Ask.Enrolments, Ask.Question(_town, person), "anss-office-06181-01", with: static request =>
        {
            request.Headers.Add("Case-Reference", "ELJ-2026-00418");
            request.Headers.Add("Agent", "ag-4417");
        });

    private static string Result(JsonElement line) =>
        (line.TryGetProperty("result", out var result) ? result : line.GetProperty("code")).GetString()!;

    private static List<JsonElement> Lines(Reply reply) =>
        [
            .. reply
                .Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => JsonSerializer.Deserialize<JsonElement>(line)),
        ];

    // The record of the whole is published: those of its lines stand before it.
    private void EveryLineHasItsRecord(List<JsonElement> answers, string batch)
    {
        var records = Records()
            .Where(record => record.TryGetProperty("batch", out var of) && of.GetProperty("id").GetString() == batch)
            .ToDictionary(static record => record.GetProperty("id").GetString()!, StringComparer.Ordinal);
        Assert.Equal(answers.Count, records.Count);
        foreach (var answer in answers)
        {
            var record = records[answer.GetProperty("exchangeId").GetString()!];
            var isResult = answer.TryGetProperty("result", out _);
            Assert.Equal(isResult ? "access" : "deny", record.GetProperty("ev").GetString());
            if (!isResult)
                Assert.Equal(Result(answer), record.GetProperty("code").GetString());
        }
    }

    private JsonElement Record(string id) => Records().First(record => record.TryGetProperty("id", out var its) && its.GetString() == id);

    private IEnumerable<JsonElement> Records() =>
        LogReader
            .Open(_town.LedgerFolder, VerifierKey.Parse(_town.File.Ledger.Vkey))
            .Entries()
            .Select(static entry => JsonSerializer.Deserialize<JsonElement>(entry.Text.Span));

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("town-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
