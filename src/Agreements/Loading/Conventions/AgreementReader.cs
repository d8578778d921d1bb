using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Agreements.Loading.Yaml;
using Agreements.Signatures;
using Wording;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Conventions;

/// <summary>Reads one file of <c>contracts/agreements</c> (exchanges page, section 16.3).</summary>
internal sealed partial class AgreementReader(LoadContext context)
{
    public AgreementEntry Read(string fileName, byte[] file, YamlMapping root, FileReport report)
    {
        var fields = new Fields(root, report);
        fields.Choice("schema", null, "gateway.agreement/1");
        var id = fields.Text("id", IdForm(), "ANSS-MENPS-2026-01");
        if (id.Length > 48)
            report.Error(fields.LineOf("id"), "id-long", Found(id));
        if (id.Length > 0 && fileName != id)
            report.Error(fields.LineOf("id"), "id-not-file", Found(id), $"id: {fileName}");
        var parties = Parties(fields);
        var (from, until, warn) = Validity(fields);
        var retention = fields.Map("retention");
        var prior = Prior(fields);
        var grants = new GrantReader(context, parties).Read(fields);
        var signatures = new SignatureReader(context, parties, grants).Read(file, root, fields);
        var agreement = new Agreement
        {
            Id = id,
            Version = Version(fields),
            Title = fields.Localized("title"),
            Parties = parties,
            Text = Paper(fields.Map("text")),
            From = from,
            Until = until,
            WarnDaysBefore = warn,
            PriorAuthorization = prior,
            AuditSearchable = Period(retention, "auditSearchable"),
            AuditArchived = Period(retention, "auditArchived"),
            BatchResults = retention is null ? default : Durations.Span(retention, "batchResults"),
            Quotas = Quotas(fields.Map("quotas", required: false)),
            Grants = [.. grants.Select(grant => grant.Grant)],
            Signed = signatures.Complete,
            Signatures = signatures.Parties,
            Digest = Convert.ToHexStringLower(SHA256.HashData(file)),
            TextDigest = Convert.ToHexStringLower(SHA256.HashData(AgreementSignature.SignedBytes(file))),
        };
        retention?.Close();
        Placeholders.Check(root, report, draft: !fields.Has("signatures"));
        fields.Close();
        return new AgreementEntry(
            agreement,
            [.. grants.Select(GrantPlaces.Of)],
            fields.LineOf("version"),
            fields.LineOf("signatures"),
            report
        );
    }

    private static int Version(Fields fields)
    {
        var version = (int)fields.Integer("version", 1, 9999);
        var replaces = fields.OptionalInteger("replaces", 1, 9998);
        if (version == 1 && replaces is not null)
            fields.Report.Error(fields.LineOf("replaces"), "version-replaces-nothing", "replaces");
        var line = fields.LineOf(fields.Has("replaces") ? "replaces" : "version");
        if (version > 1 && replaces != version - 1)
            fields.Report.Error(line, "version-replaces", Number(version), $"replaces: {version - 1}");
        return version;
    }

    private ImmutableArray<string> Parties(Fields fields)
    {
        var parties = fields.Texts("parties");
        if (parties.Length == 1)
            fields.Report.Error(fields.LineOf("parties"), "one-party", Found(parties[0]));
        foreach (var (party, line) in fields.TextLines("parties"))
            if (!context.InstitutionFiles.Contains(party))
                fields.Report.Error(line, "institution-unknown", Found(party), $"institutions/{party}.yaml");
        return parties;
    }

    private static (DateOnly From, DateOnly Until, ImmutableArray<int> Warn) Validity(Fields fields)
    {
        if (fields.Map("validity") is not { } validity)
            return default;
        var from = validity.Date("from");
        var until = validity.Date("until");
        if (until < from)
            validity.Report.Error(validity.LineOf("until"), "agreement-ends-early", from, until);
        var warn = ImmutableArray.CreateBuilder<int>();
        foreach (var item in validity.Items("warnDaysBefore", required: false))
        {
            var text = (item as YamlScalar)?.Value;
            if (item is YamlScalar { Plain: true, Value.Length: <= 3 } && int.TryParse(text, out var days) && days > 0)
                warn.Add(days);
            else
                validity.Report.Error(item.Line, "days-form", Found(text));
        }
        validity.Close();
        return (from, until, warn.ToImmutable());
    }

    private static PaperText? Paper(Fields? fields)
    {
        if (fields is null)
            return null;
        var paper = new PaperText(fields.Text("reference"), fields.Texts("languages"), fields.Text("sha256", HexForm(), Words("form-hex")));
        if (paper.Languages.FirstOrDefault(static language => !Languages.All.Contains(language)) is { } other)
            fields.Report.Error(fields.LineOf("languages"), "language-unknown", Found(other), Blank.List(Languages.All));
        fields.Close();
        return fields.Report.Shared.Value(paper);
    }

    private PriorAuthorization? Prior(Fields fields)
    {
        if (fields.Map("priorAuthorization", required: false) is not { } prior)
            return null;
        var purposes = prior.Texts("purposes");
        foreach (var (purpose, line) in prior.TextLines("purposes"))
            if (!context.Reference.Purposes.ContainsKey(purpose))
                prior.Report.Error(line, "purpose-unknown", Found(purpose), PurposesFile);
        var authorization = new PriorAuthorization(prior.Text("number"), prior.Date("on"), prior.Date("until"), purposes);
        if (authorization.Until < authorization.On)
            prior.Report.Error(prior.LineOf("until"), "prior-ends-early", authorization.On, authorization.Until);
        prior.Close();
        return prior.Report.Shared.Value(authorization);
    }

    private static TotalQuotas? Quotas(Fields? fields)
    {
        if (fields is null)
            return null;
        var quotas = new TotalQuotas(
            fields.OptionalInteger("perDay", 1, 1_000_000_000),
            fields.OptionalInteger("perMonth", 1, 10_000_000_000)
        );
        if (quotas is { PerDay: null, PerMonth: null })
            fields.Report.Error(fields.Line, "quotas-unbound", "perDay", "perMonth", "quotas");
        fields.Close();
        return fields.Report.Shared.Value(quotas);
    }

    private static CivilPeriod Period(Fields? retention, string key) => retention is null ? default : Durations.Period(retention, key);

    [GeneratedRegex(@"\A[A-Z0-9]+(-[A-Z0-9]+){1,5}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex IdForm();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex HexForm();
}

/// <summary>
/// An agreement with the lines that checks over all files may have to name. The nodes of the file are let go: ten thousand stay in memory.
/// </summary>
internal sealed record AgreementEntry(
    Agreement Agreement,
    ImmutableArray<GrantPlaces> Grants,
    int VersionLine,
    int SignaturesLine,
    FileReport Report
);

/// <summary>A grant with the lines of its purpose and of its sources' <c>under</c>.</summary>
internal sealed record GrantPlaces(Grant Grant, int PurposeLine, ImmutableArray<int> UnderLines)
{
    public static GrantPlaces Of(GrantEntry entry) =>
        new(entry.Grant, entry.Fields.LineOf("purpose"), [.. entry.Sources.Select(static source => source.LineOf("under"))]);
}

/// <summary>A grant with the places of its clauses.</summary>
internal sealed record GrantEntry(Grant Grant, Fields Fields, ImmutableArray<Fields> Operations, ImmutableArray<Fields> Sources);
