using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Agreements.Loading.Conventions;
using Agreements.Loading.Remembered;
using Agreements.Loading.Yaml;
using Agreements.Signatures;

namespace Agreements.Loading;

/// <summary>
/// Reads <c>approvals.yaml</c>: two operators' signatures under the digest of every file but <c>suspensions.yaml</c>, and under what was stopped
/// when they signed. Stopping something more takes nobody's approval, so that it is quick; letting it go on takes two.
/// <code>
/// schema: gateway.approvals/1
/// number: 7
/// files: "&lt;64 hex digits&gt;"
/// stopped: ["agreement ANSS-CNSS-2026-01"]
/// signatures:
///   - { operator: op-1, on: 2026-11-22, algorithm: ES256, value: "…" }
/// </code>
/// </summary>
internal sealed partial class ApprovalReader(ContractFiles files, OperatorSet operators, ImmutableArray<Suspension> suspensions, ImmutableArray<Ending> endings, LawBook? book)
{
    private const string Remedy = "Have two operators run: gatewayctl contracts approve";

    public void Check(FileReport report)
    {
        if (files.Find(ContractFiles.ApprovalsFile) is not { } bytes)
        {
            report.Error(0, "nobody approved the set", Remedy);
            return;
        }

        if (StrictYaml.Read(bytes, report) is not { } root) return;
        var fields = new Fields(root, report);
        fields.Choice("schema", null, "gateway.approvals/1");
        SignedPart.Check(bytes, root, fields);
        Number(fields, bytes);
        var approved = fields.Text("files", HexForm(), "64 lower-case hex digits in quotes");
        if (approved.Length > 0 && approved != files.Approvable) report.Error(fields.LineOf("files"), "the approvals are of another set of files", Remedy);
        var stopped = Stopped(suspensions, endings).ToHashSet(StringComparer.Ordinal);
        foreach (var (what, line) in fields.TextLines("stopped"))
            if (!stopped.Contains(what)) report.Error(line, $"'{what}' was stopped when the set was approved, and is not any more", Remedy);
        fields.Texts("stopped", required: false);
        var signers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in fields.Maps("signatures")) if (Signer(item, bytes) is { } signer) signers.Add(signer);
        fields.Close();
        if (signers.Count < OperatorSet.Needed) report.Error(fields.LineOf("signatures"), $"approvals of two operators are needed, and there is {signers.Count}", Remedy);
    }

    /// <summary>The approval that was read, for who remembers it.</summary>
    public KnownVersion? Approval { get; private set; }

    // Whoever puts back an old set puts back its approvals with it.
    private void Number(Fields fields, byte[] bytes)
    {
        Approval = new KnownVersion((int)fields.Integer("number", 1, 999_999_999), Convert.ToHexStringLower(SHA256.HashData(AgreementSignature.SignedBytes(bytes))), null);
        if (book?.Approval is not { } last) return;
        if (Approval.Version < last.Version) fields.Report.Error(fields.LineOf("number"), $"approval {Approval.Version} was replaced: approval {last.Version} has been in force here", After(last));
        else if (Approval.Version == last.Version && Approval.Text != last.Text) fields.Report.Error(fields.LineOf("number"), $"approval {Approval.Version} has been in force here for another set", After(last));

        static string After(KnownVersion last) => $"Have two operators run: gatewayctl contracts approve --after {last.Version}";
    }

    /// <summary>What is stopped, one text each: kind and id.</summary>
    public static IEnumerable<string> Stopped(ImmutableArray<Suspension> suspensions, ImmutableArray<Ending> endings) =>
        suspensions.Select(static one => $"{one.Kind.ToString().ToLowerInvariant()} {one.Id}").Concat(endings.Select(static one => $"ended {one.Agreement}")).Order(StringComparer.Ordinal);

    private string? Signer(Fields item, byte[] file)
    {
        var (id, value) = (item.Text("operator"), item.Text("value"));
        item.Date("on");
        item.Choice("algorithm", null, "ES256");
        item.Close();
        if (id.Length == 0 || value.Length == 0) return null;
        if (operators.Find(id) is not { } key)
        {
            item.Report.Error(item.LineOf("operator"), $"'{id}' is no operator", "Remove the signature, or correct the operator");
            return null;
        }

        var verdict = AgreementSignature.Judge(file, value, id, key.Jwk);
        if (verdict is SignatureVerdict.NotOfThisForm)
            item.Report.Error(item.LineOf("value"), $"the approval of '{id}' is no detached JWS of this operator (ES256, b64 false, kid)", "Have the operator approve anew: gatewayctl contracts approve; approvals of before do not count");
        else if (verdict is SignatureVerdict.DoesNotFit) item.Report.Error(item.LineOf("value"), $"the approval of '{id}' does not fit the file", "Have the operator approve again");
        return verdict is SignatureVerdict.Fits ? id : null;
    }

    [GeneratedRegex(@"\A[0-9a-f]{64}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex HexForm();
}

/// <summary>What operators put their names to: the set of a folder as it is.</summary>
/// <param name="Number">One more than that of the approvals that stand there, or theirs when they are of this very set.</param>
/// <param name="Files">Lower-case hex digest of every file but <c>suspensions.yaml</c>.</param>
/// <param name="Stopped">What is stopped.</param>
public sealed record Approvable(int Number, string Files, ImmutableArray<string> Stopped)
{
    /// <summary>Reads a folder; it must load.</summary>
    /// <param name="contractsDirectory">Contracts folder.</param>
    /// <param name="time">Clock.</param>
    /// <returns>The set; null when it does not load.</returns>
    public static Approvable? Of(string contractsDirectory, TimeProvider time)
    {
        if (RegistryLoader.Load(contractsDirectory, time).Registry is not { } registry) return null;
        var files = ContractFiles.Read(contractsDirectory, []);
        var (before, text) = Before(files.Find(ContractFiles.ApprovalsFile));
        var now = new Approvable(before, files.Approvable, [.. ApprovalReader.Stopped(registry.Suspensions, registry.Endings)]);
        return now.Text == text ? now : now with { Number = before + 1 };
    }

    /// <summary>The text that operators sign, up to <c>signatures:</c>.</summary>
    public string Text => $"schema: gateway.approvals/1\nnumber: {Number}\nfiles: \"{Files}\"\nstopped: [{string.Join(", ", Stopped.Select(static what => $"\"{what}\""))}]\n";

    private static (int Number, string Text) Before(byte[]? file)
    {
        var report = new FileReport(ContractFiles.ApprovalsFile, [], new SharedValues());
        if (file is null || StrictYaml.Read(file, report) is not { } root) return default;
        return ((int)(new Fields(root, report).OptionalInteger("number", 1, 999_999_999) ?? 0), System.Text.Encoding.UTF8.GetString(AgreementSignature.SignedBytes(file)));
    }
}
