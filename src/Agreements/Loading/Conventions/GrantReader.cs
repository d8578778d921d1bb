using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Agreements.Loading.Yaml;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Conventions;

/// <summary>Reads the grants of an agreement; what they may say is checked by <see cref="GrantRules"/>.</summary>
internal sealed partial class GrantReader(LoadContext context, ImmutableArray<string> parties)
{
    private const int MostBatchLines = 5000;

    public ImmutableArray<GrantEntry> Read(Fields agreement)
    {
        var entries = ImmutableArray.CreateBuilder<GrantEntry>();
        foreach (var fields in agreement.Maps("grants"))
        {
            var entry = One(fields);
            if (entries.Any(other => other.Grant.Id == entry.Grant.Id))
                fields.Report.Error(fields.LineOf("id"), "grant-twice", Found(entry.Grant.Id));
            foreach (var operation in entry.Grant.Operations)
                if (
                    entries.Any(other =>
                        other.Grant.Consumer == entry.Grant.Consumer
                        && other.Grant.Purpose == entry.Grant.Purpose
                        && other.Grant.Find(operation.Id) is not null
                    )
                )
                    fields.Report.Error(fields.LineOf("operations"), "operation-granted-twice", Found(operation.Id));
            entries.Add(entry);
        }
        return entries.ToImmutable();
    }

    private GrantEntry One(Fields fields)
    {
        var require = fields.Map("require");
        var territory = Territory(fields.Map("territory"));
        var answer = fields.Map("answer", required: false);
        var (sources, sourceFields) = Sources(fields);
        var operations = new GrantedOperationReader(context).Read(fields);
        var schemes = fields.Texts("subjectSchemes");
        var grant = new Grant
        {
            Id = fields.Text("id", IdForm(), "lower-case-words"),
            Clause = fields.Text("clause"),
            Purpose = fields.Text("purpose"),
            LegalBasis = fields.Texts("legalBasis"),
            Consumer = fields.Text("consumer"),
            Provider = fields.Text("provider"),
            Clients = fields.Texts("clients", required: false),
            Sources = sources,
            SubjectSchemes = schemes,
            Linking = Linking(fields.Map("linking", required: false)),
            CaseReference = Header(require, "caseReference"),
            Agent = Header(require, "agent"),
            Consent = Header(require, "consent"),
            Population = Population(fields.Map("population")),
            Provinces = territory.Provinces,
            OfficeProvinceOnly = territory.Office,
            BreakGlass = territory.BreakGlass,
            Freshness = Durations.OptionalSpan(fields, "freshness"),
            Hours = HoursReader.Read(fields),
            Contest = Contest(fields.Map("contest", required: false)),
            MaxAnswerBytes = (int)(answer?.OptionalInteger("maxBytes", 256, 1_048_576) ?? 65536),
            Deadline = Deadline(answer),
            MaxBatchLines = BatchLines(fields.Map("batch", required: false)),
            Quotas = Quotas(fields.Map("quotas"), schemes),
            ForwardCaseReference = Forward(fields),
            Operations = [.. operations.Select(operation => operation.Operation)],
        };
        require?.Close();
        answer?.Close();
        var entry = new GrantEntry(grant, fields, [.. operations.Select(operation => operation.Fields)], sourceFields);
        new GrantRules(context, parties, entry).Check();
        fields.Close();
        return entry;
    }

    private static (ImmutableArray<Source> Sources, ImmutableArray<Fields> Fields) Sources(Fields fields)
    {
        var items = fields.Maps("sources");
        var sources = ImmutableArray.CreateBuilder<Source>();
        foreach (var item in items)
        {
            sources.Add(fields.Report.Shared.Value(new Source(item.Text("code"), item.Text("institution"), item.OptionalText("under"))));
            item.Close();
        }
        return (sources.ToImmutable(), items);
    }

    private static Demand Header(Fields? require, string key) =>
        require is null ? Demand.None : Demands.Of(require.Choice(key, null, "required", "optional", "none"));

    private static LinkingWindow? Linking(Fields? fields)
    {
        if (fields is null)
            return null;
        var window = new LinkingWindow(fields.Date("from"), fields.Date("until"));
        if (window.Until < window.From)
            fields.Report.Error(fields.LineOf("until"), "window-ends-early", window.From, window.Until);
        fields.Close();
        return fields.Report.Shared.Value(window);
    }

    private static Population Population(Fields? fields)
    {
        if (fields is null)
            return new Population("open-dossier", null, []);
        var population = new Population(
            fields.Choice("gate", null, "open-dossier", "own-placement", "none"),
            fields.OptionalText("declaredBy"),
            fields.Texts("qualities", required: false)
        );
        fields.Close();
        return fields.Report.Shared.Value(population);
    }

    private static (ImmutableArray<string> Provinces, bool Office, bool BreakGlass) Territory(Fields? fields)
    {
        if (fields is null)
            return ([], true, false);
        var list = fields.Node("provinces") is YamlSequence ? fields.Texts("provinces") : [];
        var word = list.IsEmpty ? fields.Choice("provinces", null, "all", "office") : "";
        var breakGlass = fields.OptionalBoolean("breakGlass") ?? false;
        fields.Close();
        return (list, word == "office", breakGlass);
    }

    private static ContestTerms? Contest(Fields? fields)
    {
        if (fields is null)
            return null;
        var terms = new ContestTerms(Durations.Period(fields, "window"), Durations.Period(fields, "reviewDue"));
        fields.Close();
        return fields.Report.Shared.Value(terms);
    }

    private static TimeSpan Deadline(Fields? answer)
    {
        var deadline = (answer is null ? null : Durations.OptionalSpan(answer, "deadline")) ?? Grant.UsualDeadline;
        if (deadline >= TimeSpan.FromSeconds(1) && deadline <= TimeSpan.FromSeconds(60))
            return deadline;
        answer?.Report.Error(answer.LineOf("deadline"), "deadline-range", Found(answer.OptionalText("deadline")), "PT8S");
        return Grant.UsualDeadline;
    }

    private static int BatchLines(Fields? fields)
    {
        if (fields is null)
            return MostBatchLines;
        var lines = (int)fields.Integer("maxLines", 1, MostBatchLines);
        fields.Close();
        return lines;
    }

    private static QuotaTerms Quotas(Fields? fields, ImmutableArray<string> schemes)
    {
        if (fields is null)
            return new QuotaTerms { BurstPerSecond = 1 };
        var quotas = new QuotaTerms
        {
            PerDay = fields.OptionalInteger("perDay", 1, 1_000_000_000),
            PerMonth = fields.OptionalInteger("perMonth", 1, 10_000_000_000),
            BurstPerSecond = (int)fields.Integer("burstPerSecond", 1, 100_000),
            PerSubjectPerDay = (int?)fields.OptionalInteger("perSubjectPerDay", 1, 100_000),
            PerAgentPerDay = (int?)fields.OptionalInteger("perAgentPerDay", 1, 100_000),
            MissesPerDay = fields.OptionalInteger("missesPerDay", 1, 1_000_000_000),
            PerOfficePerDay = (int?)fields.OptionalInteger("perOfficePerDay", 1, 10_000_000),
            PersonsPerDay = fields.OptionalInteger("personsPerDay", 1, 1_000_000_000),
            MissAllowance = fields.OptionalInteger("missAllowance", 1, 1_000_000_000)
                ?? (schemes.Any(IsGuessable) ? QuotaTerms.EnumerationAllowance : null),
            MissesPerMatch = (int)(fields.OptionalInteger("missesPerMatch", 0, 50) ?? 1),
            OpenBatches = (int?)fields.OptionalInteger("openBatches", 1, 10_000),
        };
        fields.Close();
        return fields.Report.Shared.Value(quotas);
    }

    // Ten digits can be tried one after the other; of 2^128 tokens nobody meets one.
    private static bool IsGuessable(string scheme) => scheme is "idcs" or "household-id";

    private static bool Forward(Fields fields)
    {
        var forward = fields.Texts("forward", required: false);
        foreach (var (word, line) in fields.TextLines("forward"))
            if (word != "case-reference")
                fields.Report.Error(line, "forward-unknown", Found(word), "case-reference");
        return forward.Contains("case-reference");
    }

    [GeneratedRegex(@"\A[a-z0-9-]{2,32}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex IdForm();
}
