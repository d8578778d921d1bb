using System.CommandLine;
using System.Globalization;
using Admin.CommandLine;

namespace Admin.LedgerTasks;

/// <summary><c>ledger status</c> and <c>ledger reindex</c>.</summary>
internal static class IndexCommands
{
    internal static Command Status(TimeProvider time) =>
        LogOptions.On("status", "How far logs are published, and how far the search index follows.", LogOptions.Index, LogOptions.Postgres, LogOptions.PasswordFile).Does(time, (parsed, terminal) =>
        {
            var positions = LogOptions.Place(parsed)?.Positions();
            var logs = LogOptions.Sources(parsed).Select(source =>
            {
                var log = source.Open();
                var age = time.GetUtcNow() - new DateTimeOffset(File.GetLastWriteTimeUtc(Path.Combine(source.Directory, "checkpoint")));
                return new
                {
                    log = source.Origin,
                    size = log.Checkpoint.Size,
                    checkpointAgeSeconds = (long)age.TotalSeconds,
                    signatures = log.Note.Split('\n').Count(static line => line.StartsWith('—')),
                    running = Runs(source.Directory),
                    indexed = positions?.GetValueOrDefault(source.Origin),
                };
            }).ToList();
            foreach (var log in logs)
            {
                terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{log.log}: {log.size} records, checkpoint {log.checkpointAgeSeconds} s old with {log.signatures} signatures, {(log.running ? "being written" : "stopped")}"));
                if (log.indexed is { } indexed) terminal.Say(string.Create(CultureInfo.InvariantCulture, $"  index: {indexed}, {log.size - indexed} behind"));
            }

            terminal.Answer(new { logs });
            return Exit.Ok;
        });

    internal static Command Reindex(TimeProvider time) =>
        LogOptions.On("reindex", "Empties the search index and fills it from the logs alone. Every record is hashed and compared on the way.", LogOptions.Index, LogOptions.Postgres, LogOptions.PasswordFile).Does(time, (parsed, terminal) =>
        {
            var sources = LogOptions.Sources(parsed);
            using var filler = (LogOptions.Place(parsed) ?? throw new Declined("Give --index or --postgres", Exit.Usage)).Fill(sources);
            var began = time.GetTimestamp();
            var records = ProgressBar.Run(terminal, "records", progress => filler.Rebuild((_, done, all) => progress(done, all)));
            var seconds = time.GetElapsedTime(began).TotalSeconds;
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"✓ {records} records in {seconds:0.0} s, {records / Math.Max(seconds, 0.001):0} a second"));
            terminal.Answer(new { records, seconds, positions = filler.Positions() });
            return Exit.Ok;
        });

    private static bool Runs(string folder)
    {
        try
        {
            using var _ = new FileStream(Path.Combine(folder, "lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return File.Exists(Path.Combine(folder, "lock"));
        }
    }
}
