using System.Net;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Forwarding;

/// <summary>An empty Bundle of a health server is a negative only when it is the whole answer to the question.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class BundlesOnTheWireTests : IAsyncLifetime
{
    private static readonly string Person = $"urn:anss:id:health|{SectorToken.Of("health", Fixtures.UnknownChild)}";
    private Town _town = null!;
    private RawInstitution _msps = null!;

    public async ValueTask InitializeAsync() => (_town, _msps) = await RawInstitution.StartAsync("msps");

    public async ValueTask DisposeAsync()
    {
        await _msps.DisposeAsync();
        await _town.EndAsync();
    }

    [Fact]
    public async Task Only_an_empty_Bundle_that_is_known_to_be_whole_says_that_nobody_is_known()
    {
        const string Search = "https://h.example/fhir/ImmunizationRecommendation";
        Assert.Equal("NOT_FOUND", await Said(Self($"{Search}/_search")));
        Assert.Equal("NOT_FOUND", await Said(Self($"{Search}?patient:identifier={Person}&_count=50")));
        Assert.Equal("UNAVAILABLE", await Said(Self($"{Search}?_count=50")));
        Assert.Equal("UNAVAILABLE", await Said(Self("https://h.example/fhir/Immunization/_search")));
        Assert.Equal("UNAVAILABLE", await Said(Self($"{Search}?patient=Patient/p-1")));
        Assert.Equal("UNAVAILABLE", await Said(Self(Search, "prior")));
        Assert.Equal("UNAVAILABLE", await Said(""","issues":{"issue":[{"severity":"warning","code":"too-long"}]}"""));
        var other = await Ask(Self($"{Search}?patient:identifier={Person[..^1]}A"));
        Assert.Equal((HttpStatusCode.BadGateway, "provider-wrong-subject"), (other.Status, other.Code));
        // After the last one, its connection is not used again; after all others it was.
        Assert.Equal("NOT_FOUND", await Said(Self(Search)));
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 2], _msps.Calls.Select(static call => call.Connection));
    }

    [Theory]
    [InlineData("Content-Range: items 0-0/3", "provider-invalid-answer")]
    [InlineData("Age: 3600", "provider-invalid-answer")]
    [InlineData("Age: old", "provider-invalid-answer")]
    [InlineData("Age: 0", null)]
    public async Task A_part_of_an_answer_and_one_that_a_cache_had_kept_are_none(string header, string? code)
    {
        _msps.Behaves = async call =>
        {
            await call.AnswerAsync(headers: $"{header}\r\n");
            return true;
        };
        Assert.Equal(code, (await _town.Immunization(Fixtures.Infant)).Code);
    }

    private static string Self(string url, string relation = "self") => $$""","link":[{"relation":"{{relation}}","url":"{{url}}"}]""";

    private async Task<string?> Said(string members)
    {
        var reply = await Ask(members);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        return reply.Json.GetProperty("meta").GetProperty("tag")[0].GetProperty("code").GetString();
    }

    private Task<Reply> Ask(string members)
    {
        _msps.Behaves = async call =>
        {
            await call.AnswerAsync($$"""{"resourceType":"Bundle","type":"searchset","total":0{{members}}}""");
            return true;
        };
        return _town.Immunization(Fixtures.UnknownChild);
    }
}
