using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Ledger.Journal;

/// <summary>The 64 bytes at the start of a segment (ledger page §6), written together with its first group.</summary>
internal static class SegmentHeader
{
    public const int Bytes = 64;

    private static ReadOnlySpan<byte> Magic => "GWLEDGR1"u8;

    /// <summary>Writes the header of segment <paramref name="number"/>, before which the tree has <paramref name="size"/> leaves.</summary>
    public static void Write(Span<byte> header, int number, long size, string origin)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], number);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], size);
        SHA256.HashData(Encoding.UTF8.GetBytes(origin), header[24..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[56..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[60..], Frame.Crc32C(header[..60]));
    }

    /// <summary>The tree size that a header states; false when any other byte is not what this log would have written.</summary>
    public static bool TryReadSize(ReadOnlySpan<byte> header, int number, string origin, out long size)
    {
        size = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        Span<byte> expected = stackalloc byte[Bytes];
        Write(expected, number, size, origin);
        return size >= 0 && header[..Bytes].SequenceEqual(expected);
    }
}
