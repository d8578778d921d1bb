using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Win32.SafeHandles;

namespace Ledger;

/// <summary>
/// The one rule for files that hold a secret (private keys, symmetric keys, passphrases, passwords), at whatever program: a regular file,
/// reached over
/// links or not, that belongs to the program's user or to root and lets nobody else in. What breaks it is not read.
/// </summary>
/// <remarks>
/// One thing is let pass: a file of root that its group may read, when the program does not run as root. It has no other way to be given
/// the file, and
/// this is how Kubernetes mounts a secret under <c>fsGroup</c> (0440, root and that group). Linux tells owner and kind; other Unix systems,
/// which are
/// for developers alone, are asked for the mode only.
/// </remarks>
public static partial class SecretFile
{
    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // statx(2), whose layout is the same on every processor.
    private const int CurrentFolder = -100,
        OfTheDescriptor = 0x1000,
        OwnerAt = 20,
        ModeAt = 28,
        StatBytes = 256;
    private const uint Basics = 0x7ff;
    private const ushort KindBits = 0xf000,
        RegularFile = 0x8000,
        ModeBits = 0x1ff;

    /// <summary>A new file of mode 0400; an existing one is never overwritten.</summary>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead;
        }

        return new FileStream(path, options);
    }

    /// <summary>The bytes of a secret.</summary>
    /// <exception cref="SecretFileRefused">The file breaks the rule; names it, never its content.</exception>
    public static byte[] ReadBytes(string path)
    {
        // Looked at before it is opened, for opening a pipe waits for its other end, and after it, for a name can be given to another file.
        Refuse(path, WhyNot(path));
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Refuse(path, WhyNot(file.SafeFileHandle));
        using var content = new MemoryStream();
        file.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>The text of a secret.</summary>
    /// <exception cref="SecretFileRefused">The file breaks the rule; names it, never its content.</exception>
    public static string ReadText(string path)
    {
        using var reader = new StreamReader(new MemoryStream(ReadBytes(path)));
        return reader.ReadToEnd();
    }

    /// <summary>A certificate with its private key, both in PEM.</summary>
    /// <param name="certificate">File of the certificate.</param>
    /// <param name="key">File of the key; null when it stands beside the certificate.</param>
    /// <exception cref="SecretFileRefused">The file of the key breaks the rule.</exception>
    public static X509Certificate2 Certificate(string certificate, string? key)
    {
        var secret = ReadText(key ?? certificate);
        return X509Certificate2.CreateFromPem(key is null ? secret : File.ReadAllText(certificate), secret);
    }

    /// <summary>How a file breaks the rule, in words that follow its name; null when it does not, or is not there.</summary>
    public static string? WhyNot(string path)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path))
        {
            return null;
        }

        Span<byte> stat = stackalloc byte[StatBytes];
        return OperatingSystem.IsLinux() && statx(CurrentFolder, path, 0, Basics, stat) == 0
            ? Judge(stat)
            : Judge(File.GetUnixFileMode(path), isRoots: false);
    }

    private static string? WhyNot(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        Span<byte> stat = stackalloc byte[StatBytes];
        return OperatingSystem.IsLinux() && statx(file, "", OfTheDescriptor, Basics, stat) == 0
            ? Judge(stat)
            : Judge(File.GetUnixFileMode(file), isRoots: false);
    }

    private static string? Judge(ReadOnlySpan<byte> stat) =>
        Judge(MemoryMarshal.Read<ushort>(stat[ModeAt..]), MemoryMarshal.Read<uint>(stat[OwnerAt..]), Posix.UserId);

    /// <summary>The rule.</summary>
    /// <param name="mode">Kind and mode as the system tells them.</param>
    /// <param name="owner">Owner of the file.</param>
    /// <param name="user">User of this program.</param>
    internal static string? Judge(ushort mode, uint owner, uint user) =>
        (mode & KindBits) != RegularFile ? "is no regular file"
        : owner != 0 && owner != user ? $"belongs to another user (id {owner}): give it to the user of the program"
        : Judge((UnixFileMode)(mode & ModeBits), isRoots: owner == 0 && user != 0);

    private static string? Judge(UnixFileMode mode, bool isRoots)
    {
        var open = mode & (Group | Others);
        if (isRoots)
        {
            open &= ~UnixFileMode.GroupRead;
        }

        return open == UnixFileMode.None
            ? null
            : $"is open to others than its owner (mode 0{Convert.ToString((int)mode, 8).PadLeft(3, '0')}): chmod 0400";
    }

    private static void Refuse(string path, string? words)
    {
        if (words is not null)
        {
            throw new SecretFileRefused($"{path} {words}");
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int statx(int folder, string path, int flags, uint mask, Span<byte> stat);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int statx(SafeFileHandle file, string path, int flags, uint mask, Span<byte> stat);
}

/// <summary>A file of a secret that others can read or change, or that is not what it should be.</summary>
/// <param name="message">The file, and what is wrong with it.</param>
public sealed class SecretFileRefused(string message) : UnauthorizedAccessException(message);
