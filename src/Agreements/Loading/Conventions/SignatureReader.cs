using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Agreements.Loading.Yaml;
using Agreements.Signatures;
using Wording;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Conventions;

/// <summary>
/// Reads and verifies the signatures of an agreement file. None or some of them: not in force. A wrong one: not loaded, because somebody
/// changed what was signed.
/// </summary>
internal sealed partial class SignatureReader(LoadContext context, ImmutableArray<string> parties, ImmutableArray<GrantEntry> grants)
{
    public (ImmutableArray<AgreementParty> Parties, bool Complete) Read(byte[] file, YamlMapping root, Fields fields)
    {
        if (!fields.Has("signatures"))
        {
            fields.Ignore("signatures");
            fields.Report.Warn(0, "signatures-none");
            return ([], false);
        }
        SignedPart.Check(file, root, fields);
        var valid = ImmutableArray.CreateBuilder<AgreementParty>();
        foreach (var item in fields.Maps("signatures"))
        {
            if (One(file, item) is not { } party)
                continue;
            if (
                valid.Any(other => other.KeyId == party.KeyId)
                || (valid.Any(other => other.Institution == party.Institution) && !Twice(party.Institution))
            )
                item.Report.Error(item.Line, "signature-twice", party.Institution);
            else
                valid.Add(party);
        }
        var missing = parties.Where(party => valid.Count(signature => signature.Institution == party) < (Twice(party) ? 2 : 1)).ToArray();
        if (missing.Length > 0)
            fields.Report.Warn(fields.LineOf("signatures"), "signatures-missing", Blank.List(missing));
        return (valid.ToImmutable(), missing.Length == 0);
    }

    private AgreementParty? One(byte[] file, Fields item)
    {
        var function = item.Text("function", FunctionForm(), Words("form-function"));
        var party = new AgreementParty(item.Text("institution"), function, item.Date("on"), item.Text("keyId"));
        item.Choice("algorithm", null, "ES256");
        var value = item.Text("value");
        party = party with { Identity = AgreementSignature.IdentityOf(value, party.KeyId) };
        item.Close();
        if (!parties.Contains(party.Institution))
        {
            item.Report.Error(item.LineOf("institution"), "signature-of-stranger", Found(party.Institution));
            return null;
        }
        // A broken institution file is reported there; here it would be a second message about the same fault.
        if (!context.Institutions.TryGetValue(party.Institution, out var institution))
            return null;
        if (!institution.SigningKeys.TryGetValue(party.KeyId, out var jwk))
        {
            item.Report.Error(item.LineOf("keyId"), "signing-key-unknown", party.Institution, Found(party.KeyId), "signingKeys");
            return null;
        }
        if (!institution.IsInTerm(party.KeyId, party.On))
            item.Report.Error(item.LineOf("on"), "signing-key-term", party.KeyId, party.On);
        var verdict = AgreementSignature.Judge(file, value, party.KeyId, jwk);
        if (verdict is SignatureVerdict.NotOfThisForm)
            item.Report.Error(item.LineOf("value"), "signature-form", party.Institution, SignatureForm, SignCommand);
        else if (verdict is SignatureVerdict.DoesNotFit)
            item.Report.Error(item.LineOf("value"), "signature-unfit", party.Institution);
        return verdict is SignatureVerdict.Fits ? party : null;
    }

    // Children in care: the agency signs with two keys (exchanges page, section 8).
    private bool Twice(string institution) =>
        context.Institutions.TryGetValue(institution, out var known)
        && known.Class is InstitutionClass.Agency
        && grants.Any(entry => entry.Grant.Operations.Any(operation => operation.Id.StartsWith("care.", StringComparison.Ordinal)));

    // It stands behind the signed part, so it may name an office and say nothing else.
    [GeneratedRegex(@"\A\p{L}[\p{L}\p{M} '’-]{1,79}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex FunctionForm();
}
