using System.Text.Json.Nodes;
using Gateway.Tests.Flow;
using Sandbox;
using Schemas;
using Xunit;
using YamlDotNet.Serialization;

namespace Gateway.Tests.Catalogue;

/// <summary>The catalogue's own contract (<c>contracts/catalogue/openapi.yaml</c>) is valid, and the answers are what it says.</summary>
[Collection(OneTown.Name)]
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
        foreach (var (path, schema) in new[] { ("caller", "Caller"), ("agreements", "Agreements"), ($"agreements/{reference}", "Agreement") })
        {
            var reply = await _town.Send("/catalogue/v1/" + path, body: null, await _town.TokenFor("anss-office-06181-01"), _town.ClientAs("anss-office-06181-01"), method: HttpMethod.Get);
            Assert.Empty(schemas.Errors(schemas.Of(contract, "#/components/schemas/" + schema), JsonNode.Parse(reply.Bytes)!));
        }

        Assert.Equal(["/catalogue/v1/caller", "/catalogue/v1/operations", "/catalogue/v1/agreements", "/catalogue/v1/agreements/{reference}"], contract["paths"]!.AsObject().Select(static path => path.Key).Where(static path => path != "/catalogue/v1/explanations"));
    }

    private static JsonNode Json(string yaml) => JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build()
        .Serialize(new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(yaml)))!;
}
