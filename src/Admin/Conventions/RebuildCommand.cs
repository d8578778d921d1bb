using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Admin.CommandLine;
using Admin.LedgerTasks;
using Agreements.Texts;

namespace Admin.Conventions;

/// <summary><c>agreement rebuild --at</c>: which policy was in force at an instant, by the ledger alone, beside the files of now.</summary>
internal static class RebuildCommand
{
    internal static Command Create(TimeProvider time)
    {
        var at = new Option<string>("--at") { Required = true };
        return LogOptions
            .On("rebuild", at, AgreementCommands.Contracts)
            .Does(time, (parsed, terminal) =>
            {
                if (
                    !DateTimeOffset.TryParse(
                        parsed.GetValue(at),
                        CultureInfo.InvariantCulture,
                        DateTimeStyles.AssumeUniversal,
                        out var instant
                    )
                )
                    throw Declined.Usage("line-no-instant", at.Name, parsed.GetValue(at)!);
                var log = LogOptions.Source(parsed).Open();
                var law = ProgressBar.Run(terminal, log.Checkpoint.Origin, progress => LawHistory.At(log, instant, progress));
                if (law.Digest is null)
                    throw new Declined("no-law", instant);
                terminal.Say(
                    "law-rebuilt",
                    instant,
                    law.Digest,
                    law.Index.ToString(CultureInfo.InvariantCulture),
                    DateTimeOffset.Parse(law.Since, CultureInfo.InvariantCulture)
                );
                var files = Files(parsed.GetValue(AgreementCommands.Contracts)!);
                var agreements = law
                    .Agreements.Select(one => new
                    {
                        agreement = one.Value.Reference,
                        digest = one.Value.Digest,
                        suspended = law.Suspended.Contains($"agreement {one.Key}"),
                        file = !files.TryGetValue(one.Key, out var now) ? "no-file"
                        : now == one.Value.Digest ? "same-file"
                        : "other-file",
                    })
                    .ToList();
                foreach (var one in agreements)
                    terminal.Under(
                        one.suspended ? "law-agreement-suspended" : "law-agreement",
                        one.agreement,
                        one.digest[..16],
                        ConventionWords.Of(one.file, terminal.Language)
                    );
                foreach (var id in files.Keys.Except(law.Agreements.Keys))
                    terminal.Under("law-not-then", id);
                foreach (var what in law.Suspended.Select(static what => what.Split(' ', 2)))
                    terminal.Under("law-suspended", StopCommands.Named(terminal, what[0]), what[^1]);
                terminal.Answer(
                    new
                    {
                        at = instant,
                        set = law.Digest,
                        record = law.Index,
                        since = law.Since,
                        agreements,
                        suspended = law.Suspended,
                    }
                );
                return agreements.TrueForAll(static one => one.file == "same-file") ? Exit.Ok : Exit.Wrong;
            });
    }

    private static SortedDictionary<string, string> Files(string contracts)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Path.Combine(contracts, "agreements"), "*.yaml"))
            files[Path.GetFileNameWithoutExtension(path)] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        return files;
    }
}
