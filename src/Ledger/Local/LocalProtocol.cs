using System.Buffers.Binary;
using System.Text;
using Ledger.Notes;

namespace Ledger.Local;

/// <summary>
/// The messages on <c>ledger.sock</c>, big-endian. Request: u32 length, then records in bundle format (u16 length, bytes). Answer: u32
/// length, status, and when sealed: first index u64, size u64, root, signed checkpoint. Answers come in the order of the requests.
/// </summary>
internal static class LocalProtocol
{
    public const byte Sealed = 0;
    public const byte Unavailable = 1;
    public const byte Refused = 2;

    /// <summary>Longest message: one append of the largest size.</summary>
    public const int Longest = LedgerWriter.LargestAppend * (SealedRecord.MaxBytes + 2);

    private const int Head = sizeof(int) + 1 + sizeof(long) + sizeof(long) + TreeHash.Length;

    public static byte[] Request(IReadOnlyList<SealedRecord> records)
    {
        var message = new byte[sizeof(int) + records.Sum(static record => 2 + record.Text.Length)];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length - sizeof(int));
        var at = sizeof(int);
        foreach (var record in records)
        {
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at), (ushort)record.Text.Length);
            record.Text.CopyTo(message.AsMemory(at + 2));
            at += 2 + record.Text.Length;
        }

        return message;
    }

    /// <summary>The records of a request; false when malformed, or more or longer than may be appended at once.</summary>
    public static bool TryRecords(ReadOnlyMemory<byte> request, out List<SealedRecord> records)
    {
        records = [];
        while (!request.IsEmpty)
        {
            var size = request.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(request.Span);
            if (size is 0 or > SealedRecord.MaxBytes || request.Length < 2 + size || records.Count == LedgerWriter.LargestAppend)
            {
                return false;
            }

            records.Add(SealedRecord.Of(request.Slice(2, size)));
            request = request[(2 + size)..];
        }

        return records.Count > 0;
    }

    public static byte[] Answer(byte status) => [0, 0, 0, 1, status];

    public static byte[] Answer(Receipt first)
    {
        var note = Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(Checkpoint.Body(first.Origin, first.Size, first.Root))
                + "\n"
                + new NoteSignature(first.Origin, first.Signature)
        );
        var message = new byte[Head + note.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length - sizeof(int));
        message[4] = Sealed;
        BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(5), first.Index);
        BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(13), first.Size);
        first.Root.CopyTo(message.AsSpan(21));
        note.CopyTo(message, Head);
        return message;
    }

    /// <summary>
    /// The head and first index of an answer (without its length); false unless it is this log's and says one thing throughout.
    /// </summary>
    public static bool TryHead(ReadOnlySpan<byte> answer, VerifierKey key, out SignedHead? head, out long first)
    {
        (head, first) = (null, 0);
        if (
            answer.Length <= Head - sizeof(int)
            || answer[0] != Sealed
            || !SignedNote.TryParse(Encoding.UTF8.GetString(answer[(Head - sizeof(int))..]), out var note)
            || !note.IsSignedBy(key)
            || !Checkpoint.TryParse(note.Text, out var checkpoint)
            || checkpoint.Origin != key.Name
            || checkpoint.Size != BinaryPrimitives.ReadInt64BigEndian(answer[9..])
            || checkpoint.Root != new TreeHash(answer.Slice(17, TreeHash.Length))
        )
        {
            return false;
        }

        first = BinaryPrimitives.ReadInt64BigEndian(answer[1..]);
        head = new SignedHead(checkpoint.Origin, checkpoint.Size, checkpoint.Root, note.Signatures[0].Bytes);
        return first >= 0 && first < checkpoint.Size;
    }

    /// <summary>Reads one message, without its length; null at the end of the connection.</summary>
    /// <exception cref="InvalidDataException">Longer than <paramref name="longest"/>.</exception>
    public static async Task<byte[]?> Read(Stream stream, int longest, CancellationToken cancel)
    {
        var length = new byte[sizeof(int)];
        if (await stream.ReadAtLeastAsync(length, length.Length, throwOnEndOfStream: false, cancel) < length.Length)
        {
            return null;
        }

        var size = BinaryPrimitives.ReadInt32BigEndian(length);
        if (size < 1 || size > longest)
        {
            throw new InvalidDataException("A message on the ledger's socket is too long.");
        }

        var message = new byte[size];
        await stream.ReadExactlyAsync(message, cancel);
        return message;
    }
}
