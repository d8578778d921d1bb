namespace Gateway.Authorization.Dossiers;

/// <summary>
/// Consecutive days of one dossier in one province. A dossier that moved is several of them, each the next of the one before.
/// </summary>
/// <param name="From">First day.</param>
/// <param name="To">Last day; <see cref="DossierDay.Open"/> for none.</param>
/// <param name="Province">Province.</param>
/// <param name="Continues">It goes on with the dossier of the period before it, rather than beginning one.</param>
/// <param name="Declared">Place in the log of the declaration that made it; 0 for one from the start file.</param>
internal readonly record struct Period(ushort From, ushort To, ushort Province, bool Continues, uint Declared);
