using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Gateway.Authorization.Dossiers;

/// <summary>
/// Numbers of the pairs of agreement and quality. A pair keeps its number while the process runs; the log has numbers of its own.
/// </summary>
internal sealed class DossierClauses
{
    private readonly ConcurrentDictionary<(string Agreement, string Quality), int> _numbers = new();

    /// <summary>Number of a pair; 0 when nothing was ever declared under it.</summary>
    public int Find(string agreement, string quality) => _numbers.GetValueOrDefault((agreement, quality));

    /// <summary>Number of a pair, a new one when it has none. Called by the one writer.</summary>
    /// <exception cref="InvalidOperationException">There are more pairs than the register can tell apart.</exception>
    public int Of(string agreement, string quality)
    {
        if (_numbers.TryGetValue((agreement, quality), out var number))
            return number;
        if (_numbers.Count >= DossierTable.MostClauses)
            throw new InvalidOperationException("more pairs of agreement and quality than the register holds");
        return _numbers[(agreement, quality)] = _numbers.Count + 1;
    }

    /// <summary>All pairs, for the metrics.</summary>
    public ImmutableArray<(string Agreement, string Quality, int Number)> All() =>
        [.. _numbers.Select(static pair => (pair.Key.Agreement, pair.Key.Quality, pair.Value))];
}
