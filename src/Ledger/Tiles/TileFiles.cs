using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;

namespace Ledger.Tiles;

/// <summary>
/// Writes and reads the files under <c>tile/</c>. Full tiles and bundles are never replaced by other bytes. Safe for several threads, each
/// at files of its own.
/// </summary>
/// <param name="logDirectory">The log.</param>
/// <param name="readsOnce">
/// What is read is not wanted again: a reader of the whole log takes the memory of its last file for the next one, and leaves to others
/// theirs.
/// </param>
internal sealed class TileFiles(string logDirectory, bool readsOnce = false) : ILogSource
{
    private const int Sector = 512;
    private readonly ConcurrentDictionary<string, bool> _folders = new(StringComparer.Ordinal);

    /// <summary>
    /// Writes a file by temporary name and rename, mode 0444. An existing one must have the same bytes and is written again all the
    /// same: its pages may have been lost by a failed write-back that the page cache hides. Crash before the rename: a <c>.tmp</c> that
    /// the next attempt replaces. After it, before a sync: the file may vanish, or its name be there without all of its data (ext4 and xfs
    /// give an empty file after a power loss), and is written again from the journal.
    /// </summary>
    /// <exception cref="LedgerDamaged">A file of that name has other bytes, and not only missing ones.</exception>
    public void Write(string relative, ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(logDirectory, relative);
        var folder = Path.GetDirectoryName(path)!;
        if (_folders.TryAdd(folder, true))
        {
            Directory.CreateDirectory(folder);
        }

        if (Refused(relative, bytes) is { } damage)
        {
            throw damage;
        }

        var temporary = path + ".tmp";
        File.Delete(temporary);
        using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(file, bytes, 0);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            }
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>
    /// Why a file may not be written with these bytes: it is there with others, and not only missing ones. Null when it may.
    /// </summary>
    public LedgerDamaged? Refused(string relative, ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(logDirectory, relative);
        if (!File.Exists(path))
        {
            return null;
        }

        var there = ArrayPool<byte>.Shared.Rent(bytes.Length + 1);
        var pooled = there;
        var length = Read(path, ref there);
        var damage = IsOrLacks(there.AsSpan(0, length), bytes) ? null : new LedgerDamaged(relative, "a published tile would change");
        ArrayPool<byte>.Shared.Return(pooled);
        return damage;
    }

    /// <summary>
    /// As the other for a bundle, which is compared where the journal holds it. Only one that is not there whole is put together.
    /// </summary>
    public LedgerDamaged? Refused(string relative, in JournalBundle bundle)
    {
        var path = Path.Combine(logDirectory, relative);
        if (!File.Exists(path))
        {
            return null;
        }

        var there = ArrayPool<byte>.Shared.Rent(bundle.Most);
        var pooled = there;
        var isWhole = bundle.Is(there.AsSpan(0, Read(path, ref there)));
        ArrayPool<byte>.Shared.Return(pooled);
        return isWhole ? null : Refused(relative, bundle.ToBundle().Bytes);
    }

    /// <summary>The right bytes, or the right bytes of which some never arrived: the end is missing, or whole sectors are zeros.</summary>
    private static bool IsOrLacks(ReadOnlySpan<byte> there, ReadOnlySpan<byte> right)
    {
        if (there.Length > right.Length)
        {
            return false;
        }

        for (var at = 0; at < there.Length; at += Sector)
        {
            var sector = there[at..Math.Min(at + Sector, there.Length)];
            if (!sector.SequenceEqual(right.Slice(at, sector.Length)) && sector.ContainsAnyExcept((byte)0))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Removes the partial forms from bundle <paramref name="durable"/> / 256 on, at every level: they are written again and again without
    /// a sync, so after a power loss they may hold anything, and a reader takes any partial tile that is wide enough.
    /// </summary>
    public void DropPartials(long durable, long size)
    {
        for (var level = 0; level == 0 || size >> 8 * level > 0; level++)
        {
            for (var index = durable >> 8 * (level + 1); index <= size >> 8 * (level + 1); index++)
            {
                DropPartials(TilePath.Of(level, index));
                if (level == 0)
                {
                    DropPartials(TilePath.OfEntries(index));
                }
            }
        }
    }

    /// <summary>Removes the partial forms of a file that is now full, as tlog-tiles permits.</summary>
    public void DropPartials(string relative)
    {
        var folder = Path.Combine(logDirectory, relative + ".p");
        _folders.TryRemove(folder, out _);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The same files for one who reads all of them once.</summary>
    public TileFiles ReadOnce() => new(logDirectory, readsOnce: true);

    /// <inheritdoc/>
    public string? Note(string name) => AtomicFile.Read(Path.Combine(logDirectory, name));

    /// <inheritdoc/>
    public int Read(string relative, int width, ref byte[] buffer, out int promised)
    {
        promised = TilePath.Width;
        var path = Path.Combine(logDirectory, relative);
        if (File.Exists(path))
        {
            return Read(path, ref buffer);
        }

        var partials = path + ".p";
        if (!Directory.Exists(partials))
        {
            return -1;
        }

        promised = Directory
            .EnumerateFiles(partials)
            .Select(static file => int.TryParse(Path.GetFileName(file), out var w) ? w : 0)
            .Where(w => w >= width && w <= TilePath.Width)
            .DefaultIfEmpty()
            .Min();
        return promised == 0 ? -1 : Read(Path.Combine(partials, promised.ToString(CultureInfo.InvariantCulture)), ref buffer);
    }

    private int Read(string path, ref byte[] buffer)
    {
        // Read as a whole: Linux then asks the disk for all of a bundle at once, and not for pieces that grow.
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var (length, read) = (checked((int)RandomAccess.GetLength(file)), 0);
        if (buffer.Length < length)
        {
            buffer = GC.AllocateUninitializedArray<byte>(length);
        }

        while (read < length && RandomAccess.Read(file, buffer.AsSpan(read, length - read), read) is var more and > 0)
        {
            read += more;
        }

        if (readsOnce && OperatingSystem.IsLinux())
        {
            Posix.Forget(file);
        }

        return read;
    }
}
