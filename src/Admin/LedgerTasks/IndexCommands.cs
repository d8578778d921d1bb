using System.CommandLine;
using Admin.CommandLine;

namespace Admin.LedgerTasks;

/// <summary><c>ledger status</c> and <c>ledger reindex</c>.</summary>
internal static class IndexCommands
{
    internal static Command Status(TimeProvider time) =>
        LogOptions
            .On("status", LogOptions.Index, LogOptions.Postgres, LogOptions.PasswordFile)
            .Does(time, (parsed, terminal) =>
            {
                var positions = LogOptions.Place(parsed)?.Positions();
                var logs = LogOptions
                    .Sources(parsed)
                    .Select(source =>
                    {
                        var log = source.Open();
                        var age =
                            time.GetUtcNow() - new DateTimeOffset(File.GetLastWriteTimeUtc(Path.Combine(source.Directory, "checkpoint")));
                        return new
                        {
                            log = source.Origin,
                            size = log.Checkpoint.Size,
                            checkpointAgeSeconds = (long)age.TotalSeconds,
                            signatures = log.Note.Split('\n').Count(static line => line.StartsWith('—')),
                            running = Runs(source.Directory),
                            indexed = positions?.GetValueOrDefault(source.Origin),
                        };
                    })
                    .ToList();
                foreach (var log in logs)
                {
                    terminal.Say(log.running ? "log-written" : "log-stopped", log.size, log.log);
                    terminal.Under("log-checkpoint", log.checkpointAgeSeconds);
                    terminal.Under("log-signatures", log.signatures);
                    if (log.indexed is { } indexed)
                        terminal.Under("log-index", log.size - indexed, indexed);
                }

                terminal.Answer(new { logs });
                return Exit.Ok;
            });

    internal static Command Reindex(TimeProvider time) =>
        LogOptions
            .On("reindex", LogOptions.Index, LogOptions.Postgres, LogOptions.PasswordFile)
            .Does(time, (parsed, terminal) =>
            {
                var sources = LogOptions.Sources(parsed);
                using var filler = (LogOptions.Place(parsed) ?? throw Declined.Usage("give-index")).Fill(sources);
                var began = time.GetTimestamp();
                var records = ProgressBar.Run(terminal, terminal.Words("bar-records"), progress =>
                    filler.Rebuild((_, done, all) => progress(done, all))
                );
                var seconds = time.GetElapsedTime(began).TotalSeconds;
                terminal.Done("reindexed", records, (long)Math.Ceiling(seconds), (long)(records / Math.Max(seconds, 0.001)));
                terminal.Answer(
                    new
                    {
                        records,
                        seconds,
                        positions = filler.Positions(),
                    }
                );
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
