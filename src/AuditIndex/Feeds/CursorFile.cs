using System.Globalization;
using System.Text;
using Ledger;

namespace AuditIndex.Feeds;

/// <summary>
/// How far a receiver has been served: a small file with a line <c>origin next</c> for each log, replaced as a whole. Written only after
/// the receiver has the records, so a crash at any point means repetition, never a gap.
/// </summary>
public sealed class CursorFile(string path)
{
    /// <summary>First position not served yet, by origin; empty when there is no file.</summary>
    /// <exception cref="FormatException">The file holds something else; nothing is guessed.</exception>
    public IReadOnlyDictionary<string, long> Read()
    {
        var next = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in File.Exists(path) ? File.ReadAllLines(path) : [])
        {
            var words = line.Split(' ');
            if (
                words.Length != 2
                || !long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
                || !next.TryAdd(words[0], position)
            )
            {
                throw new FormatException("The cursor of a feed holds something else than positions.");
            }
        }

        return next;
    }

    /// <summary>
    /// Replaces the file. Crash before the rename: the old cursor, and a <c>.tmp</c> that is overwritten next time. Crash after it, before
    /// the folder's sync: either cursor; the older one repeats.
    /// </summary>
    /// <exception cref="DurabilityLost">It is not known to be on the disk.</exception>
    public void Write(IReadOnlyDictionary<string, long> next)
    {
        var text = new StringBuilder();
        foreach (var (origin, position) in next.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(origin).Append(' ').Append(position.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        using var descriptor = Posix.OpenDirectory(folder);
        using (var file = File.OpenHandle(path + ".tmp", FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(text.ToString()), 0);
            Posix.Fdatasync(file);
        }

        File.Move(path + ".tmp", path, overwrite: true);
        Posix.Fsync(descriptor);
    }
}
