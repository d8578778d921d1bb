using System.Diagnostics;
using System.Globalization;
using Ledger.Tests.Support;
using Xunit;

namespace Ledger.Tests.Crash;

/// <summary>A file that is replaced as a whole is one of its texts: the last that was said to be durable, or the one under way.</summary>
[Trait("Tier", "Whole")]
public sealed class AtomicFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_process_that_is_killed_at_a_random_moment_leaves_a_whole_text()
    {
        var random = new Random(1);
        for (var round = 0; round < 12; round++)
        {
            File.Delete(At("done"));
            using var process = Start();
            while (Done() < random.Next(1, 60))
                await Task.Delay(5);
            process.Kill();
            await process.WaitForExitAsync();
            MustBeWhole();
        }
    }

    [Theory]
    [InlineData("pwrite64")]
    [InlineData("fdatasync")]
    [InlineData("rename")]
    [InlineData("fsync")]
    public async Task A_process_that_dies_in_a_call_leaves_a_whole_text(string call)
    {
        Strace.Require();
        foreach (var n in new[] { 1, 2, 5 })
        {
            File.Delete(At("book"));
            File.Delete(At("done"));
            using var process = Start(Strace.Inject(call, $"signal=SIGKILL:when={n}"));
            await process.WaitForExitAsync();
            Assert.Equal(137, process.ExitCode);
            Assert.Equal(n - 1, Done());
            MustBeWhole();
        }
    }

    [Theory]
    [InlineData("pwrite64", "ENOSPC")]
    [InlineData("fdatasync", "EIO")]
    [InlineData("rename", "EDQUOT")]
    [InlineData("fsync", "EIO")]
    public async Task A_disk_that_fails_is_told_and_nothing_is_said_to_be_durable(string call, string error)
    {
        Strace.Require();
        using var process = Start(Strace.Inject(call, $"error={error}:when=3"));
        await process.WaitForExitAsync();
        Assert.NotEqual(0, process.ExitCode);
        Assert.Equal(2, Done());
        MustBeWhole();
    }

    [Fact]
    public async Task The_text_is_on_the_disk_before_its_name_and_its_name_before_it_is_told()
    {
        Strace.Require();
        string[] watched = ["-e", "trace=pwrite64,pwritev,fdatasync,rename,fsync", "-e", "inject=fsync:signal=SIGKILL:when=3"];
        using var process = Start(["strace", "-f", "-qq", "-y", "-s", "0", "-o", At("calls"), .. watched]);
        await process.WaitForExitAsync();
        var calls = (await File.ReadAllLinesAsync(At("calls"))).Select(CallOf).Where(static call => call is not null).Take(10);
        string[] once = ["pwrite64 book.tmp", "fdatasync book.tmp", "rename", "fsync", "pwritev"];
        Assert.Equal([.. once, .. once], calls);
    }

    // One call on the file, its folder, or the note of what is done; null for others.
    private string? CallOf(string line)
    {
        if (!line.Contains(_folder.Path, StringComparison.Ordinal) || line.Contains("resumed", StringComparison.Ordinal))
            return null;
        var call = line.Split('(')[0].Split(' ')[^1];
        return line.Contains("/book.tmp>", StringComparison.Ordinal) ? call + " book.tmp" : call;
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    private int Done() =>
        int.TryParse(AtomicFile.Read(At("done")), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var it) ? it : 0;

    private void MustBeWhole()
    {
        var (text, done) = (AtomicFile.Read(At("book")), Done());
        var number = text is null ? 0 : int.Parse(text.Split('\n')[0], CultureInfo.InvariantCulture);
        Assert.InRange(number, done, done + 1);
        Assert.Equal(text, number == 0 ? null : Rewriter.Text(number));
        AtomicFile.Replace(At("book"), "next"); // over whatever lies there
        Assert.Equal("next", AtomicFile.Read(At("book")));
        File.Delete(At("book"));
    }

    private Process Start(params string[] before)
    {
        string[] command = [.. before, Path.Combine(AppContext.BaseDirectory, "Ledger.Tests")];
        var start = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardError = true };
        start.Environment[Rewriter.Variable] = _folder.Path;
        return Process.Start(start)!;
    }
}
