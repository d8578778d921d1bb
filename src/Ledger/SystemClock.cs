using System.Runtime.InteropServices;

namespace Ledger;

/// <summary>What the kernel believes about its own clock: <c>adjtimex(2)</c>, read only.</summary>
internal static partial class SystemClock
{
    private const int Unsynchronised = 0x0040;

    /// <summary>
    /// Source (<c>ntp</c> when a time service disciplines the clock, else <c>free</c>) and estimated error in milliseconds.
    /// </summary>
    public static bool TryRead(out string source, out long milliseconds)
    {
        (source, milliseconds) = ("free", 0);
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return false;
        }

        // struct timex: modes, offset, freq, maxerror, esterror, status … 208 bytes on 64-bit Linux. Modes 0 asks and changes nothing.
        Span<long> timex = stackalloc long[64];
        timex.Clear();
        if (adjtimex(timex) < 0)
        {
            return false;
        }

        source = ((int)timex[5] & Unsynchronised) == 0 ? "ntp" : "free";
        milliseconds = timex[4] / 1000;
        return true;
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int adjtimex(Span<long> timex);
}
