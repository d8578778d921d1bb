namespace Tokens.Revocation;

/// <summary>Reads a stream whose length nobody vouches for.</summary>
internal static class BoundedRead
{
    /// <exception cref="RevocationRefused">There is more than <paramref name="maxBytes"/>.</exception>
    internal static async Task<ReadOnlyMemory<byte>> All(Stream stream, int maxBytes, CancellationToken stopping)
    {
        var content = new MemoryStream();
        var chunk = new byte[64 * 1024];
        for (int read; (read = await stream.ReadAsync(chunk, stopping)) > 0;)
        {
            if (content.Length + read > maxBytes)
                throw new RevocationRefused("too-large", $"it is larger than {maxBytes} bytes");
            await content.WriteAsync(chunk.AsMemory(0, read), stopping);
        }
        return content.ToArray();
    }
}
