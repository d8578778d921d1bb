using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Schemas;

namespace Agreements.Tests.Schema;

/// <summary>
/// The published schemas and the loader say the same: editors complete what the loader reads, and refuse nothing that it takes.
/// </summary>
public sealed partial class SchemaTest
{
    private const string Agreement = "agreements/ANSS-MENPS-2026-01.yaml",
        Health = "agreements/ANSS-SANTE-2026-01.yaml",
        Provider = "institutions/menps.yaml",
        Agency = "institutions/anss.yaml";

    // Members that no committed file has, so that every mapping of the format occurs once.
    private static readonly (string File, string What, string With)[] Whole =
    [
        (
            Agreement,
            "    answer: { maxBytes: 16384, deadline: PT8S }\n",
            "    answer: { maxBytes: 16384, deadline: PT8S }\n    hours: [ { days: [monday], from: \"08:00\", to: \"18:00\" } ]\n    batch: { maxLines: 10 }\n    contest: { window: P1M, reviewDue: P15D }\n    forward: [case-reference]\n"
        ),
        (
            Provider,
            "provider:\n",
            "provider:\n  windows: [ { from: \"20:00\", to: \"06:00\" } ]\n  maintenance: [ { days: [sunday], from: \"02:00\", to: \"04:00\" } ]\n  paths: { education.school-enrolment.read: /v1/other }\n  fhir: { base: \"https://localhost:1/fhir\", personSystem: \"urn:x\", types: [Coverage], payor: { system: \"urn:x\", value: x } }\n"
        ),
        (
            Provider,
            "clients:\n",
            "issuer: { url: \"https://issuer.example\", audiences: [\"https://gateway.example\"], clients: { theirs: menps-school-support }, trust: theirs }\nclients:\n"
        ),
        (Agency, "    limits:", "    keys: [ { kid: x, from: 2026-01-01, until: 2026-12-31 } ]\n    limits:"),
    ];

    [Theory]
    [InlineData("agreement")]
    [InlineData("institution")]
    public void Every_committed_file_is_valid_and_names_its_schema(string kind)
    {
        using var schemas = JsonSchemas.Start();
        foreach (var path in Directory.EnumerateFiles(Path.Combine(TheContracts.Committed, kind + "s"), "*.yaml"))
        {
            var text = File.ReadAllText(path);
            Assert.StartsWith($"# yaml-language-server: $schema=../schema/{kind}.schema.json\n", text, StringComparison.Ordinal);
            Assert.Empty(
                schemas.Errors(JsonSchemas.Published(kind), YamlAsJson.Read(text)).Select(error => $"{Path.GetFileName(path)} {error}")
            );
        }
    }

    [Theory]
    [InlineData("agreement")]
    [InlineData("institution")]
    public void The_schemas_know_the_members_that_the_loader_knows_and_no_others(string kind)
    {
        using var contracts = new TheContracts(signed: true);
        foreach (var (file, what, with) in Whole)
            contracts.Edit(file, what, with);
        var known = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var file in (string[])(kind == "agreement" ? [Agreement, Health] : [Provider, Agency]))
            Collect(contracts, file, known);
        using var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(TheContracts.Committed, "schema", $"{kind}.schema.json")));
        var published = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        Publish(schema.RootElement, "", published);
        Assert.Equal(published.Keys, known.Keys);
        Assert.All(published, pair => Assert.Equal(pair.Value, known[pair.Key]));
    }

    [Theory]
    [InlineData("agreement", Agreement)]
    [InlineData("agreement", Health)]
    [InlineData("institution", Provider)]
    [InlineData("institution", Agency)]
    public void What_the_schema_refuses_the_loader_refuses(string kind, string file)
    {
        using var schemas = JsonSchemas.Start();
        using var contracts = new TheContracts(signed: false);
        var refused = 0;
        var whole = YamlAsJson.Read(contracts.Read(file));
        var mutations = from place in Gen.Choose(0, 100_000) from change in Gen.Choose(0, 7) select (place, change);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(120), Prop.ForAll(mutations.ToArbitrary(), mutation =>
            {
                var changed = whole.DeepClone();
                Mutate(changed, mutation.place, mutation.change);
                if (schemas.Errors(JsonSchemas.Published(kind), changed).Count == 0)
                    return true;
                refused++;
                contracts.Write(file, YamlAsJson.Write(changed));
                return contracts.Load().Registry is null;
            }));
        Assert.True(refused > 25, $"only {refused} of the changed documents broke the schema");
    }

    [Theory]
    [InlineData("agreement", ".fr")]
    [InlineData("agreement", ".ar")]
    [InlineData("institution", ".fr")]
    [InlineData("institution", ".ar")]
    public void Every_language_has_the_same_rules_and_explains_every_member(string kind, string language)
    {
        var english = Schema(kind, "");
        var other = Schema(kind, language);
        var (words, others) = (new List<string>(), new List<string>());
        Assert.Equal(Bare(english, words).ToJsonString(), Bare(other, others).ToJsonString());
        Assert.Equal(words.Count, others.Count);
        Assert.True(words.Count > 60);
        Assert.True(words.Zip(others).Count(static pair => pair.First == pair.Second) < 10, "the texts are the English ones");
        Assert.Empty(Unexplained(english, ""));
        if (language == ".ar")
            Assert.All(others, static text => Assert.Equal(Isolated(text), text));
    }

    // An editor shows the text as it stands, so what is written from left to right is isolated in the file.
    private static string Isolated(string text) => Wording.Isolation.OfRuns(string.Concat(text.Split('\u2066', '\u2069')), "ar");

    private static JsonNode Schema(string kind, string language) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(TheContracts.Committed, "schema", $"{kind}.schema{language}.json")))!;

    private static IEnumerable<string> Unexplained(JsonNode schema, string at)
    {
        if (schema is not JsonObject node)
            yield break;
        if (node["properties"] is JsonObject properties)
            foreach (var (name, member) in properties)
            {
                if (member!["description"] is null)
                    yield return $"{at}/{name}";
                foreach (var inner in Unexplained(member, $"{at}/{name}"))
                    yield return inner;
            }
        if (node["items"] is { } items)
            foreach (var inner in Unexplained(items, at + "/[]"))
                yield return inner;
        if (node["anyOf"] is JsonArray any)
            foreach (var one in any)
                foreach (var inner in Unexplained(one!, at))
                    yield return inner;
    }

    private static JsonNode Bare(JsonNode node, List<string> words)
    {
        if (node is JsonArray list)
            return new JsonArray([.. list.Select(item => Bare(item!, words))]);
        if (node is not JsonObject map)
            return node.DeepClone();
        var bare = new JsonObject();
        foreach (var (name, value) in map)
        {
            if (name is "description" or "title" && value is JsonValue text)
                words.Add(text.GetValue<string>());
            else if (name != "$id")
                bare[name] = Bare(value!, words);
        }

        return bare;
    }

    // The loader says which keys it knows when it meets one that it does not.
    private static void Collect(TheContracts contracts, string file, SortedDictionary<string, SortedSet<string>> known)
    {
        var whole = YamlAsJson.Read(contracts.Read(file));
        foreach (var (path, kind) in Mappings(whole, [], "").ToList())
        {
            var changed = whole.DeepClone();
            var at = changed;
            foreach (var step in path)
                at = step is int index ? at![index] : at![(string)step];
            ((JsonObject)at!).Insert(0, "zzz", JsonValue.Create("x"));
            contracts.Write(file, YamlAsJson.Write(changed));
            var remedies = contracts.Load().Errors.Where(error => error.What == "unknown key 'zzz'").Select(error => error.Remedy);
            foreach (var remedy in remedies)
            {
                var names = Names().Match(remedy).Groups["names"].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries);
                if (!known.TryGetValue(kind, out var set))
                    known[kind] = set = new(StringComparer.Ordinal);
                set.UnionWith(names);
            }
        }

        contracts.Write(file, YamlAsJson.Write(whole));
    }

    private static IEnumerable<(object[] Path, string Kind)> Mappings(JsonNode? node, object[] path, string kind)
    {
        if (node is JsonObject map)
        {
            yield return (path, kind);
            foreach (var (name, value) in map)
                foreach (var inner in Mappings(value, [.. path, name], $"{kind}/{name}"))
                    yield return inner;
        }
        else if (node is JsonArray list)
            for (var i = 0; i < list.Count; i++)
                foreach (var inner in Mappings(list[i], [.. path, i], kind + "/[]"))
                    yield return inner;
    }

    private static void Publish(JsonElement schema, string kind, SortedDictionary<string, SortedSet<string>> published)
    {
        if (schema.TryGetProperty("properties", out var properties))
        {
            published[kind.Replace("/certificate/[]", "/certificate", StringComparison.Ordinal)] = new(
                properties.EnumerateObject().Select(static member => member.Name),
                StringComparer.Ordinal
            );
            foreach (var member in properties.EnumerateObject())
                Publish(member.Value, $"{kind}/{member.Name}", published);
        }

        if (schema.TryGetProperty("items", out var items))
            Publish(items, kind + "/[]", published);
        if (schema.TryGetProperty("anyOf", out var any))
            foreach (var one in any.EnumerateArray())
                Publish(one, kind, published);
    }

    private static void Mutate(JsonNode root, int place, int change)
    {
        var places = Mappings(root, [], "").ToList();
        var (path, _) = places[place % places.Count];
        var map = (JsonObject)path.Aggregate(root, static (node, step) => step is int index ? node[index]! : node[(string)step]!);
        var name = map.ElementAt(place / places.Count % map.Count).Key;
        switch (change)
        {
            case 0:
                map.Remove(name);
                break;
            case 1:
                map["x-unknown"] = 1;
                break;
            case 2:
                map[name] = "no such value";
                break;
            case 3:
                map[name] = -1;
                break;
            case 4:
                map[name] = new JsonArray();
                break;
            case 5:
                map[name] = new JsonObject();
                break;
            case 6:
                map[name] = true;
                break;
            default:
                map[name] = map[name] is JsonArray { Count: > 0 } list
                    ? new JsonArray(list[0]!.DeepClone(), list[0]!.DeepClone())
                    : 99_999_999_999;
                break;
        }
    }

    [GeneratedRegex("use one of: (?<names>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Names();
}
