namespace Gateway.Authorization.Dossiers;

/// <summary>A dossier on a day: the relation between an institution and a person that opens the gate.</summary>
/// <param name="Province">Province, for example <c>06.181.</c>.</param>
/// <param name="From">First civil day in that province.</param>
/// <param name="To">Last civil day in that province; null while it is open.</param>
internal readonly record struct Dossier(string Province, DateOnly From, DateOnly? To);
