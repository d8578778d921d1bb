namespace Agreements.Loading;

/// <summary>
/// Digests of files that were read before, so that ten thousand agreements are not read again because one changed. A file is the same while
/// length, time of change and time of birth are; one that changed less than two seconds before it was read is read again, because its next
/// change may carry the same time. Every minute all are read again: whoever sets times back gains a minute.
/// </summary>
internal sealed class FileMemory(TimeProvider time)
{
    private static readonly TimeSpan Unsettled = TimeSpan.FromSeconds(2),
        Longest = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (FileStamp Stamp, byte[] Sha256)> _known = new(StringComparer.Ordinal);
    private long _began = time.GetTimestamp();

    /// <summary>The file as it was, when it still is; null when it must be read.</summary>
    public ContractFile? Find(string name, string path) =>
        _known.TryGetValue(name, out var known) && known.Stamp == StampOf(path) ? new ContractFile(null, known.Sha256) : null;

    /// <summary>Remembers a file by the stamp that it had before it was read.</summary>
    public void Add(string name, FileStamp stamp, byte[] sha256)
    {
        // The machine's clock, as the file system's: the one of tests may stand still, times of files do not.
        if (TimeProvider.System.GetUtcNow().UtcDateTime - stamp.Changed > Unsettled)
            _known[name] = (stamp, sha256);
        else
            _known.Remove(name);
    }

    /// <summary>Forgets files that are gone, and everything once a minute.</summary>
    public void Keep(ICollection<string> names)
    {
        if (time.GetElapsedTime(_began) > Longest)
        {
            _known.Clear();
            _began = time.GetTimestamp();
        }
        else if (_known.Count > names.Count)
        {
            foreach (var gone in _known.Keys.Except(names, StringComparer.Ordinal).ToList())
                _known.Remove(gone);
        }
    }

    public static FileStamp StampOf(string path)
    {
        var file = new FileInfo(path);
        return new FileStamp(file.Length, file.LastWriteTimeUtc, file.CreationTimeUtc);
    }
}

/// <summary>What tells a changed file from the one that was read.</summary>
internal readonly record struct FileStamp(long Length, DateTime Changed, DateTime Born);
