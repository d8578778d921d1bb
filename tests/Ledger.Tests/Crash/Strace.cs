using System.Diagnostics;
using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>
/// Runs a process under strace, which kills it in, or makes it fail at, the n-th call of a kind; calls are counted per thread.
/// </summary>
internal static class Strace
{
    // Not with --seccomp-bpf: strace 6.1 then delivers signals at the first call only, and the process lives on.
    public static string[] Inject(string call, string injection, string? log = null) =>
        ["strace", "-f", "-qq", "-y", "-s", "0", "-o", log ?? "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:{injection}"];

    /// <summary>As <see cref="Inject"/>, with every sync in the log file beside it.</summary>
    public static string[] InjectAndLogSyncs(string call, string injection, string log) =>
        [
            "strace",
            "-f",
            "-qq",
            "-y",
            "-s",
            "0",
            "-o",
            log,
            "-e",
            call == "fdatasync" ? "trace=fdatasync" : $"trace=fdatasync,{call}",
            "-e",
            $"inject={call}:{injection}",
        ];

    public static void Require()
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            return;
        }

        try
        {
            using var found = Process.Start(
                new ProcessStartInfo("strace", "-V") { UseShellExecute = false, RedirectStandardOutput = true }
            );
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("strace is not installed: ./test.sh installs it");
        }
    }
}
