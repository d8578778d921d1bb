using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Ledger.Notes;

/// <summary>The three lines of a C2SP tlog-checkpoint: origin, size in decimal, root in base64. No extension lines are written.</summary>
public sealed record Checkpoint(string Origin, long Size, TreeHash Root)
{
    /// <summary>The signed bytes.</summary>
    public static byte[] Body(string origin, long size, in TreeHash root) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{origin}\n{size}\n{root.ToBase64()}\n"));

    /// <summary>Reads the body of a note. Extension lines are allowed and ignored, as the specification demands of readers.</summary>
    public static bool TryParse(string body, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        var lines = body.Split('\n');
        if (
            lines.Length < 4
            || lines[^1].Length != 0
            || lines[0].Length == 0
            || !TrySize(lines[1], out var size)
            || !TreeHash.TryFromBase64(lines[2], out var root)
            || lines[3..^1].Any(static line => line.Length == 0)
        )
        {
            return false;
        }

        checkpoint = new Checkpoint(lines[0], size, root);
        return true;
    }

    /// <summary>Opens a signed checkpoint: the note is well-formed, is of this log, and carries the log's right signature.</summary>
    public static bool TryOpen(string note, VerifierKey key, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        return SignedNote.TryParse(note, out var signed)
            && signed.IsSignedBy(key)
            && TryParse(signed.Text, out checkpoint)
            && checkpoint.Origin == key.Name;
    }

    /// <summary>A decimal number in its one spelling.</summary>
    internal static bool TrySize(string text, out long size) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) && (text == "0" || text[0] != '0');
}
