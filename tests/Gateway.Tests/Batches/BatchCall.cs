using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Flow;
using Ledger.Notes;
using Ledger.Tiles;
using Sandbox;
using Xunit;

namespace Gateway.Tests.Batches;

/// <summary>
/// A batch as its owner sees it: one system, one agreement, one purpose. Each call fetches a token of the law of its moment.
/// </summary>
internal sealed class BatchCall(
    Town town,
    string client = "anss-batch",
    string purpose = "ASD_BACK_TO_SCHOOL",
    string agreement = "ANSS-MENPS-2026-01"
)
{
    public const string Path = "/education/v1/school-enrolment-batches",
        Scope = "education.school-enrolment.batch";

    /// <summary>Where the accepted batch is.</summary>
    public string Location { get; private set; } = "";
    public string Id => Location.Split('/')[^1];

    public static string Line(Town town, string reference, string idcs, params string[] fields) =>
        fields.Length == 0
            ? JsonSerializer.Serialize(
                new
                {
                    reference,
                    subject = new { scheme = "idcs", value = idcs },
                    schoolYear = town.File.SchoolYear,
                }
            )
            : JsonSerializer.Serialize(
                new
                {
                    reference,
                    subject = new { scheme = "idcs", value = idcs },
                    schoolYear = town.File.SchoolYear,
                    fields,
                }
            );

    /// <summary>Hands a batch about these persons in; their references are l-0, l-1 and so on.</summary>
    public async Task<Reply> Submit(params string[] persons)
    {
        var reply = await SubmitLines([.. persons.Select((person, number) => Line(town, $"l-{number}", person))], Guid.CreateVersion7());
        Assert.Equal((HttpStatusCode.Accepted, reply.Text), (reply.Status, reply.Text));
        return reply;
    }

    public async Task<Reply> SubmitLines(string[] lines, Guid key)
    {
        using var body = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        var reply = await town.Send(Path, body, await Token(), town.ClientAs(client), request =>
            request.Headers.Add("Idempotency-Key", key.ToString("D"))
        );
        if (reply.Status == HttpStatusCode.Accepted)
            Location = reply.Header("Location")!;
        return reply;
    }

    // The authority reads the law by itself: a token of the version before is refused until it has.
    public async Task<Reply> Get(string below = "", HttpMethod? method = null, string? at = null)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var reply = await town.Send(
                    (at ?? Location) + below,
                    body: null,
                    await Token(),
                    town.ClientAs(client),
                    method: method ?? HttpMethod.Get
                );
                if (reply.Status != HttpStatusCode.Unauthorized || attempt == 100)
                    return reply;
            }
            catch (InvalidOperationException) when (attempt < 100)
            {
                // No token yet.
            }

            await Task.Delay(50);
        }
    }

    /// <summary>The manifest of the completed batch.</summary>
    public async Task<JsonElement> Completed()
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            var manifest = await Get();
            if (manifest.Status == HttpStatusCode.OK && manifest.Json.GetProperty("state").GetString() == "COMPLETED")
                return manifest.Json;
            await Task.Delay(100);
        }

        throw new InvalidOperationException("the batch was not completed in half a minute");
    }

    /// <summary>The result lines in the order of the batch.</summary>
    public async Task<List<JsonElement>> Results()
    {
        var reply = await Get("/results");
        Assert.True(reply.Status == HttpStatusCode.OK, reply.Text);
        return Lines(reply.Text);
    }

    public static List<JsonElement> Lines(string text) =>
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => JsonSerializer.Deserialize<JsonElement>(line))
                .OrderBy(static line => line.GetProperty("reference").GetString(), StringComparer.Ordinal),
        ];

    /// <summary>The records of its lines in the order of the batch, once all of them are published.</summary>
    public async Task<List<JsonElement>> Records(int lines)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var records = LogReader
                .Open(town.LedgerFolder, VerifierKey.Parse(town.File.Ledger.Vkey))
                .Entries()
                .Select(static entry => JsonSerializer.Deserialize<JsonElement>(entry.Text.Span))
                .Where(record => record.TryGetProperty("batch", out var of) && of.GetProperty("id").GetString() == Id)
                .OrderBy(static record => record.GetProperty("batch").GetProperty("line").GetInt32())
                .ToList();
            if (records.Count >= lines)
                return records;
            await Task.Delay(50);
        }

        throw new InvalidOperationException("the records were not published");
    }

    public static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var member) ? member.GetString() : null;

    private Task<string> Token() => town.TokenFor(client, purpose, agreement, Scope);
}
