using System.Collections.Immutable;
using System.Text;
using Agreements.Loading.Conventions;

namespace Agreements.Loading;

/// <summary>
/// Agreements that were read before, with what was wrong with them: read again only when the file, the contracts, the reference data or an
/// institution that they name has changed in what agreements look at. Rules over all files run at every load.
/// </summary>
internal sealed class AgreementMemory
{
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>The agreement of this file as it was read before; null when it must be read.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="sha256">Its digest now.</param>
    /// <param name="surroundings">What it rests on now.</param>
    /// <param name="report">Takes what rules over all files will say.</param>
    /// <param name="errors">Takes what was wrong with it.</param>
    public AgreementEntry? Find(string path, string sha256, Surroundings surroundings, FileReport report, List<LoadError> errors)
    {
        if (!_known.TryGetValue(path, out var known) || known.Sha256 != sha256 || known.Surroundings != surroundings.Of(known.Names))
            return null;
        errors.AddRange(known.Errors);
        return known.Entry with { Report = report };
    }

    /// <summary>Remembers an agreement that was just read.</summary>
    public void Add(string path, string sha256, Surroundings surroundings, AgreementEntry entry, ImmutableArray<LoadError> own)
    {
        ImmutableArray<string> names =
        [
            .. entry
                .Agreement.Parties.Concat(
                    entry.Agreement.Grants.SelectMany(static grant =>
                        grant.Sources.Select(static source => source.Institution).Append(grant.Consumer).Append(grant.Provider)
                    )
                )
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
        _known[path] = new Known(sha256, names, surroundings.Of(names), entry, own);
    }

    /// <summary>Forgets files that are gone.</summary>
    public void Keep(IReadOnlySet<string> paths)
    {
        if (_known.Count <= paths.Count)
            return;
        foreach (var gone in _known.Keys.Where(path => !paths.Contains(path)).ToList())
            _known.Remove(gone);
    }

    private sealed record Known(
        string Sha256,
        ImmutableArray<string> Names,
        string Surroundings,
        AgreementEntry Entry,
        ImmutableArray<LoadError> Errors
    );
}

/// <summary>What an agreement's meaning rests on beside its own file.</summary>
internal sealed class Surroundings(LoadContext context, string contracts)
{
    private readonly Dictionary<string, string> _bearings = new(StringComparer.Ordinal);

    /// <summary>A text that changes with everything that agreements naming these institutions look at.</summary>
    public string Of(ImmutableArray<string> institutions)
    {
        var text = new StringBuilder(contracts);
        foreach (var institution in institutions)
            text.Append('\n').Append(Bearing(institution));
        return text.ToString();
    }

    // What the rules for grants, operations, sources and signatures read of an institution. Its clients' keys, limits, names and status do
    // not bear on agreements: turning a key or suspending a system reads none of them again.
    private string Bearing(string id)
    {
        if (_bearings.TryGetValue(id, out var known))
            return known;
        if (!context.Institutions.TryGetValue(id, out var one))
            return _bearings[id] = context.InstitutionFiles.Contains(id) ? id + " broken" : id + " absent";
        return _bearings[id] = string.Join(
            ' ',
            id,
            one.Class,
            one.Sector,
            string.Join(',', one.Roles),
            string.Join(',', one.Clients.Select(static client => $"{client.Id}/{client.Office}")),
            one.Provider?.Bulk,
            one.Provider?.IdentifierScheme,
            string.Join(',', one.Provider?.Sources.Select(static source => source.Code) ?? []),
            string.Join(',', one.Provider?.Fhir?.Types ?? []),
            string.Join(
                ',',
                one.SigningKeys.OrderBy(static key => key.Key, StringComparer.Ordinal).Select(static key => key.Key + key.Value)
            ),
            string.Join(
                ',',
                one.SigningTerms.OrderBy(static term => term.Key, StringComparer.Ordinal)
                    .Select(static term => $"{term.Key} {term.Value.From.DayNumber} {term.Value.Until.DayNumber}")
            )
        );
    }
}
