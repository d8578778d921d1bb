using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Agreements.Narrowing;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Institutions;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Schemas;
using Xunit;

namespace Gateway.Tests.Catalogue;

/// <summary>What the gateway demands of a provider and what it answers to a caller are one document, seen from its two sides.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class ProviderContractTest(TownFixture fixture)
{
    private static readonly string[] Persons =
    [
        Fixtures.PlainChild,
        Fixtures.UnknownChild,
        Fixtures.NotEnrolled,
        Fixtures.DroppedOut,
        Fixtures.Completed,
        Fixtures.LateRoll,
        Fixtures.Apprentice,
        Fixtures.TwoRecords,
        Fixtures.OldData,
        Fixtures.JobSeeker,
    ];

    private readonly Town _town = fixture.Town;

    public static TheoryData<string> Providers => ["menps", "dfp", "mesri", "anapec"];

    [Theory, MemberData(nameof(Providers))]
    public void What_a_stand_in_answers_fits_the_contract_of_its_institution_and_not_without_the_echo(string institution)
    {
        using var schemas = JsonSchemas.Start();
        var document = JsonNode.Parse(ProviderContract.Write(_town.Law.Current, institution).Span)!;
        Assert.Empty(schemas.Errors(JsonSchemas.OpenApi, document));
        var calendar = new SchoolCalendar(TimeProvider.System);
        var checkedAnswers = 0;
        foreach (var operation in InstitutionCatalogue.Operations(institution, calendar, 100))
        {
            if (document["paths"]![operation.Path]?["post"] is not { } post)
                continue;
            var (question, answer) = (SchemaOf(post["requestBody"]!), SchemaOf(post["responses"]!["200"]!));
            var isChunk = operation.AnswerType == "application/x-ndjson";
            foreach (var person in Persons)
            {
                var asked = Question(institution, person, (string)post["operationId"]!, isChunk, calendar);
                Assert.Empty(schemas.Errors(schemas.Of(document, question), asked));
                var said = Answer(operation, asked);
                Assert.Empty(schemas.Errors(schemas.Of(document, answer), said));
                var silent = said.DeepClone().AsObject();
                silent.Remove("subject");
                Assert.NotEmpty(schemas.Errors(schemas.Of(document, answer), silent));
                said["sourcesConsulted"] = new JsonArray(); // the gateway's to say
                Assert.NotEmpty(schemas.Errors(schemas.Of(document, answer), said));
                checkedAnswers++;
            }
        }

        Assert.True(checkedAnswers >= Persons.Length, "nothing was compared");
    }

    [Fact]
    public async Task The_gateway_s_answer_fits_the_caller_s_contract_and_not_with_the_echo()
    {
        using var schemas = JsonSchemas.Start();
        var reply = await _town.Send(
            "/catalogue/v1/operations",
            body: null,
            await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING"),
            _town.ClientAs("anss-eligibility"),
            method: HttpMethod.Get
        );
        var document = JsonNode.Parse(reply.Bytes)!;
        Assert.DoesNotContain("x-read-by", reply.Text, StringComparison.Ordinal);
        var schema = schemas.Of(document, SchemaOf(document["paths"]![Ask.Enrolments]!["post"]!["responses"]!["200"]!));
        var answer = JsonNode.Parse((await _town.Enrolment(Fixtures.PlainChild)).Bytes)!;
        Assert.Empty(schemas.Errors(schema, answer));
        answer["subject"] = new JsonObject { ["scheme"] = "sector-token", ["value"] = SectorToken.Of("education", Fixtures.PlainChild) };
        Assert.NotEmpty(schemas.Errors(schema, answer));

        // And what it asked fits the provider's.
        document = JsonNode.Parse(ProviderContract.Write(_town.Law.Current, "menps").Span)!;
        schema = schemas.Of(document, SchemaOf(document["paths"]!["/v1/school-enrolments/query"]!["post"]!["requestBody"]!));
        Assert.Empty(schemas.Errors(schema, JsonNode.Parse(_town["menps"].Received.All[^1].Body)!));
    }

    [Fact]
    public void The_echo_is_in_no_shape_and_can_be_released_by_nobody()
    {
        foreach (var operation in _town.Law.Current.Operations.Values)
            Assert.Null(operation.Answer?.Find("subject"));
    }

    private static string SchemaOf(JsonNode part) => (string)part["content"]!.AsObject().First().Value!["schema"]!["$ref"]!;

    private JsonObject Question(string institution, string person, string operation, bool isLine, SchoolCalendar calendar)
    {
        var known = _town.Law.Current.Operations[operation];
        var asked = new JsonObject();
        if (isLine)
            asked["reference"] = "b-1";
        asked["subject"] = new JsonObject
        {
            ["scheme"] = _town.Law.Current.Institutions[institution].Provider!.IdentifierScheme,
            ["value"] = SectorToken.Of(known.Sector, person),
        };
        if (known.Request!.Find("schoolYear") is not null)
            asked["schoolYear"] = calendar.Name;
        return asked;
    }

    private static JsonObject Answer(StandInOperation operation, JsonObject asked)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(200, operation.Answer(Encoding.UTF8.GetBytes(asked.ToJsonString()), BehaviorMode.Normal, output).Status);
        return JsonNode.Parse(Encoding.UTF8.GetString(output.WrittenSpan).TrimEnd('\n'))!.AsObject();
    }
}
