using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ledger.Notes;

/// <summary>One signature line of a note: <c>— name base64(key id ‖ signature)</c>.</summary>
/// <param name="Name">Name of the key that is said to have signed.</param>
/// <param name="Bytes">Key id (4 bytes) and signature.</param>
public sealed record NoteSignature(string Name, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The line, with its newline.</summary>
    public override string ToString() => $"— {Name} {Convert.ToBase64String(Bytes.Span)}\n";
}

/// <summary>
/// A C2SP signed note: text that ends in a newline, an empty line, signature lines. Parsed strictly, verified by <see cref="IsSignedBy"/>.
/// </summary>
public sealed class SignedNote
{
    private const int MaxSignatures = 100;

    private SignedNote(string text, IReadOnlyList<NoteSignature> signatures) => (Text, Signatures) = (text, signatures);

    /// <summary>What is signed, with its last newline.</summary>
    public string Text { get; }

    /// <summary>The signature lines, in order, of known and unknown keys alike.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Reads a note. Nothing is verified yet.</summary>
    public static bool TryParse(string note, [NotNullWhen(true)] out SignedNote? parsed)
    {
        parsed = null;
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        // A note that ends in the empty line has no signature line: nobody signed it.
        if (split < 1 || split + 2 >= note.Length || note[^1] != '\n' || HasControl(note))
        {
            return false;
        }

        var lines = note[(split + 2)..^1].Split('\n');
        if (lines.Length > MaxSignatures)
        {
            return false;
        }

        var signatures = new List<NoteSignature>();
        foreach (var line in lines)
        {
            var words = line.Split(' ');
            if (words.Length != 3 || words[0] != "—" || !IsKeyName(words[1]) || !TryBase64(words[2], out var bytes) || bytes.Length < 5)
            {
                return false;
            }

            signatures.Add(new NoteSignature(words[1], bytes));
        }

        parsed = new SignedNote(note[..(split + 1)], signatures);
        return true;
    }

    /// <summary>
    /// True when a line of this key is on the note and its signature is right. A wrong line of the key fails the whole note.
    /// </summary>
    public bool IsSignedBy(VerifierKey key)
    {
        var text = Encoding.UTF8.GetBytes(Text);
        var found = false;
        foreach (var signature in Signatures)
        {
            if (signature.Name == key.Name && System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(signature.Bytes.Span) == key.KeyId)
            {
                if (!key.VerifyLine(text, signature.Bytes.Span))
                {
                    return false;
                }

                found = true;
            }
        }

        return found;
    }

    /// <summary>A key name: not empty, no white space, no plus sign.</summary>
    internal static bool IsKeyName(string name) =>
        name.Length > 0 && !name.Any(static c => char.IsWhiteSpace(c) || c == '+' || char.IsControl(c));

    /// <summary>Standard base64 in its one canonical spelling.</summary>
    internal static bool TryBase64(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
        {
            return false;
        }

        bytes = bytes[..length];
        return Convert.ToBase64String(bytes) == text;
    }

    private static bool HasControl(string note) => note.Any(static c => c < ' ' && c != '\n');
}
