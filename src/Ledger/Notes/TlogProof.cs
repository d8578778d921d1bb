using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Ledger.Notes;

/// <summary>
/// An offline proof (C2SP tlog-proof): <c>c2sp.org/tlog-proof@v1</c>, <c>index n</c>, hash lines from the leaf's sibling upwards, an empty
/// line, and the checkpoint as published.
/// </summary>
/// <param name="Index">Position of the record.</param>
/// <param name="Path">Inclusion proof.</param>
/// <param name="Note">Signed checkpoint.</param>
public sealed record TlogProof(long Index, IReadOnlyList<TreeHash> Path, string Note)
{
    private const string FirstLine = "c2sp.org/tlog-proof@v1";
    private const int LongestPath = 63;

    /// <summary>The text of the file.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(FirstLine).Append('\n').Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (var hash in Path)
        {
            text.Append(hash.ToBase64()).Append('\n');
        }

        return text.Append('\n').Append(Note).ToString();
    }

    /// <summary>Reads a proof; nothing is verified yet. An <c>extra</c> line is allowed and ignored.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TlogProof? proof)
    {
        proof = null;
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = end < 0 ? [] : text[..end].Split('\n');
        if (lines.Length < 2 || lines[0] != FirstLine)
        {
            return false;
        }

        var next = 1;
        if (
            lines[next].StartsWith("extra ", StringComparison.Ordinal)
            && (!SignedNote.TryBase64(lines[next++][6..], out _) || next == lines.Length)
        )
        {
            return false;
        }

        if (
            !lines[next].StartsWith("index ", StringComparison.Ordinal)
            || !Checkpoint.TrySize(lines[next][6..], out var index)
            || lines.Length - next - 1 > LongestPath
        )
        {
            return false;
        }

        var path = new List<TreeHash>();
        foreach (var line in lines[(next + 1)..])
        {
            if (!TreeHash.TryFromBase64(line, out var hash))
            {
                return false;
            }

            path.Add(hash);
        }

        proof = new TlogProof(index, path, text[(end + 2)..]);
        return true;
    }

    /// <summary>
    /// Whether the leaf stands at <see cref="Index"/> of the tree that this (already verified) checkpoint of the proof states.
    /// </summary>
    public bool Proves(in TreeHash leaf, Checkpoint checkpoint) =>
        InclusionProof.Verify(leaf, Index, checkpoint.Size, Path, checkpoint.Root);
}
