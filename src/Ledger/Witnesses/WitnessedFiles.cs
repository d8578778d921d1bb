using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Ledger.Witnesses;

/// <summary><c>checkpoint-witnessed</c> and <c>witnessed/</c> of a log's folder (ledger page §5).</summary>
internal sealed class WitnessedFiles(string log) : IDisposable
{
    private readonly SafeFileHandle _folder = Posix.OpenDirectory(log);

    /// <summary>The newest checkpoint that meets the quorum.</summary>
    public void WriteNewest(string note) => AtomicFile.Replace(Path.Combine(log, "checkpoint-witnessed"), note, _folder);

    /// <summary>
    /// Adds a cosigned checkpoint to those of its day. Crash in here: a note cut short at the end, which readers of notes refuse.
    /// </summary>
    public void Keep(string note, DateTimeOffset at)
    {
        var days = Path.Combine(log, "witnessed");
        Directory.CreateDirectory(days);
        var path = Path.Combine(days, at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + ".notes");
        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write);
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(note + "\n"), RandomAccess.GetLength(file));
        Posix.Fdatasync(file);
    }

    public void Dispose() => _folder.Dispose();
}
