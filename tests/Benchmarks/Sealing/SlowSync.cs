using System.Diagnostics;

namespace Benchmarks.Sealing;

/// <summary>
/// Makes every <c>fdatasync</c> of a process wait first. strace can do that too, but stops each thread twice for it, which under 64 callers
/// costs as much as sealing: so a small library goes before the C library where a compiler is at hand. .NET looks symbols up by name, hence
/// <c>dlsym</c> is what it replaces.
/// </summary>
internal static class SlowSync
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <string.h>
        #include <time.h>
        #include <unistd.h>
        static struct timespec delay;
        static int slow(int fd) { nanosleep(&delay, 0); return fdatasync(fd); }
        void *dlsym(void *library, const char *name)
        {
            static void *(*real)(void *, const char *);
            if (!real && !(real = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34"))) real = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
            const char *us = getenv("SLOW_SYNC_US");
            delay.tv_nsec = us ? atol(us) * 1000 : 0;
            void *found = real(library, name);
            return found && !strcmp(name, "fdatasync") ? (void *)slow : found;
        }
        """;

    /// <summary>How a process is started so that its syncs take longer, and how the report names it.</summary>
    /// <param name="folder">A place for the library.</param>
    /// <param name="milliseconds">Added to each sync.</param>
    /// <param name="command">The program and its arguments.</param>
    public static (ProcessStartInfo Start, string Means) Before(string folder, int milliseconds, string[] command)
    {
        if (milliseconds == 0)
        {
            return (new ProcessStartInfo(command[0], command[1..]), "");
        }

        if (Library(folder) is { } library)
        {
            var start = new ProcessStartInfo(command[0], command[1..]);
            start.Environment["LD_PRELOAD"] = library;
            start.Environment["SLOW_SYNC_US"] = FormattableString.Invariant($"{milliseconds * 1000}");
            return (start, " (by a library before libc)");
        }

        string[] strace =
        [
            "-f",
            "-qq",
            "--seccomp-bpf",
            "-o",
            "/dev/null",
            "-e",
            "trace=fdatasync",
            "-e",
            FormattableString.Invariant($"inject=fdatasync:delay_enter={milliseconds * 1000}"),
            .. command,
        ];
        return (new ProcessStartInfo("strace", strace), " (by strace)");
    }

    private static string? Library(string folder)
    {
        var (source, library) = (Path.Combine(folder, "slow-sync.c"), Path.Combine(folder, "slow-sync.so"));
        if (!File.Exists(library))
        {
            File.WriteAllText(source, Source);
            try
            {
                using var compiler = Process.Start(new ProcessStartInfo("cc", ["-O2", "-shared", "-fPIC", "-o", library, source]))!;
                compiler.WaitForExit();
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return null;
            }
        }

        return File.Exists(library) ? library : null;
    }
}
