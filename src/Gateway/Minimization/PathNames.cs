using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Numerics;

namespace Gateway.Minimization;

/// <summary>
/// Names of the leaves of one contract, at most 64, so that a set of them is one number. Names of a record come from here and
/// never from the wire: a name chosen by a provider is free text (exchanges page, section 1.8).
/// </summary>
/// <param name="names">Dotted paths in the order of the contract.</param>
public sealed class PathNames(ImmutableArray<string> names)
{
    // Few combinations ever occur; past this many the list is made afresh.
    private const int MostKept = 512;

    private readonly ConcurrentDictionary<ulong, ImmutableArray<string>> _lists = new();

    /// <summary>Most leaves in one contract.</summary>
    public const int Most = 64;

    /// <summary>All names.</summary>
    public ImmutableArray<string> All { get; } = names;

    /// <summary>The set of all leaves that a path covers: itself, or every leaf beneath it; 0 for a path that does not exist.</summary>
    public ulong Find(string path)
    {
        var set = 0UL;
        for (var i = 0; i < All.Length; i++)
        {
            var name = All[i];
            if (name.StartsWith(path, StringComparison.Ordinal) && (name.Length == path.Length || name[path.Length] == '.'))
                set |= 1UL << i;
        }

        return set;
    }

    /// <summary>The names of a set.</summary>
    public ImmutableArray<string> Of(ulong set)
    {
        if (_lists.TryGetValue(set, out var known))
            return known;
        var chosen = ImmutableArray.CreateBuilder<string>(BitOperations.PopCount(set));
        for (var rest = set; rest != 0; rest &= rest - 1)
            chosen.Add(All[BitOperations.TrailingZeroCount(rest)]);
        var list = chosen.MoveToImmutable();
        if (_lists.Count < MostKept)
            _lists.TryAdd(set, list);
        return list;
    }
}
