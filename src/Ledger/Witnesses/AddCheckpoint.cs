using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Ledger.Notes;

namespace Ledger.Witnesses;

/// <summary>
/// Body of <c>add-checkpoint</c> (C2SP tlog-witness v1.0.0): <c>old &lt;size&gt;</c>, the consistency proof, an empty line, the checkpoint.
/// </summary>
/// <param name="Old">Size that the witness is believed to have cosigned last.</param>
/// <param name="Proof">Consistency from <paramref name="Old"/> to the checkpoint.</param>
/// <param name="Note">The signed checkpoint.</param>
public sealed record AddCheckpoint(long Old, IReadOnlyList<TreeHash> Proof, string Note)
{
    /// <summary>Most hashes that a request may carry.</summary>
    public const int LongestProof = 63;

    /// <summary>The text that is posted.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"old {Old}\n"));
        foreach (var hash in Proof)
        {
            text.Append(hash.ToBase64()).Append('\n');
        }

        return text.Append('\n').Append(Note).ToString();
    }

    /// <summary>Reads a body; nothing is verified.</summary>
    public static bool TryParse(string body, [NotNullWhen(true)] out AddCheckpoint? request)
    {
        request = null;
        var end = body.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = end < 0 ? [] : body[..end].Split('\n');
        if (
            lines.Length is 0 or > LongestProof + 1
            || !lines[0].StartsWith("old ", StringComparison.Ordinal)
            || !Checkpoint.TrySize(lines[0][4..], out var old)
        )
        {
            return false;
        }

        var proof = new List<TreeHash>(lines.Length);
        foreach (var line in lines[1..])
        {
            if (!TreeHash.TryFromBase64(line, out var hash))
            {
                return false;
            }

            proof.Add(hash);
        }

        request = new AddCheckpoint(old, proof, body[(end + 2)..]);
        return true;
    }
}
