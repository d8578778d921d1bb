using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Ledger.Journal;

/// <summary>The files of <c>journal/</c>: names, creation, deletion.</summary>
internal sealed class Segments : IDisposable
{
    private const int FillStep = 1 << 20;
    private const int ReadStep = 4 << 20;
    private static readonly byte[] Zeros = new byte[FillStep];
    private readonly string _directory;
    private readonly SafeFileHandle _folder;

    public Segments(string logDirectory)
    {
        _directory = Path.Combine(logDirectory, "journal");
        System.IO.Directory.CreateDirectory(_directory);
        _folder = Posix.OpenDirectory(_directory);
    }

    public string PathOf(int number) => Path.Combine(_directory, number.ToString("000000", CultureInfo.InvariantCulture));

    /// <summary>Numbers of the segments on disk, ascending.</summary>
    public IReadOnlyList<int> Numbers() =>
        [
            .. System
                .IO.Directory.EnumerateFiles(_directory)
                .Select(Path.GetFileName)
                .Where(static name => name!.Length == 6 && !name.AsSpan().ContainsAnyExcept("0123456789"))
                .Select(static name => int.Parse(name!, CultureInfo.InvariantCulture))
                .Order(),
        ];

    /// <summary>Reads a whole segment into a buffer, which is replaced when it is too small; its length.</summary>
    public int Read(int number, ref byte[] buffer)
    {
        using var file = File.OpenHandle(PathOf(number), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var (length, read) = (checked((int)RandomAccess.GetLength(file)), 0);
        if (buffer.Length < length)
        {
            buffer = GC.AllocateUninitializedArray<byte>(length);
        }

        while (read < length && RandomAccess.Read(file, buffer.AsSpan(read, Math.Min(ReadStep, length - read)), read) is var more and > 0)
        {
            read += more;
        }

        return read;
    }

    /// <summary>The first 64 bytes.</summary>
    public byte[] ReadHead(int number)
    {
        using var file = File.OpenHandle(PathOf(number), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var head = new byte[SegmentHeader.Bytes];
        RandomAccess.Read(file, head, 0);
        return head;
    }

    public long LengthOf(int number) => new FileInfo(PathOf(number)).Length;

    public SafeFileHandle Open(int number) => File.OpenHandle(PathOf(number), FileMode.Open, FileAccess.ReadWrite, FileShare.Read);

    /// <summary>A new empty segment; never in the place of another.</summary>
    public void CreateSpare(int number, long length)
    {
        if (File.Exists(PathOf(number)))
        {
            throw new IOException($"Segment {number:000000} is there already.");
        }

        Create(number, [], length);
    }

    /// <summary>
    /// A segment that begins with <paramref name="prefix"/> and goes on with zeros that are really written: an unwritten extent would
    /// still cost a metadata commit at each sync. Crash before the rename: a <c>.tmp</c> that the next start deletes. After: complete.
    /// </summary>
    public void Create(int number, ReadOnlySpan<byte> prefix, long length)
    {
        var temporary = PathOf(number) + ".tmp";
        try
        {
            Fill(temporary, prefix, length);
            File.Move(temporary, PathOf(number), overwrite: true);
        }
        catch
        {
            // Half a segment on a full disk would keep it full.
            File.Delete(temporary);
            throw;
        }

        Posix.Fsync(_folder);
    }

    /// <summary>Deletes a segment. Not synced: one that comes back after a crash is below <c>published</c> or all zeros.</summary>
    public void Delete(int number) => File.Delete(PathOf(number));

    public void DeleteTemporaries()
    {
        foreach (var file in System.IO.Directory.EnumerateFiles(_directory, "*.tmp"))
        {
            File.Delete(file);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static void Fill(string path, ReadOnlySpan<byte> prefix, long length)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        RandomAccess.Write(file, prefix, 0);
        for (long at = prefix.Length; at < length; at += FillStep)
        {
            RandomAccess.Write(file, Zeros.AsSpan(0, (int)Math.Min(FillStep, length - at)), at);
        }

        Posix.Fdatasync(file);
    }
}
