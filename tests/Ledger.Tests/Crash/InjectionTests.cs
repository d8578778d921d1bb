using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>
/// T2 and T3, TH-23, TH-24: the process dies in, or gets an error from, the n-th call of a kind. strace counts per thread, so n walks through
/// opening, writing, spare segments and publication. LEDGER_CRASH_POINTS=500 tries every n up to there.
/// </summary>
public sealed class InjectionTests
{
    private const string Calls = "pwrite64 fdatasync rename fsync unlink syncfs";

    public static TheoryData<string, int> KillPoints()
    {
        var points = new TheoryData<string, int>();
        if (int.TryParse(Environment.GetEnvironmentVariable("LEDGER_CRASH_POINTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var all))
        {
            foreach (var call in Calls.Split(' '))
            {
                for (var n = 1; n <= all; n++)
                {
                    points.Add(call, n);
                }
            }

            return points;
        }

        foreach (var (call, n) in new[]
        {
            ("pwrite64", 1), ("pwrite64", 4), ("pwrite64", 30), ("fdatasync", 2), ("fdatasync", 5), ("fdatasync", 40),
            ("rename", 1), ("rename", 3), ("rename", 25), ("fsync", 6), ("unlink", 3), ("syncfs", 1),
        })
        {
            points.Add(call, n);
        }

        return points;
    }

    [Theory]
    [MemberData(nameof(KillPoints))]
    public async Task Nothing_acknowledged_is_lost_when_the_process_dies_in_a_call(string call, int n)
    {
        RequireStrace();
        using var folder = new CrashFolder();
        using var process = folder.Start(Beyond ? 2 : 60, Strace(call, $"signal=SIGKILL:when={n}"));
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 137 || (Beyond && process.ExitCode == 0), $"{process.ExitCode} {await process.StandardError.ReadToEndAsync()}");
        await folder.MustHoldEverythingAcknowledged(1);
    }

    [Theory]
    [InlineData("fdatasync", "EIO", "40")]
    [InlineData("pwrite64", "ENOSPC", "60")]
    [InlineData("pwrite64", "EIO", "45")]
    [InlineData("rename", "EIO", "30..31")] // two in a row: one alone may be the anchor's, which is only tried again
    [InlineData("syncfs", "EIO", "2")]
    public async Task After_an_error_nothing_unsure_is_confirmed_and_the_ledger_serves_again_without_a_restart(string call, string error, string n)
    {
        RequireStrace();
        using var folder = new CrashFolder();
        using var process = folder.Start(4, Strace(call, $"error={error}:when={n}"));
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await process.StandardError.ReadToEndAsync());
        Assert.True(folder.HealedAndServed);
        await folder.MustHoldEverythingAcknowledged(int.MaxValue / Crasher.Callers);
    }

    /// <summary>hardening page §4.1: fails when the sync goes through .NET, which swallows the error.</summary>
    [Fact]
    public async Task When_every_sync_fails_nothing_at_all_is_confirmed()
    {
        RequireStrace();
        using var folder = new CrashFolder();
        using var process = folder.Start(2, Strace("fdatasync", "error=EIO"));
        await process.WaitForExitAsync();
        Assert.NotEqual(0, process.ExitCode);
        Assert.Equal(0, folder.Receipts);
    }

    /// <summary>When every n is tried, some lie beyond the calls that a run makes.</summary>
    private static bool Beyond => Environment.GetEnvironmentVariable("LEDGER_CRASH_POINTS") is not null;

    // Not with --seccomp-bpf: strace 6.1 then delivers signals at the first call only, and the process lives on.
    private static string[] Strace(string call, string injection) =>
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:{injection}"];

    private static void RequireStrace()
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            return;
        }

        try
        {
            using var found = Process.Start(new ProcessStartInfo("strace", "-V") { UseShellExecute = false, RedirectStandardOutput = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("strace is not installed (apt-get install strace)");
        }
    }
}
