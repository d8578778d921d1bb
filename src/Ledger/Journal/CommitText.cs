using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Ledger.Notes;

namespace Ledger.Journal;

/// <summary>
/// Compares the note of a commit with the one that the writer would have written for the tree as recomputed, byte by byte: a journal may
/// hold a million of them, and parsing each would cost more than all else.
/// </summary>
internal sealed class CommitText(string origin)
{
    private const int LineBytes = 4 + Ed25519Key.SignatureBytes;
    private readonly byte[] _expected = new byte[2 * Encoding.UTF8.GetByteCount(origin) + 128];
    private readonly byte[] _middle = Encoding.UTF8.GetBytes($"\n\n— {origin} ");
    private readonly int _start = Encoding.UTF8.GetByteCount(origin) + 1;
    private readonly byte[] _signature = new byte[LineBytes];

    /// <summary>Key id and signature of the note read last.</summary>
    public ReadOnlySpan<byte> Signature => _signature;

    /// <summary>
    /// Whether the note is the checkpoint of this size and root with one signature line of this log. The signature is not verified.
    /// </summary>
    public bool Is(ReadOnlySpan<byte> note, long size, in TreeHash root)
    {
        var at = Encoding.UTF8.GetBytes(origin, _expected);
        _expected[at++] = (byte)'\n';
        size.TryFormat(_expected.AsSpan(_start), out var digits, provider: CultureInfo.InvariantCulture);
        at += digits;
        _expected[at++] = (byte)'\n';
        Base64.EncodeToUtf8(root.AsSpan(), _expected.AsSpan(at), out _, out var written);
        at += written;
        _middle.CopyTo(_expected.AsSpan(at));
        at += _middle.Length;
        return note.StartsWith(_expected.AsSpan(0, at)) && IsLine(note[at..]);
    }

    /// <summary>The base64 of a key id and a signature in its one spelling, and a newline.</summary>
    private bool IsLine(ReadOnlySpan<byte> line)
    {
        Span<byte> again = stackalloc byte[(LineBytes + 2) / 3 * 4];
        return line.Length == again.Length + 1
            && line[^1] == (byte)'\n'
            && Base64.DecodeFromUtf8(line[..^1], _signature, out _, out var read) == System.Buffers.OperationStatus.Done
            && read == LineBytes
            && Base64.EncodeToUtf8(_signature, again, out _, out _) == System.Buffers.OperationStatus.Done
            && line[..^1].SequenceEqual(again);
    }
}
