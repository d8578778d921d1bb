using Gateway.Minimization;

namespace Gateway.Batches;

/// <summary>What the lines of a chunk came to: how many of each outcome, and which fields left with them.</summary>
internal sealed class ChunkOutcomes
{
    private readonly int[] _counts = new int[LineOutcome.All.Length];

    /// <summary>Declared paths that some line carries.</summary>
    public HashSet<string> Released { get; } = new(StringComparer.Ordinal);

    /// <summary>Lines of each outcome, in the order of <see cref="LineOutcome.All"/>.</summary>
    public IReadOnlyList<int> Counts => _counts;

    /// <summary>A line that sources have spoken about.</summary>
    public void Add(Disclosure disclosure)
    {
        Released.UnionWith(disclosure.ReleasedPaths);
        Count(LineOutcome.Of(disclosure.MatchStatus));
    }

    /// <summary>A line that was refused, or that nobody answered.</summary>
    public void Add(Refusal refusal) => Count(LineOutcome.Of(refusal));

    private void Count(string outcome) => _counts[LineOutcome.All.IndexOf(outcome)]++;
}
