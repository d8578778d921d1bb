using System.CommandLine;
using System.Globalization;
using Admin.CommandLine;
using Verifier;

namespace Admin.LedgerTasks;

/// <summary>
/// <c>ledger</c>: verify, prove, status, reindex, export, feed, erase, shard. Thin callers of the verifier and of the index.
/// </summary>
internal static class LedgerCommands
{
    internal static Command Create(TimeProvider time) =>
        new("ledger")
        {
            Verify(time),
            Prove(time),
            IndexCommands.Status(time),
            IndexCommands.Reindex(time),
            ExportCommand.Create(time),
            FeedCommand.Create(time),
            EraseCommand.Create(time),
            ShardCommands.Create(time),
        };

    private static Command Verify(TimeProvider time)
    {
        var old = new Option<string[]>("--old");
        return LogOptions
            .On("verify", old)
            .Does(time, (parsed, terminal) =>
            {
                var notes = (parsed.GetValue(old) ?? []).Select(File.ReadAllText).ToList();
                var results = LogOptions
                    .Sources(parsed)
                    .Select(log => (log.Origin, Result: ProgressBar.Run(terminal, log.Origin, progress => new LogCheck(log.Policy)
                    {
                        Language = terminal.Language,
                        Old = [.. notes.Where(note => note.StartsWith(log.Origin + "\n", StringComparison.Ordinal))],
                        Progress = progress,
                    }.Run(log.Directory))))
                    .ToList();
                foreach (var (_, result) in results)
                    terminal.Line((result.Holds ? "✓ " : "✗ ") + result.Sentence);
                terminal.Answer(
                    new
                    {
                        ok = results.TrueForAll(static one => one.Result.Holds),
                        logs = results.Select(static one => new
                        {
                            log = one.Origin,
                            one.Result.Holds,
                            one.Result.Sentence,
                        }),
                    }
                );
                return results.TrueForAll(static one => one.Result.Holds) ? Exit.Ok : Exit.Wrong;
            });
    }

    private static Command Prove(TimeProvider time)
    {
        var index = new Argument<long>("index");
        var output = new Option<string?>("--out");
        return LogOptions
            .On("prove", index, output)
            .Does(time, (parsed, terminal) =>
            {
                var log = LogOptions.Source(parsed).Open();
                var position = parsed.GetValue(index);
                if (position < 0 || position >= log.Checkpoint.Size)
                    throw new Declined("no-position", log.Checkpoint.Size, position.ToString(CultureInfo.InvariantCulture));
                var (entry, proof) = (log.Entry(position), log.Proof(position));
                if (!proof.Proves(entry.Leaf, log.Checkpoint))
                    throw new Declined("not-in-tree", position);
                if (parsed.GetValue(output) is { } file)
                {
                    File.WriteAllText(file, proof.ToString());
                    terminal.Done("proof-written", log.Checkpoint.Size, position, log.Checkpoint.Origin, file);
                }
                else
                {
                    terminal.Line(proof.ToString().TrimEnd('\n'));
                }

                terminal.Answer(
                    new
                    {
                        log = log.Checkpoint.Origin,
                        index = position,
                        size = log.Checkpoint.Size,
                        leaf = entry.Leaf.ToString(),
                        proof = proof.ToString(),
                    }
                );
                return Exit.Ok;
            });
    }
}
