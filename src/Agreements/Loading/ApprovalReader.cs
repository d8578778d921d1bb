using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Agreements.Loading.Conventions;
using Agreements.Loading.Remembered;
using Agreements.Loading.Yaml;
using Agreements.Signatures;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading;

/// <summary>
/// Reads <c>approvals.yaml</c>: two operators' signatures under the digest of every file but <c>suspensions.yaml</c>, and under what was
/// stopped when they signed. Stopping something more takes no approval, so that it is quick; letting it go on takes two, also when it was
/// stopped after they signed: the book remembers it, and a later approval names it.
/// <code>
/// schema: gateway.approvals/1
/// number: 7
/// files: "&lt;64 hex digits&gt;"
/// stopped: ["agreement ANSS-CNSS-2026-01 since 2026-10-20"]
/// lifted: ["client anss-batch"]
/// signatures:
///   - { operator: op-1, on: 2026-11-22, algorithm: ES256, value: "…" }
/// </code>
/// </summary>
internal sealed partial class ApprovalReader(
    ContractFiles files,
    OperatorSet operators,
    ImmutableArray<Suspension> suspensions,
    ImmutableArray<Ending> endings,
    LawBook? book
)
{
    public void Check(FileReport report)
    {
        if (files.Find(ContractFiles.ApprovalsFile) is not { } bytes)
        {
            report.Error(0, "approval-none", ApproveCommand);
            return;
        }

        if (StrictYaml.Read(bytes, report) is not { } root)
            return;
        var fields = new Fields(root, report);
        fields.Choice("schema", null, "gateway.approvals/1");
        SignedPart.Check(bytes, root, fields);
        Numbered(fields, bytes);
        var approved = fields.Text("files", HexForm(), Words("form-hex-quoted"));
        if (approved.Length > 0 && approved != files.Approvable)
            report.Error(fields.LineOf("files"), "approval-other-files", ApproveCommand);
        var stopped = StandingStop.Of(suspensions, endings);
        foreach (var (text, line) in fields.TextLines("stopped"))
            if (!StandingStop.Read(text).StandsIn(stopped))
                report.Error(line, "approval-stop-gone", ApproveCommand, Found(text));
        fields.Texts("stopped", required: false);
        Lifted(fields, stopped);
        var signers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in fields.Maps("signatures"))
            if (Signer(item, bytes) is { } signer)
                signers.Add(signer);
        fields.Close();
        if (signers.Count < OperatorSet.Needed)
            report.Error(fields.LineOf("signatures"), "approval-few", ApproveCommand, signers.Count);
    }

    /// <summary>The approval that was read, for who remembers it.</summary>
    public KnownVersion? Approval { get; private set; }

    // Whoever puts back an old set puts back its approvals with it.
    private void Numbered(Fields fields, byte[] bytes)
    {
        var text = Convert.ToHexStringLower(SHA256.HashData(AgreementSignature.SignedBytes(bytes)));
        var approval = new KnownVersion((int)fields.Integer("number", 1, 999_999_999), text, null);
        Approval = approval;
        if (book?.Approval is not { } last)
            return;
        if (approval.Version < last.Version)
            Wrong("approval-replaced");
        else if (approval.Version == last.Version && approval.Text != last.Text)
            Wrong("approval-other-set");

        void Wrong(string code) =>
            fields.Report.Error(
                fields.LineOf("number"),
                code,
                Number(approval.Version),
                Number(last.Version),
                $"{ApproveCommand} --after {last.Version}"
            );
    }

    // What was stopped under an approval does not go on under the same one.
    private void Lifted(Fields fields, ImmutableArray<StandingStop> stopped)
    {
        var lifted = fields.Texts("lifted", required: false);
        if (book?.Approval is not { } last)
            return;
        var isLater = Approval?.Version > last.Version;
        foreach (var stop in book.Stops.Where(stop => !stop.StandsIn(stopped) && !(isLater && lifted.Contains(stop.What))))
            fields.Report.Error(fields.LineOf("number"), "stop-lifted", stop.ToString(), $"{ApproveCommand} --lift \"{stop.What}\"");
    }

    private string? Signer(Fields item, byte[] file)
    {
        var (id, value) = (item.Text("operator"), item.Text("value"));
        item.Date("on");
        item.Choice("algorithm", null, "ES256");
        item.Close();
        if (id.Length == 0 || value.Length == 0)
            return null;
        if (operators.Find(id) is not { } key)
        {
            item.Report.Error(item.LineOf("operator"), "operator-unknown", Found(id));
            return null;
        }

        var verdict = AgreementSignature.Judge(file, value, id, key.Jwk);
        if (verdict is SignatureVerdict.NotOfThisForm)
            item.Report.Error(item.LineOf("value"), "approval-form", id, SignatureForm, ApproveCommand);
        else if (verdict is SignatureVerdict.DoesNotFit)
            item.Report.Error(item.LineOf("value"), "approval-unfit", id, ApproveCommand);
        return verdict is SignatureVerdict.Fits ? id : null;
    }

    [GeneratedRegex(@"\A[0-9a-f]{64}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex HexForm();
}
