using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Explanations;
using Gateway.Tests.Explanations;
using Gateway.Tests.Flow;
using Gateway.Tests.Suspensions;
using Sandbox;
using Schemas;
using Xunit;
using YamlDotNet.Serialization;

namespace Gateway.Tests.Catalogue;

/// <summary>The catalogue's own contract (<c>contracts/catalogue/openapi.yaml</c>) is valid, and the answers are what it says.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class CatalogueContractTest(TownFixture fixture)
{
    private readonly Town _town = fixture.Town;

    [Fact]
    public async Task Every_answer_of_the_catalogue_is_what_its_contract_says()
    {
        using var schemas = JsonSchemas.Start();
        var contract = Json(await File.ReadAllTextAsync(Path.Combine(JsonSchemas.Contracts, "catalogue", "openapi.yaml")));
        Assert.Empty(schemas.Errors(JsonSchemas.OpenApi, contract));
        var reference = _town.Law.Current.Agreements["ANSS-MENPS-2026-01"].Reference;
        foreach (
            var (path, schema) in new[] { ("caller", "Caller"), ("agreements", "Agreements"), ($"agreements/{reference}", "Agreement") }
        )
        {
            var reply = await _town.Send(
                "/catalogue/v1/" + path,
                body: null,
                await _town.TokenFor("anss-office-06181-01"),
                _town.ClientAs("anss-office-06181-01"),
                method: HttpMethod.Get
            );
            Assert.Empty(schemas.Errors(schemas.Of(contract, "#/components/schemas/" + schema), JsonNode.Parse(reply.Bytes)!));
        }

        Assert.Equal(
            [
                "/catalogue/v1/caller",
                "/catalogue/v1/operations",
                "/catalogue/v1/agreements",
                "/catalogue/v1/agreements/{reference}",
                ExplanationEndpoint.Path,
                "/catalogue/v1/agreements/{agreement}/suspensions",
            ],
            contract["paths"]!.AsObject().Select(static path => path.Key)
        );
    }

    [Fact]
    public async Task Explanations_dry_runs_and_suspensions_are_what_the_same_contract_says()
    {
        using var schemas = JsonSchemas.Start();
        var contract = Json(await File.ReadAllTextAsync(Path.Combine(JsonSchemas.Contracts, "catalogue", "openapi.yaml")));
        var refused = new { exchangeId = (await _town.Enrolment("1234")).Receipt().ExchangeId };
        var rehearsal = new
        {
            agreement = "ANSS-MENPS-2026-01",
            purpose = "ASD_SCHOOLING",
            operation = "education.school-enrolment.read",
            fields = new[] { "enrolment.sector" },
        };
        Holds("OfRefusal", JsonSerializer.SerializeToNode(refused)!);
        Holds("Explained", JsonNode.Parse((await DryRunTest.Explain(_town, refused)).Bytes)!);
        Holds("DryRun", JsonSerializer.SerializeToNode(rehearsal)!);
        Holds("Rehearsed", JsonNode.Parse((await DryRunTest.Explain(_town, rehearsal)).Bytes)!);
        // Lifting what nobody suspended changes nothing for the tests beside this one.
        var statement = Statement.By(_town, "menps", "lift");
        Holds("SuspensionStatement", JsonNode.Parse(Base64Url.DecodeFromChars(statement.Split('.')[1]))!);
        var told = await SuspensionTest.Say(_town, statement);
        Assert.Equal(HttpStatusCode.OK, told.Status);
        Holds("SuspensionStanding", JsonNode.Parse(told.Bytes)!);

        void Holds(string schema, JsonNode answer) =>
            Assert.Empty(schemas.Errors(schemas.Of(contract, "#/components/schemas/" + schema), answer));
    }

    [Fact]
    public async Task No_word_of_the_contract_is_lost_to_an_unquoted_comma() =>
        Assert.Empty(Empty(Json(await File.ReadAllTextAsync(Path.Combine(JsonSchemas.Contracts, "catalogue", "openapi.yaml"))), ""));

    // In a flow mapping the words behind a comma become a key without a value.
    private static IEnumerable<string> Empty(JsonNode? node, string at) =>
        node switch
        {
            null => [at],
            JsonObject map => map.SelectMany(member => Empty(member.Value, $"{at}/{member.Key}")),
            JsonArray list => list.SelectMany((item, index) => Empty(item, $"{at}/{index}")),
            _ => [],
        };

    private static JsonNode Json(string yaml) =>
        JsonNode.Parse(
            new SerializerBuilder()
                .JsonCompatible()
                .Build()
                .Serialize(new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(yaml))
        )!;
}
