using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Ledger;

/// <summary>The small files of a log's folder (ledger page §5) and the descriptor through which their renames are synced.</summary>
internal sealed class LogFiles : IDisposable
{
    private readonly string _directory;
    private readonly string? _anchor;
    private readonly SafeFileHandle _folder;

    public LogFiles(LedgerOptions options)
    {
        (_directory, _anchor) = (options.Directory, options.AnchorFile);
        _folder = Posix.OpenDirectory(_directory);
    }

    /// <summary>One writer for each log (ledger page §10, N2): the file <c>lock</c>, held while it is open.</summary>
    /// <exception cref="LedgerUnavailable">Another process holds it.</exception>
    public static FileStream TakeLock(string directory)
    {
        try
        {
            return new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new LedgerUnavailable("another process owns the log", e);
        }
    }

    /// <summary>The note in <c>checkpoint</c>.</summary>
    public string? Checkpoint() => AtomicFile.Read(Name("checkpoint"));

    /// <summary>The note in the anchor, which lies on another volume.</summary>
    public string? Anchor() => _anchor is null ? null : AtomicFile.Read(_anchor);

    /// <summary>Size up to which tiles and bundles are on disk for certain; 0 without the file.</summary>
    public long Published() => Number("published") ?? 0;

    /// <summary>The size at the last clean stop, if that was the last thing that happened.</summary>
    public long? Clean() => Number("clean");

    public void WriteCheckpoint(string note) => AtomicFile.Replace(Name("checkpoint"), note, _folder);

    public void WriteAnchor(string note)
    {
        if (_anchor is not null)
        {
            var parent = Path.GetDirectoryName(Path.GetFullPath(_anchor))!;
            Directory.CreateDirectory(parent);
            using var anchorFolder = Posix.OpenDirectory(parent);
            AtomicFile.Replace(_anchor, note, anchorFolder);
        }
    }

    public void WritePublished(long size) => AtomicFile.Replace(Name("published"), Text(size), _folder);

    public void WriteClean(long size) => AtomicFile.Replace(Name("clean"), Text(size), _folder);

    /// <summary>Forgets the clean stop. Not synced: a stale one names a size that no longer fits.</summary>
    public void DropClean() => File.Delete(Name("clean"));

    /// <summary>Makes everything written so far durable, tiles included.</summary>
    public void SyncAll() => Posix.Syncfs(_folder);

    public void DeleteTemporaries()
    {
        foreach (var file in Directory.EnumerateFiles(_directory, "*.tmp"))
        {
            File.Delete(file);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static string Text(long size) => size.ToString(CultureInfo.InvariantCulture) + "\n";

    private string Name(string file) => Path.Combine(_directory, file);

    private long? Number(string file) =>
        AtomicFile.Read(Name(file)) is not { } text ? null
        : long.TryParse(text.AsSpan().TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size
        : throw new LedgerDamaged(file, "not a number");
}
