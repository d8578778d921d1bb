using Ledger;

namespace AuditIndex.Feeds;

/// <summary>
/// OCSF JSON Lines in a file that a collector tails. Opened anew for each delivery, so the file may be rotated away. A line that a crash
/// left torn is cut before anything is added.
/// </summary>
public sealed class JsonLinesFile(string path) : IFeedTarget
{
    private const int Block = 4096;

    /// <inheritdoc/>
    public async Task Deliver(IReadOnlyList<FeedEvent> events, CancellationToken cancel)
    {
        using var bytes = new MemoryStream();
        foreach (var one in events)
        {
            bytes.Write(one.Line.Span);
            bytes.WriteByte((byte)'\n');
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var isNew = !File.Exists(path);
        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var end = EndOfLines(file);
        RandomAccess.SetLength(file, end);
        await RandomAccess.WriteAsync(file, bytes.GetBuffer().AsMemory(0, (int)bytes.Length), end, cancel);
        Posix.Fdatasync(file);
        if (isNew)
        {
            using var descriptor = Posix.OpenDirectory(folder);
            Posix.Fsync(descriptor);
        }
    }

    /// <summary>Length up to and with the last newline.</summary>
    private static long EndOfLines(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        var buffer = new byte[Block];
        for (var end = RandomAccess.GetLength(file); end > 0;)
        {
            var first = Math.Max(0, end - Block);
            var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)(end - first)), first);
            if (buffer.AsSpan(0, read).LastIndexOf((byte)'\n') is >= 0 and var at)
            {
                return first + at + 1;
            }

            end = first;
        }

        return 0;
    }
}
