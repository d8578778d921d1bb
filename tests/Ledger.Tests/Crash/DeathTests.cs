using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>
/// T2, TH-23: the process dies in the n-th call of a kind. strace counts per thread, and each thread of the ledger does the same thing each
/// time, so n walks through opening, writing, spare segments and publication. In full every n up to 500.
/// </summary>
public sealed class DeathTests
{
    [Theory]
    [InlineData("pwrite64", "1 2 3 4 6 9 14 22 34 52 80 125")]
    [InlineData("fdatasync", "1 2 3 4 6 9 14 22 34 52 80 125")]
    [InlineData("rename", "1 2 3 5 8 13 21 34 55")]
    [InlineData("fsync", "1 2 3 5 8 13 21")]
    [InlineData("unlink", "1 2 3 5 8 13")]
    [InlineData("syncfs", "1 2 3 4")]
    public async Task Nothing_acknowledged_is_lost_when_the_process_dies_in_a_call(string call, string points)
    {
        Strace.Require();
        var all = Extent.Of("T2", 0, 500);
        int[] numbers = all > 0 ? [.. Enumerable.Range(1, all)] : [.. points.Split(' ').Select(int.Parse)];
        var (killed, unreached, receipts) = (0, 0, 0);
        foreach (var chunk in numbers.Chunk(2))
        {
            // Some n lie beyond the calls that a run makes; after a few of those the rest need not be tried.
            if (unreached >= 4)
            {
                break;
            }

            foreach (var (died, held) in await Task.WhenAll(chunk.Select(n => DieAt(call, n, all > 0))))
            {
                (killed, unreached, receipts) = (killed + (died ? 1 : 0), unreached + (died ? 0 : 1), receipts + held);
            }

            Extent.Progress("T2", $"SIGKILL in {call}", killed, numbers.Length);
        }

        Assert.True(all > 0 ? killed > 0 : unreached == 0);
        Extent.Passed(
            "T2",
            $"SIGKILL in the n-th {call}",
            killed,
            receipts,
            killed < numbers.Length ? $"a run makes no more than {killed} of them" : ""
        );
    }

    private static async Task<(bool Died, int Receipts)> DieAt(string call, int n, bool mayEnd)
    {
        using var folder = new CrashFolder();
        using var process = folder.Start(mayEnd ? 12 : 60, Strace.Inject(call, $"signal=SIGKILL:when={n}"));
        await process.WaitForExitAsync();
        Assert.True(
            process.ExitCode == 137 || (mayEnd && process.ExitCode == 0),
            $"{call} {n}: {process.ExitCode} {await process.StandardError.ReadToEndAsync()}"
        );
        try
        {
            return (process.ExitCode == 137, await folder.MustHoldEverythingAcknowledged());
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"after death in {call} number {n}: {e.Message}", e);
        }
    }
}
