using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Persons;
using Schemas;
using Xunit;

namespace Gateway.Tests.Catalogue;

/// <summary>The OpenAPI document that a caller is given: valid, narrowed to its rights, and true of what the gateway answers.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class NarrowedOperationsTest(TownFixture fixture)
{
    private const string Operations = "/catalogue/v1/operations",
        Enrolments = "/education/v1/school-enrolments/query";
    private readonly Town _town = fixture.Town;

    public static TheoryData<string, string> Callers =>
        new()
        {
            { "anss-eligibility", "ASD_SCHOOLING" },
            { "anss-eligibility", "ASD_BACK_TO_SCHOOL" },
            { "anss-office-06181-01", "FILE_ASSISTANCE" },
            { "anss-inclusion", "INCLUSION_HEALTH" },
            { "anss-inclusion", "INCLUSION_EMPLOYMENT" },
        };

    [Theory, MemberData(nameof(Callers))]
    public async Task The_document_is_valid_OpenAPI_and_holds_what_the_purpose_grants_and_nothing_else(string client, string purpose)
    {
        using var schemas = JsonSchemas.Start();
        var document = JsonNode.Parse((await Get(client, purpose)).Bytes)!;
        Assert.Empty(schemas.Errors(JsonSchemas.OpenApi, document));
        var granted = _town
            .Law.Current.AgreementsOf("anss")
            .SelectMany(static agreement => agreement.Grants)
            .Where(grant =>
                grant.Purpose == purpose && grant.Consumer == "anss" && (grant.Clients.IsEmpty || grant.Clients.Contains(client))
            )
            .SelectMany(static grant => grant.Operations)
            .Select(static operation => operation.Id)
            .ToHashSet(StringComparer.Ordinal);
        var told = document["paths"]!
            .AsObject()
            .SelectMany(static path => path.Value!.AsObject())
            .Where(static method => method.Key != "parameters")
            .Select(static method => method.Value!)
            .ToList();
        Assert.Subset(
            granted,
            told.Where(static one => one["x-part-of"] is null)
                .Select(static one => (string)one["operationId"]!)
                .ToHashSet(StringComparer.Ordinal)
        );
        Assert.All(told.Where(static one => one["x-purposes"] is not null), one =>
            Assert.Equal([purpose], one["x-purposes"]!.AsArray().Select(static value => (string)value!))
        );
        Assert.DoesNotContain("x-provider", document.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(Unused(document));
    }

    [Fact]
    public async Task A_released_answer_fits_the_schema_and_a_field_that_is_not_released_does_not()
    {
        using var schemas = JsonSchemas.Start();
        var document = JsonNode.Parse((await Get("anss-eligibility", "ASD_SCHOOLING")).Bytes)!;
        var schema = schemas.Of(document, AnswerOf(document, Enrolments));
        foreach (
            var person in (string[])
                [
                    Fixtures.PlainChild,
                    Fixtures.UnknownChild,
                    Fixtures.NotEnrolled,
                    Fixtures.DroppedOut,
                    Fixtures.Completed,
                    Fixtures.Apprentice,
                    Fixtures.TwoRecords,
                    Fixtures.OldData,
                ]
        )
        {
            var reply = await _town.Enrolment(person);
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            Assert.Empty(schemas.Errors(schema, JsonNode.Parse(reply.Bytes)!));
        }

        var answer = JsonNode.Parse((await _town.Enrolment(Fixtures.PlainChild)).Bytes)!;
        Assert.NotNull(answer["enrolment"]);
        answer["enrolment"]!["sector"] = "PUBLIC";
        Assert.NotEmpty(schemas.Errors(schema, answer));
        Assert.DoesNotContain("schoolCode", document.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("schoolCode", (await Get("anss-office-06181-01", "FILE_ASSISTANCE")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_line_of_a_batch_fits_the_schema_of_its_results()
    {
        using var schemas = JsonSchemas.Start();
        var document = JsonNode.Parse((await Get("anss-eligibility", "ASD_SCHOOLING")).Bytes)!;
        var results = document["paths"]!["/education/v1/school-enrolment-batches/{batchId}/results"]!["get"]!["responses"]!["200"]![
            "content"
        ]!["application/x-ndjson"]!["schema"]!["$ref"]!;
        var schema = schemas.Of(document, (string)results!);
        string[] persons =
        [
            Fixtures.PlainChild,
            Fixtures.UnknownChild,
            Fixtures.NotEnrolled,
            Fixtures.NoDossier,
            Fixtures.PartialOutage,
            Fixtures.Apprentice,
        ];
        var lines = persons.Select(
            (person, i) =>
                JsonSerializer.Serialize(
                    new
                    {
                        reference = $"b-{i}",
                        subject = new { scheme = "idcs", value = person },
                        schoolYear = _town.File.SchoolYear,
                    }
                )
        );
        var (token, client) = (await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING"), _town.ClientAs("anss-eligibility"));
        var submitted = await _town.Send(
            "/education/v1/school-enrolment-batches",
            new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson"),
            token,
            client,
            request => request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString("D"))
        );
        Assert.Equal(HttpStatusCode.Accepted, submitted.Status);
        var answered = await _town.Send(submitted.Header("Location") + "/results", body: null, token, client, method: HttpMethod.Get);
        for (var attempt = 0; answered.Status != HttpStatusCode.OK && attempt < 400; attempt++)
        {
            await Task.Delay(25);
            answered = await _town.Send(submitted.Header("Location") + "/results", body: null, token, client, method: HttpMethod.Get);
        }

        var told = answered.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(persons.Length, told.Length);
        Assert.All(told, line => Assert.Empty(schemas.Errors(schema, JsonNode.Parse(line)!)));
    }

    [Fact]
    public async Task A_released_bundle_fits_the_schema_of_its_search()
    {
        using var schemas = JsonSchemas.Start();
        var document = JsonNode.Parse((await Get("anss-inclusion", "INCLUSION_HEALTH")).Bytes)!;
        var schema = schemas.Of(document, AnswerOf(document, Ask.Immunizations, "application/fhir+json"));
        Assert.Empty(schemas.Errors(schema, JsonNode.Parse((await _town.Immunization(Fixtures.UnknownChild)).Bytes)!));
        var reply = await _town.Immunization(Fixtures.Infant);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        var bundle = JsonNode.Parse(reply.Bytes)!;
        Assert.Empty(schemas.Errors(schema, bundle));
        bundle["entry"]![0]!["resource"]!["recommendation"]![0]!["description"] = "x";
        Assert.NotEmpty(schemas.Errors(schema, bundle));
    }

    [Fact]
    public async Task Who_has_the_document_is_told_so_and_each_call_is_sealed()
    {
        var first = await Get("anss-eligibility", "ASD_SCHOOLING");
        var again = await Get("anss-eligibility", "ASD_SCHOOLING", first.Header("ETag"));
        Assert.Equal((HttpStatusCode.NotModified, 0), (again.Status, again.Bytes.Length));
        Assert.Equal(first.Header("ETag"), again.Header("ETag"));
        var (told, known) = (await first.Record(), await again.Record());
        Assert.Equal(
            ("access", "catalogue.operation.list", 200),
            (told.GetProperty("ev").GetString(), told.GetProperty("op").GetString(), told.GetProperty("st").GetInt32())
        );
        Assert.Equal((304, "anss-eligibility"), (known.GetProperty("st").GetInt32(), known.GetProperty("cli").GetString()));
        Assert.False(told.TryGetProperty("subj", out _));
        Assert.NotEqual(first.Header("ETag"), (await Get("anss-eligibility", "ASD_BACK_TO_SCHOOL")).Header("ETag"));
    }

    private async Task<Reply> Get(string client, string purpose, string? known = null)
    {
        var reply = await _town.Send(
            Operations,
            body: null,
            await _town.TokenFor(client, purpose),
            _town.ClientAs(client),
            request =>
            {
                if (known is not null)
                    request.Headers.TryAddWithoutValidation("If-None-Match", known);
            },
            HttpMethod.Get
        );
        Assert.True(reply.Status is HttpStatusCode.OK or HttpStatusCode.NotModified, reply.Text);
        return reply;
    }

    private static string AnswerOf(JsonNode document, string path, string media = "application/json") =>
        (string)document["paths"]![path]!["post"]!["responses"]!["200"]!["content"]![media]!["schema"]!["$ref"]!;

    private static IEnumerable<string> Unused(JsonNode document) =>
        from section in document["components"]!.AsObject()
        where section.Key != "securitySchemes"
        from component in section.Value!.AsObject()
        where !document.ToJsonString().Contains($"\"#/components/{section.Key}/{component.Key}\"", StringComparison.Ordinal)
        select component.Key;
}
