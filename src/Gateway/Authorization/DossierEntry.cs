using System.Text.Json.Serialization;

namespace Gateway.Authorization;

/// <summary>One line of the declaration file.</summary>
internal sealed record DossierEntry(
    [property: JsonRequired] string Agreement, [property: JsonRequired] string Quality, [property: JsonRequired] string Person,
    [property: JsonRequired] string Province, [property: JsonRequired] DateOnly From, DateOnly? To);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DossierEntry))]
internal sealed partial class DossierJson : JsonSerializerContext;
