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
        var at = new Option<string>("--at") { Description = "Instant, RFC 3339, such as 2026-11-02T10:00:00Z", Required = true };
        return LogOptions.On("rebuild", "Says from the ledger which set and which versions were in force at an instant, and compares them with the files.", at, AgreementCommands.Contracts).Does(time, (parsed, terminal) =>
        {
            if (!DateTimeOffset.TryParse(parsed.GetValue(at), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)) throw new Declined("--at is not an instant", Exit.Usage);
            var log = LogOptions.Source(parsed).Open();
            var law = ProgressBar.Run(terminal, log.Checkpoint.Origin, progress => LawHistory.At(log, instant, progress));
            if (law.Digest is null) throw new Declined(ConventionWords.Of("no-law", terminal.Language));
            terminal.Say(ConventionWords.Of("rebuilt", terminal.Language, instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), law.Digest, law.Index, law.Since));
            var files = Files(parsed.GetValue(AgreementCommands.Contracts)!);
            var agreements = law.Agreements.Select(one => new
            {
                agreement = one.Value.Reference, digest = one.Value.Digest, suspended = law.Suspended.Contains($"agreement {one.Key}"),
                file = !files.TryGetValue(one.Key, out var now) ? "no-file" : now == one.Value.Digest ? "same-file" : "other-file",
            }).ToList();
            foreach (var one in agreements) terminal.Say($"  {one.agreement}  {one.digest[..16]}…{(one.suspended ? "  " + ConventionWords.Of("suspended", terminal.Language) : "")}  {ConventionWords.Of(one.file, terminal.Language)}");
            foreach (var id in files.Keys.Except(law.Agreements.Keys)) terminal.Say($"  {id}  {ConventionWords.Of("not-then", terminal.Language)}");
            foreach (var what in law.Suspended) terminal.Say($"  {ConventionWords.Of("suspended", terminal.Language)}: {what}");
            terminal.Answer(new { at = instant, set = law.Digest, record = law.Index, since = law.Since, agreements, suspended = law.Suspended });
            return agreements.TrueForAll(static one => one.file == "same-file") ? Exit.Ok : Exit.Wrong;
        });
    }

    private static SortedDictionary<string, string> Files(string contracts)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Path.Combine(contracts, "agreements"), "*.yaml")) files[Path.GetFileNameWithoutExtension(path)] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        return files;
    }
}
