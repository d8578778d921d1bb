using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Wording;

namespace Agreements.Loading;

/// <summary>
/// Reads a file only if it is one: a pipe would make the reader wait for ever, a device has no end, and a link may lead to what nobody
/// reviewed. Nothing here waits for another process, and no more bytes are read than were asked for.
/// </summary>
public static partial class PlainFile
{
    private const int ReadOnlyWithoutWaiting = 0x800 | 0x100 | 0x80000; // O_NONBLOCK, O_NOCTTY, O_CLOEXEC
    private const int Here = -100,
        Empty = 0x1000; // AT_FDCWD, AT_EMPTY_PATH
    private const uint TypeWanted = 1;
    private const int TypeBits = 0xF000,
        Regular = 0x8000;

    /// <summary>The first bytes of a plain file; one more than <paramref name="most"/> shows that it is longer.</summary>
    /// <param name="path">Path; a link is followed.</param>
    /// <param name="most">How many bytes it may have.</param>
    /// <param name="within">Real path of the folder in which the file must lie in the end; null for anywhere.</param>
    /// <exception cref="NotPlain">It is anything but a plain file, or a link leads out of the folder.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] Read(string path, int most, string? within = null)
    {
        using var file = Open(path, within);
        // One byte more than allowed shows that the file is too long, without reading the rest of it.
        var buffer = new byte[Math.Min(RandomAccess.GetLength(file), most) + 1];
        var length = 0;
        for (int read; length < buffer.Length && (read = RandomAccess.Read(file, buffer.AsSpan(length), length)) > 0;)
            length += read;
        return buffer[..length];
    }

    /// <summary>Is there a plain file that can be read, or a link to one?</summary>
    public static bool Is(string path)
    {
        try
        {
            using var file = Open(path, within: null);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>A folder's path with every link followed.</summary>
    /// <exception cref="IOException">It does not exist or cannot be opened.</exception>
    public static string RealFolder(string path)
    {
        if (!OperatingSystem.IsLinux())
            return Path.GetFullPath(path);
        using var folder = Opened(path);
        return RealPath(folder) ?? Path.GetFullPath(path);
    }

    private static SafeFileHandle Open(string path, string? within)
    {
        if (!OperatingSystem.IsLinux())
            return Elsewhere(path, within);
        // Before it is opened, because opening a device can do something; and after, because it may have been replaced meanwhile.
        if (statx(Here, path, 0, TypeWanted, out var before) != 0)
            throw new NotPlain("link-broken");
        Demand(before);
        var file = Opened(path);
        try
        {
            if (statx((int)file.DangerousGetHandle(), "", Empty, TypeWanted, out var now) != 0)
                throw new IOException("the file cannot be looked at");
            Demand(now);
            if (within is not null && (RealPath(file) is not { } real || !real.StartsWith(within + "/", StringComparison.Ordinal)))
                throw new NotPlain("link-outside");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void Demand(Found found)
    {
        if ((found.Mode & TypeBits) != Regular)
            throw new NotPlain("not-plain-file");
    }

    private static SafeFileHandle Opened(string path)
    {
        var handle = open(path, ReadOnlyWithoutWaiting);
        return handle.IsInvalid ? throw new IOException("the file cannot be opened") : handle;
    }

    private static string? RealPath(SafeFileHandle file) => new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget;

    private static SafeFileHandle Elsewhere(string path, string? within)
    {
        var file = new FileInfo(path);
        if (within is not null && file.LinkTarget is not null)
            throw new NotPlain("link-outside");
        if ((file.Attributes & (FileAttributes.Directory | FileAttributes.Device)) != FileAttributes.None)
            throw new NotPlain("not-plain-file");
        return File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int statx(int folder, string path, int flags, uint wanted, out Found found);

    // struct statx has one layout on every processor; only the mode is read of it.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Found
    {
        [FieldOffset(28)]
        public ushort Mode;
    }
}

/// <summary>What stands there is no plain file. Its message is English, for logs.</summary>
/// <param name="code">What stands there instead.</param>
public sealed class NotPlain(string code) : IOException(FindingWords.What(code, Languages.English, []))
{
    /// <summary>What stands there instead.</summary>
    public string Code => code;

    /// <summary>What stands there instead, in words.</summary>
    public string Say(string language) => FindingWords.What(code, language, []);
}
