using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Minimization;

/// <summary>
/// What one pass over an answer needs, kept per thread so that a pass allocates nothing but its result. What it held is
/// overwritten when it is given back: it was a family's data.
/// </summary>
internal sealed class Scratch : IDisposable
{
    private const int LargestKept = 256 * 1024;

    [ThreadStatic]
    private static Scratch? _kept;

    private Scratch()
    {
        Buffer = new ArrayBufferWriter<byte>(1024);
        Json = new Utf8JsonWriter(Buffer, WriterOptions);
        Lazy = new LazyJson(Json);
    }

    /// <summary>Answers are JSON, never part of a page: accents and Arabic stay as they are.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 40 };

    public ArrayBufferWriter<byte> Buffer { get; }
    public Utf8JsonWriter Json { get; }
    public LazyJson Lazy { get; }
    public DuplicateNames Names { get; } = new();
    public char[] Text { get; } = new char[Agreements.Contracts.ShapeCheck.LongestText];

    /// <summary>An instant in UTC, as it leaves.</summary>
    public char[] Utc { get; } = new char[Instants.Longest];

    /// <summary>Takes this thread's scratch, empty.</summary>
    public static Scratch Take()
    {
        var scratch = _kept ?? new Scratch();
        _kept = null;
        return scratch;
    }

    /// <summary>What was written since the scratch was taken, as an array of its own.</summary>
    public byte[] ToArray()
    {
        Json.Flush();
        return Buffer.WrittenSpan.ToArray();
    }

    /// <summary>Empties the buffers and keeps them for the next pass of this thread.</summary>
    public void Dispose()
    {
        Buffer.Clear();
        Json.Reset(Buffer);
        Lazy.Reset();
        Names.Clear();
        Array.Clear(Text);
        Array.Clear(Utc);
        if (Buffer.Capacity <= LargestKept)
            _kept = this;
    }
}
