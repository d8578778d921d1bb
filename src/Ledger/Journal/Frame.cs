using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Ledger.Journal;

/// <summary>
/// One frame of the journal (ledger page §6), little-endian, 8-byte aligned: payload length, kind, three zeros, index or size, payload,
/// CRC-32C of all that, zeros up to a multiple of 8.
/// </summary>
internal static class Frame
{
    public const int HeadBytes = 16;
    public const int CrcBytes = 4;
    public const int MaxPayload = SealedRecord.MaxBytes;
    public const byte Record = 1;
    public const byte Commit = 2;

    /// <summary>Bytes that a frame takes.</summary>
    public static int Extent(int payload) => HeadBytes + payload + CrcBytes + 7 & ~7;

    /// <summary>Writes head, CRC and padding round a payload that already stands at offset 16. Returns the extent.</summary>
    public static int Close(Span<byte> frame, byte kind, long number, int payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], kind);
        BinaryPrimitives.WriteInt64LittleEndian(frame[8..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[(HeadBytes + payload)..], Crc32C(frame[..(HeadBytes + payload)]));
        var extent = Extent(payload);
        frame[(HeadBytes + payload + CrcBytes)..extent].Clear();
        return extent;
    }

    /// <summary>
    /// Reads the frame at the start of <paramref name="data"/>; false unless every byte of it is as written, padding included.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out FrameView frame)
    {
        frame = default;
        if (data.Length < HeadBytes + CrcBytes)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(data);
        var kind = BinaryPrimitives.ReadInt32LittleEndian(data[4..]);
        if (length is < 1 or > MaxPayload || kind is not (Record or Commit) || Extent(length) > data.Length)
        {
            return false;
        }

        var end = HeadBytes + length;
        if (
            Crc32C(data[..end]) != BinaryPrimitives.ReadUInt32LittleEndian(data[end..])
            || data[(end + CrcBytes)..Extent(length)].ContainsAnyExcept((byte)0)
        )
        {
            return false;
        }

        frame = View(data);
        return true;
    }

    /// <summary>The frame at the start of <paramref name="data"/>, which <see cref="TryRead"/> has found good.</summary>
    public static FrameView View(ReadOnlySpan<byte> data)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(data);
        return new FrameView(data[4], BinaryPrimitives.ReadInt64LittleEndian(data[8..]), data.Slice(HeadBytes, length), Extent(length));
    }

    /// <summary>CRC-32C: initial value and final complement all ones; <c>123456789</c> gives E3069283.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var value in bytes[(words.Length * 8)..])
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}

/// <summary>A frame as read.</summary>
internal readonly ref struct FrameView(byte kind, long number, ReadOnlySpan<byte> payload, int extent)
{
    public byte Kind { get; } = kind;

    /// <summary>A record's index, or the tree size after a commit's group.</summary>
    public long Number { get; } = number;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    public int Extent { get; } = extent;
}
