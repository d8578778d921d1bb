using AuditIndex.Filling;
using AuditIndex.Questions;
using Ledger;
using Ledger.Notes;

namespace AuditIndex.Retention;

/// <summary>What a closed log holds, as far as retention cares.</summary>
/// <param name="Final">Its final checkpoint.</param>
/// <param name="Note">The signed note of it.</param>
/// <param name="Agreements">Ids of the agreements that its records name, without version, sorted.</param>
/// <param name="First">First local day.</param>
/// <param name="Last">Last local day.</param>
public sealed record ClosedYear(Checkpoint Final, string Note, IReadOnlyList<string> Agreements, DateOnly First, DateOnly Last);

/// <summary>
/// A year's log, once it is over (ledger page §5): its last record is <c>stop</c>, its final checkpoint is kept for ever, and the next log
/// begins with other keys under another origin, naming it as <c>prev</c>.
/// </summary>
public static class YearShard
{
    /// <summary>
    /// Verifies a stopped log whole, and keeps its final checkpoint, which the next log's options take as
    /// <see cref="LedgerOptions.Previous"/>.
    /// </summary>
    /// <param name="log">The log.</param>
    /// <param name="kept">Folder for final checkpoints; not the log's.</param>
    /// <param name="time">Clock.</param>
    /// <param name="progress">Told how many records were read, of how many.</param>
    /// <exception cref="RetentionRefused">The log is open, did not stop, or its year is not over.</exception>
    /// <exception cref="LedgerDamaged">It does not verify.</exception>
    public static ClosedYear Close(LogSource log, string kept, TimeProvider time, Action<long, long>? progress = null)
    {
        using (TakeLock(log))
        {
            var year = Read(log, progress);
            if (YearOf(log.Origin) is { } number && time.GetUtcNow().Year <= number)
            {
                throw new RetentionRefused($"the year {number} is not over");
            }

            Keep(NoteOf(kept, log.Origin), year.Note);
            return year;
        }
    }

    /// <summary>Reads a whole log and verifies it: every record, every tile, the root, and that <c>stop</c> is last.</summary>
    /// <exception cref="RetentionRefused">The last record is not <c>stop</c>.</exception>
    /// <exception cref="LedgerDamaged">It does not verify.</exception>
    internal static ClosedYear Read(LogSource source, Action<long, long>? progress = null)
    {
        var log = source.Open();
        log.Verify();
        var reader = new RecordReader();
        var agreements = new SortedSet<string>(StringComparer.Ordinal);
        var (first, last, kind) = (int.MaxValue, 0, "");
        foreach (var entry in log.Entries())
        {
            var record = reader.Read(entry.Index, entry.Text.Span);
            kind = record.Event;
            if (record[Dimension.Agreement] is { } agreement)
            {
                agreements.Add(agreement.Split('@')[0]);
            }

            if (record.Time > 0)
            {
                (first, last) = (Math.Min(first, record.Local.Day), Math.Max(last, record.Local.Day));
            }

            progress?.Invoke(entry.Index + 1, log.Checkpoint.Size);
        }

        return kind == "stop"
            ? new ClosedYear(log.Checkpoint, log.Note, [.. agreements], DateOnly.FromDayNumber(first), DateOnly.FromDayNumber(last))
            : throw new RetentionRefused("the log has not stopped: its last record is not stop");
    }

    /// <summary>File of a log's final checkpoint.</summary>
    internal static string NoteOf(string kept, string origin) => Path.Combine(kept, origin.Replace('/', '_') + ".note");

    /// <summary>Writes a small file whole and durably. Crash before the rename: nothing, and a temporary file.</summary>
    internal static void Keep(string path, string text)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        using var descriptor = Posix.OpenDirectory(folder);
        using (var file = File.OpenHandle(path + ".tmp", FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, System.Text.Encoding.UTF8.GetBytes(text), 0);
            Posix.Fdatasync(file);
        }

        File.Move(path + ".tmp", path, overwrite: true);
        Posix.Fsync(descriptor);
    }

    internal static FileStream TakeLock(LogSource log)
    {
        try
        {
            return new FileStream(Path.Combine(log.Directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new RetentionRefused("a process still writes the log");
        }
    }

    /// <summary>The year in an origin <c>domain/audit/2026/n1</c>.</summary>
    private static int? YearOf(string origin) =>
        origin.Split('/') is [.., var year, _]
        && int.TryParse(year, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
