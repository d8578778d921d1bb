using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Ledger;

/// <summary>
/// Small files that are replaced as a whole: temporary name, sync, rename, sync of the folder through a descriptor opened before.
/// </summary>
public static class AtomicFile
{
    /// <summary>
    /// Replaces a file. Crash before the rename: the old file, and a <c>.tmp</c> beside it. Crash before the folder's sync: either file.
    /// </summary>
    /// <exception cref="DurabilityLost">A sync failed; the rename may have happened.</exception>
    public static void Replace(string path, string text, SafeFileHandle folder)
    {
        var temporary = path + ".tmp";
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, Encoding.UTF8.GetBytes(text), 0);
            Posix.Fdatasync(file);
        }

        File.Move(temporary, path, overwrite: true);
        Posix.Fsync(folder);
    }

    /// <summary>As the other, for who does not keep the folder open.</summary>
    /// <exception cref="DurabilityLost">As the other.</exception>
    public static void Replace(string path, string text)
    {
        using var folder = Posix.OpenDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        Replace(path, text, folder);
    }

    /// <summary>The text of a file, or null when there is none.</summary>
    public static string? Read(string path) => File.Exists(path) ? File.ReadAllText(path) : null;
}
