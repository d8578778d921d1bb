using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Explanations;
using Gateway.Tests.Batches;
using Gateway.Tests.Flow;
using Gateway.Tests.Suspensions;
using Ledger;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Unsealed;

/// <summary>
/// Every endpoint under a ledger that dies at every step of the call: nothing leaves that has no durable record. A new endpoint that
/// releases something is a new line of the table.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class NoRecordNoReleaseTests : IAsyncLifetime
{
    private const string Client = "anss-eligibility",
        Ministry = "menps-school-support",
        Monthly = "ASD_SCHOOLING",
        Premium = "ASD_BACK_TO_SCHOOL";
    private readonly Dictionary<string, string> _tokens = new(StringComparer.Ordinal);
    private readonly DyingLedger _ledger = new();
    private Town _town = null!;
    private BatchCall _batch = null!;
    private string _known = "";
    private int _number = 200;

    public async ValueTask InitializeAsync()
    {
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Witnesses = 0,
                WrapLedger = _ledger.Around,
                Index = false,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(50),
                ConfigureGateway = static gateway => gateway.RefusalsSealedEach = int.MaxValue,
            }
        );
        _batch = new BatchCall(_town);
        await _batch.Submit(Fixtures.PlainChild, Fixtures.NotEnrolled);
        await _batch.Completed();
        var asked = await _town.Enrolment(Fixtures.PlainChild);
        _known = asked.Receipt().ExchangeId;
        await asked.Record();
    }

    public ValueTask DisposeAsync() => _town.EndAsync();

    private Dictionary<string, Func<Task<Reply>>> Endpoints() =>
        new(StringComparer.Ordinal)
        {
            ["question"] = () => Post(Ask.Enrolments, Ask.Question(_town, Fixtures.PlainChild)),
            ["search"] = () =>
                Call(
                    "anss-inclusion",
                    "INCLUSION_HEALTH",
                    Ask.Immunizations,
                    new FormUrlEncodedContent([
                        new("patient:identifier", $"urn:anss:id:health|{SectorToken.Of("health", Fixtures.Infant)}"),
                    ]),
                    "health.immunization-recommendation.read"
                ),
            ["refusal"] = () => Post(Ask.Enrolments, Ask.Question(_town, "1234")),
            ["refusal about a person"] = () => Post(Ask.Enrolments, Ask.Question(_town, Fixtures.NoDossier)),
            ["no route"] = () => Get("/nowhere"),
            ["no token"] = () =>
                _town.Send(Ask.Enrolments, Json(Ask.Question(_town, Fixtures.PlainChild)), token: null, _town.ClientAs(Client)),
            ["batch"] = () =>
                Call("anss-batch", Premium, BatchCall.Path, Lines(BatchCall.Line(_town, "a", Fixtures.PlainChild)), BatchCall.Scope),
            ["manifest"] = () => Call("anss-batch", Premium, _batch.Location, body: null, BatchCall.Scope),
            ["results"] = () => Call("anss-batch", Premium, _batch.Location + "/results", body: null, BatchCall.Scope),
            ["declaration"] = () =>
                Call(
                    Client,
                    Monthly,
                    Declare.One,
                    Json(JsonSerializer.Serialize(Declare.Open(Declare.Nobody(_number++), _town.Calendar.Today))),
                    "dossiers.declaration.create"
                ),
            ["declarations"] = () =>
                Call(
                    "anss-batch",
                    Monthly,
                    Declare.Many,
                    Lines(JsonSerializer.Serialize(Declare.Line("d-1", Declare.Open(Declare.Nobody(_number++), _town.Calendar.Today)))),
                    "dossiers.declaration.batch"
                ),
            ["caller"] = () => Get("/catalogue/v1/caller"),
            ["operations"] = () => Get("/catalogue/v1/operations"),
            ["agreements"] = () => Get("/catalogue/v1/agreements"),
            ["agreement"] = () => Get("/catalogue/v1/agreements/" + Forge.Reference(_town, "ANSS-MENPS-2026-01")),
            ["dry run"] = () =>
                Post(
                    ExplanationEndpoint.Path,
                    JsonSerializer.Serialize(
                        new
                        {
                            agreement = "ANSS-MENPS-2026-01",
                            purpose = Monthly,
                            operation = "education.school-enrolment.read",
                        }
                    )
                ),
            ["evidence"] = () => Entry("entry?exchange=" + _known),
            ["record"] = () => Entry("entry/1"),
            ["suspension"] = () => SuspensionTest.Say(_town, Statement.By(_town, "menps", "lift", seconds: _number++ - 500), Ministry),
            // Last, for it is gone then.
            ["purge"] = () => Call("anss-batch", Premium, _batch.Location, body: null, BatchCall.Scope, HttpMethod.Delete),
        };

    [Fact]
    public async Task Whatever_the_step_at_which_the_ledger_dies_nothing_leaves_without_a_durable_record()
    {
        await TakeTokens();
        foreach (var (name, call) in Endpoints())
        {
            foreach (var bySeat in new[] { true, false })
            {
                for (var step = 0; ; step++)
                {
                    Assert.True(step < 12, $"{name} seals without end");
                    await Quiet();
                    if (bySeat)
                        _ledger.DieAfter(seats: step);
                    else
                        _ledger.DieAfter(appends: step);
                    var reply = await call();
                    var died = _ledger.Refused > 0;
                    _ledger.Heal();
                    Judge($"{name}, {(bySeat ? "seat" : "append")} {step}", reply);
                    if (!died)
                        break;
                }
            }
        }
    }

    // An answer with a receipt whose record is durable, or that the ledger is unavailable and nothing else.
    private void Judge(string when, Reply reply)
    {
        if (reply.Header(ReceiptHeader.Name) is not null)
        {
            var id = reply.Receipt().ExchangeId;
            var record = _ledger
                .Durable.Select(static text => JsonSerializer.Deserialize<JsonElement>(text))
                .Where(record => record.GetProperty("id").GetString() == id)
                .ToList();
            Assert.True(record.Count == 1, $"{when}: {record.Count} records of {reply.Status}");
            if (reply.Bytes.Length > 0 && record[0].TryGetProperty("rdig", out var digest))
                Assert.Equal(Ledger.Subjects.SaltedDigest.Compute(reply.Receipt().Salt.Span, reply.Bytes), digest.GetString());
            return;
        }

        Assert.True(
            reply is { Status: HttpStatusCode.ServiceUnavailable, Code: "ledger-unavailable" },
            $"{when}: {reply.Status} {reply.Text}"
        );
        foreach (var said in (string[])["ENROLLED", "matchStatus", "ACCEPTED", "grants", "wouldPass", "batchId"])
            Assert.DoesNotContain(said, reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_of_a_chunk_whose_records_cannot_be_sealed_are_not_to_be_had_and_once_they_can_each_line_stands_once()
    {
        _ledger.Refuses = "\"line\":2";
        var batch = new BatchCall(_town, purpose: "ASD_SCHOOLING");
        await batch.Submit(Fixtures.PlainChild, Fixtures.NotEnrolled, Fixtures.Apprentice);
        await Authentication.Soon.Holds(() => Task.FromResult(_ledger.Refused >= 2), "it was tried twice");
        var manifest = await batch.Get();
        Assert.Equal(
            ("RUNNING", """{"answered":0,"refused":0,"invalid":0,"unavailable":0,"never-asked":0}"""),
            (manifest.Json.GetProperty("state").GetString(), manifest.Json.GetProperty("counts").GetRawText())
        );
        Assert.Equal("batch-not-ready", (await batch.Get("/results")).Code);
        _ledger.Refuses = null;
        await batch.Completed();
        var lines = await batch.Results();
        Assert.Equal(["l-0", "l-1", "l-2"], lines.Select(static line => line.GetProperty("reference").GetString()));
        var durable = _ledger
            .Durable.Select(static text => JsonSerializer.Deserialize<JsonElement>(text).GetProperty("id").GetString())
            .ToHashSet(StringComparer.Ordinal);
        Assert.All(lines, line => Assert.Contains(line.GetProperty("exchangeId").GetString(), durable));
    }

    [Fact]
    public async Task Results_are_not_streamed_when_their_release_could_not_be_begun()
    {
        _ledger.Refuses = "\"ev\":\"release.begin\"";
        var reply = await _batch.Get("/results");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "ledger-unavailable"), (reply.Status, reply.Code));
        Assert.DoesNotContain("reference", reply.Text, StringComparison.Ordinal);
        // Its end is told behind the last byte: what has left has its beginning.
        _ledger.Refuses = "\"ev\":\"release.end\"";
        Assert.Equal(2, BatchCall.Lines((await _batch.Get("/results")).Text).Count);
        Assert.Single(_ledger.Durable, static text => text.Contains("\"ev\":\"release.begin\"", StringComparison.Ordinal));
        _ledger.Refuses = null;
    }

    // A batch that a call before has handed in is worked off behind it.
    private async Task Quiet()
    {
        for (var before = -1; before != _ledger.Durable.Count;)
        {
            before = _ledger.Durable.Count;
            await Task.Delay(60);
        }
    }

    // The authority seals in the same log: its tokens are taken before the log dies.
    private async Task TakeTokens()
    {
        foreach (
            var (client, purpose, scope) in new[]
            {
                (Client, Monthly, "education.school-enrolment.read"),
                (Client, Monthly, "dossiers.declaration.create"),
                ("anss-inclusion", "INCLUSION_HEALTH", "health.immunization-recommendation.read"),
                ("anss-batch", Premium, BatchCall.Scope),
                ("anss-batch", Monthly, "dossiers.declaration.batch"),
            }
        )
            _tokens[client + scope] = await _town.TokenFor(client, purpose, null, scope);
    }

    private Task<Reply> Get(string path) => Call(Client, Monthly, path, body: null, "education.school-enrolment.read");

    private Task<Reply> Post(string path, string body) => Call(Client, Monthly, path, Json(body), "education.school-enrolment.read");

    private Task<Reply> Call(string client, string purpose, string path, HttpContent? body, string scope, HttpMethod? method = null) =>
        _town.Send(
            path,
            body,
            _tokens.GetValueOrDefault(client + scope) ?? throw new InvalidOperationException($"no token of {client} for {purpose}"),
            _town.ClientAs(client),
            request =>
            {
                if (scope.EndsWith(".batch", StringComparison.Ordinal) || scope.EndsWith(".create", StringComparison.Ordinal))
                    request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString("D"));
                if (client == "anss-inclusion")
                    request.Headers.Add("Case-Reference", "INC-2026-000771");
            },
            method ?? (body is null ? HttpMethod.Get : HttpMethod.Post)
        );

    private static StringContent Lines(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson"));

    private Task<Reply> Entry(string path) =>
        _town.Send(
            "/" + _ledger.Origin[(_ledger.Origin.IndexOf('/', StringComparison.Ordinal) + 1)..] + "/" + path,
            body: null,
            token: null,
            _town.ClientAs(Client),
            method: HttpMethod.Get
        );

    private static StringContent Json(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
}
