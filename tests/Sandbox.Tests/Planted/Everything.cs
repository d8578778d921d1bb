using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sandbox.Deployment;
using Sandbox.Persons;
using Sandbox.Tests.Apart;

namespace Sandbox.Tests.Planted;

/// <summary>
/// Drives every operation and every kind of refusal with planted values, and plants what it sees on the way: tokens, questions, answers.
/// </summary>
internal sealed class Everything(ApartTown town, PlantedValues planted) : IDisposable
{
    private const string Enrolments = "/education/v1/school-enrolments/query",
        Batches = "/education/v1/school-enrolment-batches";
    private const string Name = "Zaïnab El-Planted Ouazzani",
        Number = Fixtures.PlainChild,
        Card = "BK123456";
    private readonly List<Partner> _partners = [];
    private SandboxFile File => town.File;

    /// <summary>Statuses that came.</summary>
    public SortedDictionary<int, int> Statuses { get; } = [];

    public async Task RunAsync(int batchLines)
    {
        foreach (var person in Fixtures.All)
            PlantPerson(person, binary: true);
        planted.AddText("name", Name);
        planted.AddText("card", Card);
        foreach (var name in new[] { "SYNTHETIC \u00c9l\u00e8ve", "SYNTHETIC narrative", "DSE-SYNTHETIC", "2ASC" })
            planted.AddText("what a generous source sends", name);
        await Operations();
        await Refusals();
        await TokenRefusals();
        await Batch(batchLines);
    }

    public void Dispose()
    {
        foreach (var partner in _partners)
            partner.Dispose();
    }

    /// <summary>Every right of the town's systems, with the person its operation is about; the exchanges on all persons.</summary>
    private async Task Operations()
    {
        foreach (var right in File.Clients)
        {
            var (partner, token) = await As(right);
            foreach (var operation in right.Scopes.Where(static scope => scope != "education.school-enrolment.batch"))
                await Ask(partner, right, operation, token);
        }

        var (eligibility, usual) = await As(Right("anss-eligibility", "ASD_SCHOOLING"));
        foreach (var person in Fixtures.All.Where(static person => person != Fixtures.Slow))
            await Send(eligibility, Enrolments, Question(person), usual);
        await Send(eligibility, "/catalogue/v1/caller", null, usual);
    }

    private async Task Ask(Partner partner, ClientEntry right, string operation, string token)
    {
        if (right.Dpop)
        {
            using var answer = await partner.Ask(Enrolments, Question(Fixtures.PlainChild), token);
            await Note(answer, Question(Fixtures.PlainChild));
        }
        else if (operation.StartsWith("health.", StringComparison.Ordinal))
        {
            await Send(
                partner,
                "/fhir/ImmunizationRecommendation/_search",
                Form(Fixtures.Infant),
                token,
                type: "application/x-www-form-urlencoded"
            );
            await Send(partner, "/fhir/Coverage/_search", Form(Fixtures.PregnantWoman), token, type: "application/x-www-form-urlencoded");
            await Send(partner, "/fhir/Observation/_search", Form(Fixtures.Generous), token, type: "application/x-www-form-urlencoded");
        }
        else if (operation.StartsWith("employment.", StringComparison.Ordinal))
        {
            foreach (var person in new[] { Fixtures.JobSeeker, Fixtures.WageEarner, Fixtures.Generous })
                await Send(
                    partner,
                    "/employment/v1/job-seeker-status/query",
                    JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = person } }),
                    token
                );
        }
        else if (operation.StartsWith("dossiers.", StringComparison.Ordinal))
            await Declare(partner, operation, token);
        else
            await Send(partner, Enrolments, Question(Fixtures.PlainChild), token);
    }

    /// <summary>Opens dossiers: one that may be, one with a name where a province belongs; or the same as lines.</summary>
    private async Task Declare(Partner partner, string operation, string token)
    {
        var lines = operation.EndsWith(".batch", StringComparison.Ordinal);
        foreach (var province in new[] { Fixtures.Province, Name })
        {
            foreach (var quality in new[] { "ASD_CHILD_SCHOOL_AGE", "ASD_ADULT" })
            {
                var members = new Dictionary<string, object>(StringComparer.Ordinal)
                {
                    ["action"] = "OPEN",
                    ["subject"] = new { scheme = "idcs", value = Fixtures.Orphan },
                    ["quality"] = quality,
                    ["from"] = "2026-11-01",
                    ["province"] = province,
                };
                if (lines)
                    members["reference"] = "r-1";
                await Send(
                    partner,
                    lines ? "/dossiers/v1/declaration-batches" : "/dossiers/v1/declarations",
                    JsonSerializer.Serialize(members) + (lines ? "\n{" + Number : ""),
                    token,
                    lines ? "application/x-ndjson" : "application/json",
                    ("Idempotency-Key", Guid.CreateVersion7().ToString())
                );
            }
        }
    }

    /// <summary>What must be refused, each with a planted value where it does not belong.</summary>
    private async Task Refusals()
    {
        var (partner, token) = await As(Right("anss-eligibility", "ASD_SCHOOLING"));
        var question = Question(Number);
        await Send(partner, Enrolments, question, token: null);
        await Send(partner, Enrolments, question, "eyJhbGciOiJub25lIn0." + Number);
        await Send(partner, Enrolments, question, token[..^12] + "AAAAAAAAAAAA");
        await Send(partner, Enrolments, question, token, headers: [("Case-Reference", "case-" + Number)]);
        await Send(partner, Enrolments, question, token, headers: [("Agent", Card)]);
        await Send(
            partner,
            Enrolments,
            question,
            token,
            headers: [("User-Agent", "desk/" + Number), ("X-Request-Id", Number), ("Cookie", "person=" + Number)]
        );
        await Send(
            partner,
            Enrolments,
            question,
            token,
            headers:
            [
                ("traceparent", $"00-{Number}{Number}{Number}26-00f067aa0ba902b7-01"),
                ("tracestate", "p=" + Number),
                ("baggage", "person=" + Number),
            ]
        );
        await Send(partner, Enrolments + "/" + Number, question, token);
        await Send(partner, Enrolments + "?person=" + Number + "&name=" + Uri.EscapeDataString(Name), question, token);
        await Send(partner, "/people/" + Number, question, token);
        await Send(partner, Batches + "/" + Number, body: null, token);
        await Send(
            partner,
            Enrolments,
            question.Replace("\"schoolYear\"", $"\"{Name}\":1,\"schoolYear\"", StringComparison.Ordinal),
            token
        );
        await Send(
            partner,
            Enrolments,
            JsonSerializer.Serialize(new { subject = new { scheme = Name, value = Number }, schoolYear = Number }),
            token
        );
        await Send(
            partner,
            Enrolments,
            JsonSerializer.Serialize(
                new
                {
                    subject = new { scheme = "idcs", value = Number },
                    schoolYear = File.SchoolYear,
                    fields = new[] { "enrolment." + Number },
                }
            ),
            token
        );
        await Send(partner, Enrolments, "{" + Number + Name, token);
        await Send(partner, Enrolments, question, token, type: "text/" + Number);
        await Send(partner, Enrolments, new string('9', 70_000) + Number, token);
        await Send(partner, "/employment/v1/job-seeker-status/query", question, token);
        await Send(
            partner,
            "/fhir/ImmunizationRecommendation/_search",
            "patient:identifier=" + Number,
            token,
            type: "application/x-www-form-urlencoded"
        );
        await Send(
            partner,
            $"{new Uri("https://" + File.Ledger.Vkey[..File.Ledger.Vkey.IndexOf('+', StringComparison.Ordinal)]).AbsolutePath}/entry?exchange={Number}",
            body: null,
            token
        );
        foreach (var person in new[] { Fixtures.NoDossier, Fixtures.OtherProvince })
            await Send(partner, Enrolments, Question(person), token);
        using var stranger = Partner.Connect(File.Ca, certificate: null);
        using var page = await stranger.GetAsync(new Uri(File.Diagnose + "?person=" + Number));
        await Note(page, Number);
    }

    /// <summary>The same towards the authority: what a client says of itself may be anything.</summary>
    private async Task TokenRefusals()
    {
        using var http = Partner.Connect(File.Ca, certificate: null);
        var (partner, _) = await As(Right("anss-eligibility", "ASD_SCHOOLING"));
        var assertion = partner.Assertion();
        planted.AddWhole("assertion", assertion);
        Dictionary<string, string>[] forms =
        [
            new() { ["client_id"] = Number },
            new() { ["client_id"] = "anss-eligibility", ["scope"] = Number + " " + Name },
            new()
            {
                ["client_id"] = "anss-eligibility",
                ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ["client_assertion"] = "a.b." + Number,
            },
            new()
            {
                ["client_id"] = "anss-eligibility",
                ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ["client_assertion"] = assertion,
                ["scope"] = Number,
            },
            new()
            {
                ["client_id"] = "anss-eligibility",
                ["client_secret"] = Name,
                ["resource"] = "https://example/" + Number,
            },
            new()
            {
                ["client_id"] = "anss-eligibility",
                ["authorization_details"] = $"[{{\"type\":\"data_exchange\",\"agreement\":\"{Number}\",\"purpose\":\"{Name}\"}}]",
            },
        ];
        foreach (var form in forms)
        {
            form["grant_type"] = "client_credentials";
            using var body = new FormUrlEncodedContent(form);
            using var answer = await http.PostAsync(new Uri(File.PublicTokenEndpoint!), body);
            await Note(answer, Number);
        }
    }

    /// <summary>Lines about generated persons; the results stay in the spool until this ends.</summary>
    private async Task Batch(int lines)
    {
        var (partner, token) = await As(Right("anss-batch", "ASD_SCHOOLING"), "education.school-enrolment.batch");
        var text = new StringBuilder();
        for (var i = 0; i < lines; i++)
        {
            var digits = string.Create(CultureInfo.InvariantCulture, $"3666{i * 97 % 100_000:00000}");
            var person = digits + Verhoeff.CheckDigit(digits);
            PlantPerson(person, binary: false);
            text.Append(
                    JsonSerializer.Serialize(
                        new
                        {
                            reference = $"r-{i}",
                            subject = new { scheme = "idcs", value = person },
                            schoolYear = File.SchoolYear,
                        }
                    )
                )
                .Append('\n');
        }

        text.Append($"{{\"reference\":\"{Number}\",\"subject\":{{\"scheme\":\"idcs\",\"value\":\"{Number}\"}}}}\n{{{Number}\n");
        using var accepted = await Post(
            partner,
            Batches,
            text.ToString(),
            token,
            "application/x-ndjson",
            [("Idempotency-Key", Guid.CreateVersion7().ToString())]
        );
        var location = accepted.Headers.Location?.ToString()
            ?? throw new InvalidOperationException(await accepted.Content.ReadAsStringAsync());
        location = location.StartsWith("http", StringComparison.Ordinal) ? new Uri(location).AbsolutePath : location;
        for (var state = ""; state != "COMPLETED"; await Task.Delay(100))
        {
            using var manifest = await Post(partner, location, body: null, token, type: null, []);
            state = JsonSerializer.Deserialize<JsonElement>(await manifest.Content.ReadAsStringAsync()).GetProperty("state").GetString()!;
        }

        using var results = await Post(partner, location + "/results", body: null, token, type: null, []);
        foreach (var line in (await results.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(50))
            planted.AddWhole("answer", line);
        await Note(results, Number);
    }

    private void PlantPerson(string person, bool binary)
    {
        planted.AddNumber("person", person, binary);
        foreach (var sector in SectorToken.Sectors)
        {
            var token = SectorToken.Of(sector, person);
            if (binary)
                planted.AddText($"{sector} token", token[^SectorToken.Characters..]);
            else
                planted.AddWhole($"{sector} token", token[^SectorToken.Characters..]);
        }
    }

    private ClientEntry Right(string client, string purpose) => File.Clients.First(one => one.Id == client && one.Purpose == purpose);

    private async Task<(Partner Partner, string Token)> As(ClientEntry right, params string[] scopes)
    {
        var partner = new Partner(File, right);
        _partners.Add(partner);
        var token = await town.TokenAsync(partner, scopes is [var one] ? one : string.Join(' ', right.Scopes));
        planted.AddWhole("token", token);
        foreach (var part in token.Split('.')[1..])
            planted.AddWhole("part of a token", part);
        return (partner, token);
    }

    private string Question(string person) =>
        JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = person }, schoolYear = File.SchoolYear });

    private static string Form(string person) =>
        "patient:identifier=" + Uri.EscapeDataString("urn:anss:id:health|" + SectorToken.Of("health", person));

    private async Task Send(
        Partner partner,
        string path,
        string? body,
        string? token,
        string type = "application/json",
        params (string Name, string Value)[] headers
    )
    {
        using var answer = await Post(partner, path, body, token, type, headers);
        await Note(answer, body ?? "");
    }

    private async Task<HttpResponseMessage> Post(
        Partner partner,
        string path,
        string? body,
        string? token,
        string? type,
        (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(File.Gateway + path));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.TryAddWithoutValidation("Case-Reference", "DESK-0001");
        if (!path.StartsWith("/education", StringComparison.Ordinal))
            request.Headers.TryAddWithoutValidation("Consent-Reference", "CONSENT-0001");
        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await partner.Http.SendAsync(request);
    }

    /// <summary>Counts the status, and plants question and answer whole.</summary>
    private async Task Note(HttpResponseMessage answer, string question)
    {
        var status = (int)answer.StatusCode;
        Statuses[status] = Statuses.GetValueOrDefault(status) + 1;
        if (question.Length is > 40 and < 4096)
            planted.AddWhole("question", question);
        var body = await answer.Content.ReadAsStringAsync();
        if (body.Length is > 40 and < 4096)
            planted.AddWhole("answer", body);
    }
}
