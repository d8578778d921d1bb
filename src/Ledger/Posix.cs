using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ledger;

/// <summary>
/// The system calls that .NET hides or whose errors it swallows on Linux: there <c>RandomAccess.FlushToDisk</c> and
/// <c>FileStream.Flush(true)</c> return normally while the sync fails with EIO (hardening page §4.1). After any error here the file
/// must not be synced again: Linux may have marked its pages clean, and a second call can return 0 for data that is not on disk.
/// </summary>
public static partial class Posix
{
    /// <summary>Numeric id of the user that this process runs as; what the kernel tells the other end of a Unix socket.</summary>
    public static uint UserId => geteuid();

    private const int Interrupted = 4;
    private const int CloseOnExec = 0x80000;
    private const int NotWanted = 4;

    // O_DIRECTORY has another value on arm than on x86.
    private static readonly int Directory = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm
        ? 0x4000
        : 0x10000;

    /// <summary>Data of the file is on the disk when this returns.</summary>
    /// <exception cref="DurabilityLost">EIO, ENOSPC, EDQUOT or whatever else the system says.</exception>
    public static void Fdatasync(SafeFileHandle file) => Check(fdatasync, file, nameof(fdatasync));

    /// <summary>Data and metadata; for directories, whose renames it makes durable.</summary>
    /// <exception cref="DurabilityLost">As <see cref="Fdatasync"/>.</exception>
    public static void Fsync(SafeFileHandle file) => Check(fsync, file, nameof(fsync));

    /// <summary>The whole file system that holds the file. Reports write-back errors since Linux 5.8.</summary>
    /// <exception cref="DurabilityLost">As <see cref="Fdatasync"/>.</exception>
    public static void Syncfs(SafeFileHandle file) => Check(syncfs, file, nameof(syncfs));

    /// <summary>A descriptor of a directory, to be kept open: its sync then reports the errors of everything renamed since.</summary>
    /// <exception cref="DurabilityLost">The directory cannot be opened.</exception>
    public static SafeFileHandle OpenDirectory(string path)
    {
        var handle = open(path, Directory | CloseOnExec);
        return handle.IsInvalid ? throw new DurabilityLost(nameof(open), Marshal.GetLastPInvokeError()) : handle;
    }

    /// <summary>
    /// Some 70 µs without the processor: a wait of .NET has no less than a millisecond. A signal may end it early, which is as good.
    /// </summary>
    public static void Pause() => _ = nanosleep(new TimeSpec(0, 20_000), 0);

    /// <summary>
    /// Tells the system that what was read of the file is not wanted again, so that its memory serves the next file at once. A hint:
    /// nothing depends on whether it is taken.
    /// </summary>
    public static void Forget(SafeFileHandle file) => _ = posix_fadvise(file, 0, 0, NotWanted);

    private static void Check(Func<SafeFileHandle, int> call, SafeFileHandle file, string name)
    {
        while (call(file) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw new DurabilityLost(name, error);
            }
        }
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int nanosleep(in TimeSpec wanted, nint remaining);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int posix_fadvise(SafeFileHandle fd, long offset, long length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fdatasync(SafeFileHandle fd);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fsync(SafeFileHandle fd);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int syncfs(SafeFileHandle fd);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle open(string path, int flags);

    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds);
}
