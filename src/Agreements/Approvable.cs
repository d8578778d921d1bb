using System.Collections.Immutable;
using System.Text;
using Agreements.Loading;
using Agreements.Loading.Remembered;
using Agreements.Loading.Yaml;
using Agreements.Signatures;

namespace Agreements;

/// <summary>What operators put their names to: the set of a folder as it is.</summary>
/// <param name="Number">One more than that of the approvals that stand there, or theirs when they are of this very set.</param>
/// <param name="Files">Lower-case hex digest of every file but <c>suspensions.yaml</c>.</param>
/// <param name="Stopped">What is stopped, with its first day: <c>client anss-batch since 2026-10-01</c>.</param>
/// <param name="Lifted">What was stopped, and goes on with this approval: <c>client anss-batch</c>.</param>
public sealed record Approvable(int Number, string Files, ImmutableArray<string> Stopped, ImmutableArray<string> Lifted)
{
    /// <summary>Reads a folder; it must load.</summary>
    /// <param name="contractsDirectory">Contracts folder.</param>
    /// <param name="time">Clock.</param>
    /// <param name="lift">
    /// What was stopped since the approvals that stand there, and is to go on: kind and id. What they name as stopped, and is not any more,
    /// goes on without being named.
    /// </param>
    /// <returns>The set; null when it does not load.</returns>
    public static Approvable? Of(string contractsDirectory, TimeProvider time, params ReadOnlySpan<string> lift)
    {
        if (RegistryLoader.Load(contractsDirectory, time).Registry is not { } registry)
            return null;
        var files = ContractFiles.Read(contractsDirectory, []);
        var stopped = StandingStop.Of(registry.Suspensions, registry.Endings);
        var before = Before(files.Find(ContractFiles.ApprovalsFile));
        var texts = stopped.Select(static one => one.ToString()).ToImmutableArray();
        var same = new Approvable(before.Number, files.Approvable, texts, Texts(before.Lifted, lift));
        if (same.Text == before.Text)
            return same;
        var gone = before.Stopped.Where(one => !one.StandsIn(stopped)).Select(static one => one.What);
        return same with { Number = before.Number + 1, Lifted = Texts(gone, lift) };
    }

    /// <summary>The text that operators sign, up to <c>signatures:</c>.</summary>
    public string Text =>
        $"schema: gateway.approvals/1\nnumber: {Number}\nfiles: \"{Files}\"\nstopped: [{Quoted(Stopped)}]\nlifted: [{Quoted(Lifted)}]\n";

    private static string Quoted(IEnumerable<string> texts) => string.Join(", ", texts.Select(static text => $"\"{text}\""));

    private static ImmutableArray<string> Texts(IEnumerable<string> texts, ReadOnlySpan<string> more) =>
        [.. texts.Concat(more.ToArray()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static (int Number, string Text, ImmutableArray<StandingStop> Stopped, ImmutableArray<string> Lifted) Before(byte[]? file)
    {
        var report = new FileReport(ContractFiles.ApprovalsFile, [], new SharedValues());
        if (file is null || StrictYaml.Read(file, report) is not { } root)
            return (0, "", [], []);
        var fields = new Fields(root, report);
        return (
            (int)(fields.OptionalInteger("number", 1, 999_999_999) ?? 0),
            Encoding.UTF8.GetString(AgreementSignature.SignedBytes(file)),
            [.. fields.Texts("stopped", required: false).Select(StandingStop.Read)],
            fields.Texts("lifted", required: false)
        );
    }
}
