using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Agreements.Keys;
using Agreements.Loading.Yaml;
using Wording;

namespace Agreements.Loading.Institutions;

/// <summary>Reads <c>certificate</c>: one rule, or a list of two during a renewal.</summary>
internal sealed partial class CertificateRuleReader(Fields client)
{
    public ImmutableArray<CertificateRule> Read()
    {
        var node = client.Node("certificate", required: false);
        if (node is null)
            return [];
        if (node is YamlMapping one)
            return [Rule(new Fields(one, client.Report))];
        var rules = client.Maps("certificate");
        if (rules.Length > 2)
            client.Report.Error(node.Line, "certificate-rules-many");
        return [.. rules.Select(Rule)];
    }

    private static CertificateRule Rule(Fields fields)
    {
        var rule = new CertificateRule
        {
            SpkiSha256 = fields.OptionalText("spkiSha256", HexForm(), FindingWords.Words("form-hex")),
            X5tS256 = fields.OptionalText("x5tS256"),
            Authority = fields.OptionalText("authority"),
            SubjectDn = fields.OptionalText("subjectDn"),
            SanDns = fields.OptionalText("sanDns"),
            SanUri = fields.OptionalText("sanUri"),
            SanIp = fields.OptionalText("sanIp"),
            SanEmail = fields.OptionalText("sanEmail"),
        };
        if (rule.X5tS256 is { } digest && StrictBase64Url.Decode(digest) is not { Length: 32 })
            fields.Report.Error(fields.LineOf("x5tS256"), "x5t-form", FindingWords.Found(digest));
        var names = new[] { rule.SubjectDn, rule.SanDns, rule.SanUri, rule.SanIp, rule.SanEmail }.Count(name => name is not null);
        var kinds = (rule.SpkiSha256 is null ? 0 : 1) + (rule.X5tS256 is null ? 0 : 1) + (rule.Authority is null ? 0 : 1);
        if (kinds != 1 || names != (rule.Authority is null ? 0 : 1))
            fields.Report.Error(fields.Line, "certificate-rule-kinds", Blank.List((string[])["spkiSha256", "x5tS256"]), "authority");
        if (rule.SubjectDn is { } subject)
            fields.Report.Warn(fields.LineOf("subjectDn"), "subject-rule", FindingWords.Found(subject));
        fields.Close();
        return rule;
    }

    [GeneratedRegex(@"\A[0-9a-f]{64}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex HexForm();
}
