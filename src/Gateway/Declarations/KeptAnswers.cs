using System.IO.Compression;

namespace Gateway.Declarations;

/// <summary>Answers as they are kept for a week: most of a result line is the same in every line.</summary>
internal static class KeptAnswers
{
    /// <summary>Packs an answer.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> answer)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(answer);
        return packed.ToArray();
    }

    /// <summary>Unpacks an answer.</summary>
    public static ReadOnlyMemory<byte> Unpack(byte[] packed)
    {
        using var whole = new MemoryStream();
        using (var deflate = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress))
            deflate.CopyTo(whole);
        return whole.ToArray();
    }
}
