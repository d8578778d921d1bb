using System.Collections.Immutable;

namespace Tokens.Revocation;

/// <summary>
/// A file of lists. Read again when it, or the file that a link names, is another one than before, and every minute whatever its dates say.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="maxBytes">A larger one is refused.</param>
/// <param name="issuers">Certificates of the authority's set.</param>
/// <param name="time">Clock.</param>
internal sealed class RevocationFile(string path, int maxBytes, ImmutableArray<IssuerCertificate> issuers, TimeProvider time)
    : RevocationSource(path, issuers, time)
{
    private static readonly TimeSpan ReadEvery = TimeSpan.FromMinutes(1);
    private (string Target, DateTime Written, long Length)? _seen;
    private long _readAt;

    protected override void Forget() => _seen = null;

    protected override async Task<ReadOnlyMemory<byte>?> Changed(CancellationToken stopping)
    {
        try
        {
            var target = new FileInfo(File.ResolveLinkTarget(Name, returnFinalTarget: true)?.FullName ?? Name);
            if (!target.Exists)
                throw Missing();
            // A pipe or a device has no length either, and opening one could wait for ever.
            if (target.Length == 0)
                throw new RevocationRefused("empty", "it is empty, or no plain file");
            if (target.Length > maxBytes)
                throw new RevocationRefused("too-large", $"it is larger than {maxBytes} bytes");
            var seen = (target.FullName, target.LastWriteTimeUtc, target.Length);
            if (seen == _seen && Time.GetElapsedTime(_readAt) < ReadEvery)
                return null;
            await using var stream = target.OpenRead();
            var content = await BoundedRead.All(stream, maxBytes, stopping);
            (_seen, _readAt) = (seen, Time.GetTimestamp());
            return content;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or RevocationRefused)
        {
            _seen = null; // whatever comes in its place is read
            if (exception is FileNotFoundException or DirectoryNotFoundException)
                throw Missing();
            throw exception as RevocationRefused
                ?? new RevocationRefused("unreadable", $"it cannot be read ({exception.GetType().Name})", exception);
        }
    }

    private static RevocationRefused Missing() => new("missing", "it is not there");
}
