using System.Collections.Immutable;
using Agreements.Loading.Yaml;

namespace Agreements.Loading.Conventions;

/// <summary>
/// Reads <c>contracts/suspensions.yaml</c>. A suspension of something that does not exist is an error: whoever wrote it believes it holds.
/// </summary>
internal sealed class SuspensionReader(LoadContext context, IReadOnlySet<string> agreements, IReadOnlyDictionary<string, AgreementEntry> known)
{
    public (ImmutableArray<Suspension> Suspensions, ImmutableArray<Ending> Endings) Read(YamlMapping root, FileReport report)
    {
        var fields = new Fields(root, report);
        fields.Choice("schema", null, "gateway.suspensions/1");
        var suspensions = ImmutableArray.CreateBuilder<Suspension>();
        foreach (var item in fields.Maps("suspensions", required: false))
        {
            var kind = item.Choice("kind", null, "institution", "client", "agreement") switch
            {
                "institution" => SuspendedKind.Institution,
                "client" => SuspendedKind.Client,
                _ => SuspendedKind.Agreement,
            };
            var suspension = new Suspension(kind, item.Text("id"), item.Text("by"), item.Date("since"));
            if (!Exists(suspension)) report.Error(item.LineOf("id"), $"{kind} '{suspension.Id}' does not exist", "Correct the id, or remove the entry");
            By(suspension.By, kind is SuspendedKind.Agreement ? suspension.Id : null, item, report);
            if (suspensions.Any(other => other.Kind == kind && other.Id == suspension.Id)) report.Error(item.Line, "suspended twice", "Keep one of them");
            item.Close();
            suspensions.Add(suspension);
        }
        var endings = Endings(fields, report);
        fields.Close();
        return (suspensions.ToImmutable(), endings);
    }

    private ImmutableArray<Ending> Endings(Fields fields, FileReport report)
    {
        var endings = ImmutableArray.CreateBuilder<Ending>();
        foreach (var item in fields.Maps("ended", required: false))
        {
            var ending = new Ending(item.Text("agreement"), item.Text("by"), item.Date("on"), item.Text("reference"));
            if (!agreements.Contains(ending.Agreement)) report.Error(item.LineOf("agreement"), $"agreement '{ending.Agreement}' does not exist", "Correct the id, or remove the entry");
            By(ending.By, ending.Agreement, item, report);
            if (endings.Any(other => other.Agreement == ending.Agreement)) report.Error(item.Line, "ended twice", "Keep one of them");
            item.Close();
            endings.Add(ending);
        }
        return endings.ToImmutable();
    }

    // Either side may stop an agreement, and the agency; nobody else speaks for it.
    private void By(string institution, string? agreement, Fields item, FileReport report)
    {
        if (!context.InstitutionFiles.Contains(institution)) report.Error(item.LineOf("by"), $"institution '{institution}' does not exist", "Correct the id");
        else if (agreement is not null && known.TryGetValue(agreement, out var entry) && !entry.Agreement.Parties.Contains(institution)
            && context.Institutions.TryGetValue(institution, out var who) && who.Class is not InstitutionClass.Agency)
            report.Error(item.LineOf("by"), $"institution '{institution}' is neither a party of {agreement} nor the agency", "Name who stopped it");
    }

    private bool Exists(Suspension suspension) => suspension.Kind switch
    {
        SuspendedKind.Institution => context.InstitutionFiles.Contains(suspension.Id),
        SuspendedKind.Client => context.Clients.Any(entry => entry.Client.Id == suspension.Id),
        _ => agreements.Contains(suspension.Id),
    };
}
