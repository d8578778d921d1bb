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
/// when they signed. Stopping something more takes no approval, so that it is quick; letting it go on takes two, also when it was stopped
/// after they signed: the book remembers it, and a later approval names it.
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
        var stopped = StandingStop.Of(suspensions, endings);
        foreach (var (text, line) in fields.TextLines("stopped"))
            if (!StandingStop.Read(text).StandsIn(stopped))
                report.Error(line, $"'{text}' was stopped when the set was approved, and is not any more", Remedy);
        fields.Texts("stopped", required: false);
        Lifted(fields, stopped);
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

    // What was stopped under an approval does not go on under the same one.
    private void Lifted(Fields fields, ImmutableArray<StandingStop> stopped)
    {
        var lifted = fields.Texts("lifted", required: false);
        if (book?.Approval is not { } last) return;
        var isLater = Approval?.Version > last.Version;
        foreach (var stop in book.Stops.Where(stop => !stop.StandsIn(stopped) && !(isLater && lifted.Contains(stop.What))))
            fields.Report.Error(fields.LineOf("number"), $"'{stop}' is stopped here, and two operators have not approved that it goes on",
                $"Put its line back, or have two operators run: gatewayctl contracts approve --lift \"{stop.What}\"");
    }

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
