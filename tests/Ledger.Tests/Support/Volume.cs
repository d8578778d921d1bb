using System.Diagnostics;
using Xunit;

namespace Ledger.Tests.Support;

/// <summary>
/// A file system of the test's own: tmpfs with a size, or an image with ext4 or xfs on a loop device. Needs root; bounded in size.
/// </summary>
internal sealed class Volume : IDisposable
{
    private readonly string? _image;
    private readonly string _at;
    private bool _mounted;

    private Volume(string at, string? image) => (this._at, this._image) = (at, image);

    /// <summary>Whether this machine lets images be mounted: root, a loop device and the programs.</summary>
    public static bool CanLoop { get; } =
        Environment.IsPrivilegedProcess
        && File.Exists("/dev/loop-control")
        && Finds("mkfs.ext4")
        && Finds("mkfs.xfs")
        && Finds("xfs_io")
        && Run(out _, "losetup", "--find") == 0;

    public static Volume Tmpfs(string at, int megabytes)
    {
        if (!Environment.IsPrivilegedProcess && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip("mounting a tmpfs needs root");
        }

        Must("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", at);
        return new Volume(at, null) { _mounted = true };
    }

    /// <param name="at">Mount point.</param>
    /// <param name="kind">ext4 or xfs; xfs wants at least 300 MB, which are not written.</param>
    /// <param name="megabytes">Size.</param>
    public static Volume Image(string at, string kind, int megabytes)
    {
        var disk = at + ".image";
        using (var file = File.OpenHandle(disk, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, 0))
        {
            RandomAccess.SetLength(file, (long)megabytes << 20);
        }

        string[] make = kind == "xfs" ? ["mkfs.xfs", "-q", "-f", disk] : ["mkfs.ext4", "-q", "-F", disk];
        Must(make[0], make[1..]);
        var volume = new Volume(at, disk);
        volume.Mount();
        return volume;
    }

    /// <summary>The power fails: what the file system holds in memory is gone, every further call on it is an error.</summary>
    public void PowerOff() => Must("xfs_io", "-x", "-c", "shutdown", _at);

    /// <summary>Unmounted and mounted again: the file system replays its own journal.</summary>
    public void PowerOn()
    {
        Unmount();
        Mount();
    }

    public void Dispose()
    {
        if (_mounted)
        {
            Unmount();
        }

        if (_image is not null)
        {
            File.Delete(_image);
        }
    }

    private void Mount()
    {
        Must("mount", "-o", "loop", _image!, _at);
        _mounted = true;
    }

    private void Unmount()
    {
        // A process that was just killed may still be letting go of its files.
        var code = 1;
        for (var attempt = 0; attempt < 50 && code != 0; attempt++)
        {
            code = Run(out _, "umount", _at);
            Thread.Sleep(code == 0 ? 0 : 100);
        }

        Assert.Equal(0, code);
        _mounted = false;
    }

    private static bool Finds(string program) =>
        new[] { "/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/local/bin" }.Any(folder =>
            File.Exists(Path.Combine(folder, program))
        );

    private static void Must(string program, params string[] arguments)
    {
        var code = Run(out var output, program, arguments);
        Assert.True(code == 0, $"{program}: {output}");
    }

    private static int Run(out string output, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = "/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin:/usr/local/bin";
        start.FileName = new[] { "/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/local/bin" }
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists)
            ?? program;
        using var process = Process.Start(start)!;
        output = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
