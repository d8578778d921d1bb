using System.Text.Json.Serialization;

namespace Gateway.Authorization.Dossiers;

/// <summary>One line of the start file (see <see cref="DossierRegister.Seed"/>).</summary>
internal sealed record DossierEntry(
    [property: JsonRequired] string Agreement,
    [property: JsonRequired] string Quality,
    [property: JsonRequired] string Person,
    [property: JsonRequired] string Province,
    [property: JsonRequired] DateOnly From,
    DateOnly? To
);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false
)]
[JsonSerializable(typeof(DossierEntry))]
internal sealed partial class DossierJson : JsonSerializerContext;
