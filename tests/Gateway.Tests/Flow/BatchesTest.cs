using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ledger.Notes;
using Ledger.Tiles;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class BatchesTest(TownFixture fixture)
{
    private const string Path = "/education/v1/school-enrolment-batches";
    private readonly Sandbox.Town _town = fixture.Town;

    [Fact, Provokes("duplicate-reference")]
    public async Task Every_line_is_decided_minimized_and_sealed_on_its_own()
    {
        string[] persons =
        [
            Fixtures.PlainChild,
            Fixtures.UnknownChild,
            Fixtures.NotEnrolled,
            Fixtures.NoDossier,
            Fixtures.PartialOutage,
            Fixtures.Apprentice,
        ];
        var lines = persons.Select((person, i) => Line($"b-{i}", person)).Append("not json").Append(Line("b-0", Fixtures.Orphan)).ToArray();
        var submitted = await Submit(lines);
        Assert.Equal(HttpStatusCode.Accepted, submitted.Status);
        Assert.Equal("batch", (await submitted.Record()).GetProperty("ev").GetString());
        var manifest = await Completed(submitted.Header("Location")!);
        Assert.Equal(lines.Length, manifest.GetProperty("lines").GetInt32());
        Assert.Equal(
            """{"answered":4,"refused":1,"invalid":2,"unavailable":1,"never-asked":0}""",
            manifest.GetProperty("counts").GetRawText()
        );
        var results = await Get(submitted.Header("Location") + "/results");
        Assert.Equal(manifest.GetProperty("resultsSha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(results.Bytes)));
        var answers = Lines(results);
        Assert.Equal(lines.Length, answers.Count);
        Assert.Equal("ENROLLED", Of(answers, "b-0").GetProperty("enrolment").GetProperty("status").GetString());
        Assert.Equal("NOT_FOUND", Of(answers, "b-1").GetProperty("matchStatus").GetString());
        Assert.Equal("NOT_ENROLLED", Of(answers, "b-2").GetProperty("enrolment").GetProperty("status").GetString());
        Assert.Equal("dossier-not-open", Of(answers, "b-3").GetProperty("code").GetString());
        Assert.Equal("unavailable", Of(answers, "b-4").GetProperty("outcome").GetString());
        Assert.Contains(answers, static line => line.TryGetProperty("code", out var code) && code.GetString() == "duplicate-reference");
        await EveryLineHasItsRecord(answers, submitted.Header("Location")!.Split('/')[^1]);
    }

    [Fact]
    public async Task Five_thousand_lines_are_five_thousand_records()
    {
        var person = Fixtures.PlainChild;
        var submitted = await Submit([.. Enumerable.Range(0, 5000).Select(i => Line($"r-{i}", person))]);
        var manifest = await Completed(submitted.Header("Location")!);
        Assert.Equal(5000, manifest.GetProperty("counts").GetProperty("answered").GetInt32());
        Assert.Equal(5000, Lines(await Get(submitted.Header("Location") + "/results")).Count);
    }

    [Fact, Provokes("batch-too-large")]
    public async Task More_than_five_thousand_lines_are_refused_whole() =>
        await RefusalsTest.Refused(
            await Submit([.. Enumerable.Range(0, 5001).Select(i => Line($"r-{i}", Fixtures.PlainChild))]),
            HttpStatusCode.RequestEntityTooLarge,
            "batch-too-large",
            "REQ-09"
        );

    [Fact, Provokes("idempotency-key-required")]
    public async Task A_batch_needs_an_idempotency_key() =>
        await RefusalsTest.Refused(
            await Submit([Line("a", Fixtures.PlainChild)], key: null),
            HttpStatusCode.BadRequest,
            "idempotency-key-required",
            "REQ-16"
        );

    [Fact, Provokes("idempotency-conflict")]
    public async Task The_same_key_leads_to_the_same_batch_and_never_to_another()
    {
        var key = Guid.CreateVersion7();
        var first = await Submit([Line("a", Fixtures.PlainChild)], key);
        var again = await Submit([Line("a", Fixtures.PlainChild)], key);
        Assert.Equal(first.Header("Location"), again.Header("Location"));
        await RefusalsTest.Refused(
            await Submit([Line("b", Fixtures.PlainChild)], key),
            HttpStatusCode.Conflict,
            "idempotency-conflict",
            "REQ-17"
        );
    }

    [Fact, Provokes("resource-unknown")]
    public async Task Another_clients_batch_does_not_exist()
    {
        var submitted = await Submit([Line("a", Fixtures.PlainChild)]);
        var token = await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING", null, "education.school-enrolment.batch");
        var reply = await _town.Send(
            submitted.Header("Location")!,
            body: null,
            token,
            _town.ClientAs("anss-eligibility"),
            method: HttpMethod.Get
        );
        await RefusalsTest.Refused(reply, HttpStatusCode.NotFound, "resource-unknown", "REQ-15");
    }

    [Fact, Provokes("batch-purged")]
    public async Task Purged_results_are_gone()
    {
        var submitted = await Submit([Line("a", Fixtures.PlainChild)]);
        await Completed(submitted.Header("Location")!);
        var purged = await Get(submitted.Header("Location")!, HttpMethod.Delete);
        Assert.Equal(HttpStatusCode.NoContent, purged.Status);
        Assert.Equal("purged", (await purged.Record()).GetProperty("act").GetString());
        await RefusalsTest.Refused(await Get(submitted.Header("Location") + "/results"), HttpStatusCode.Gone, "batch-purged", "REQ-12");
        Assert.Empty(Directory.GetFiles(_town.State.Folder("spool"), submitted.Header("Location")!.Split('/')[^1] + "*"));
    }

    [Fact, Provokes("batch-not-ready")]
    public async Task Results_are_not_readable_before_the_batch_is_complete()
    {
        _town["menps"].Behaviors.Set(Sandbox.Institutions.Behaviors.BehaviorMode.Slow, delay: TimeSpan.FromSeconds(2));
        try
        {
            var submitted = await Submit([Line("a", Fixtures.PlainChild)]);
            await RefusalsTest.Refused(
                await Get(submitted.Header("Location") + "/results"),
                HttpStatusCode.Conflict,
                "batch-not-ready",
                "REQ-11"
            );
        }
        finally
        {
            _town["menps"].Behaviors.Clear();
        }
    }

    [Fact]
    public async Task Results_at_rest_cannot_be_read_without_the_key()
    {
        var submitted = await Submit([Line("a", Fixtures.PlainChild)]);
        await Completed(submitted.Header("Location")!);
        var file = Assert.Single(Directory.GetFiles(_town.State.Folder("spool"), submitted.Header("Location")!.Split('/')[^1] + "*"));
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes);
        Assert.DoesNotContain("ENROLLED", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
    }

    private async Task EveryLineHasItsRecord(List<JsonElement> answers, string batch)
    {
        var records = new HashSet<string>(StringComparer.Ordinal);
        for (var attempt = 0; attempt < 100 && records.Count < answers.Count; attempt++)
        {
            await Task.Delay(50);
            records = RecordsOf(batch);
        }

        Assert.Equal(
            answers.Select(static answer => answer.GetProperty("exchangeId").GetString()!).Order(StringComparer.Ordinal),
            records.Order(StringComparer.Ordinal)
        );
    }

    private HashSet<string> RecordsOf(string batch) =>
        LogReader
            .Open(_town.LedgerFolder, VerifierKey.Parse(_town.File.Ledger.Vkey))
            .Entries()
            .Select(static entry => JsonSerializer.Deserialize<JsonElement>(entry.Text.Span))
            .Where(record => record.TryGetProperty("batch", out var of) && of.GetProperty("id").GetString() == batch)
            .Select(static record => record.GetProperty("id").GetString()!)
            .ToHashSet(StringComparer.Ordinal);

    private string Line(string reference, string idcs) =>
        JsonSerializer.Serialize(
            new
            {
                reference,
                subject = new { scheme = "idcs", value = idcs },
                schoolYear = _town.File.SchoolYear,
            }
        );

    private async Task<Reply> Submit(string[] lines, Guid? key = null, [System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        var token = await _town.TokenFor("anss-batch", "ASD_SCHOOLING", null, "education.school-enrolment.batch");
        using var body = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        return await _town.Send(Path, body, token, _town.ClientAs("anss-batch"), request =>
        {
            if (test == nameof(A_batch_needs_an_idempotency_key))
                return;
            request.Headers.Add("Idempotency-Key", (key ?? Guid.CreateVersion7()).ToString());
        });
    }

    private async Task<Reply> Get(string path, HttpMethod? method = null) =>
        await _town.Send(
            path,
            body: null,
            await _town.TokenFor("anss-batch", "ASD_SCHOOLING", null, "education.school-enrolment.batch"),
            _town.ClientAs("anss-batch"),
            method: method ?? HttpMethod.Get
        );

    private async Task<JsonElement> Completed(string location)
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            var manifest = (await Get(location)).Json;
            if (manifest.GetProperty("state").GetString() == "COMPLETED")
                return manifest;
            await Task.Delay(200);
        }

        throw new InvalidOperationException("the batch was not completed in a minute");
    }

    private static List<JsonElement> Lines(Reply reply) =>
        [
            .. reply
                .Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => JsonSerializer.Deserialize<JsonElement>(line)),
        ];

    private static JsonElement Of(List<JsonElement> answers, string reference) =>
        answers.First(answer => answer.GetProperty("reference").GetString() == reference);
}
