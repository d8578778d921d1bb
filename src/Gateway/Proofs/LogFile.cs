namespace Gateway.Proofs;

/// <summary>A file of the log as it is let out.</summary>
/// <param name="Body">Its bytes.</param>
/// <param name="ContentType">Media type.</param>
/// <param name="Caching">Value of <c>Cache-Control</c>.</param>
internal sealed record LogFile(ReadOnlyMemory<byte> Body, string ContentType, string Caching)
{
    /// <summary>Lines of text that are true of the newest checkpoint only.</summary>
    public static LogFile Fresh(string text) => new(System.Text.Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8", "max-age=1");

    /// <summary>Bytes that never change under their name.</summary>
    public static LogFile Immutable(ReadOnlyMemory<byte> bytes) =>
        new(bytes, "application/octet-stream", "public, max-age=31536000, immutable");
}

/// <summary>A record, its proof, or where it is found: what a party of the exchange is given.</summary>
/// <param name="Body">Exact bytes; empty when <see cref="Location"/> says where they are.</param>
/// <param name="ContentType">Media type.</param>
internal sealed record Evidence(ReadOnlyMemory<byte> Body, string ContentType)
{
    /// <summary>Leaf hash of the record.</summary>
    public string? Tag { get; init; }

    /// <summary>Path of the record, when it was asked for by exchange id.</summary>
    public string? Location { get; init; }

    /// <summary>Id of the record that was read.</summary>
    public string? About { get; init; }
}
