using System.Collections.Immutable;
using Agreements.Loading.Yaml;

namespace Agreements.Loading.Conventions;

/// <summary>
/// Reads <c>contracts/suspensions.yaml</c>. A suspension of something that does not exist is an error: whoever wrote it believes it holds.
/// </summary>
internal sealed class SuspensionReader(LoadContext context, IReadOnlySet<string> agreements)
{
    public ImmutableArray<Suspension> Read(YamlMapping root, FileReport report)
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
            if (!context.InstitutionFiles.Contains(suspension.By)) report.Error(item.LineOf("by"), $"institution '{suspension.By}' does not exist", "Correct the id");
            if (suspensions.Any(other => other.Kind == kind && other.Id == suspension.Id)) report.Error(item.Line, "suspended twice", "Keep one of them");
            item.Close();
            suspensions.Add(suspension);
        }
        fields.Close();
        return suspensions.ToImmutable();
    }

    private bool Exists(Suspension suspension) => suspension.Kind switch
    {
        SuspendedKind.Institution => context.InstitutionFiles.Contains(suspension.Id),
        SuspendedKind.Client => context.Clients.Any(entry => entry.Client.Id == suspension.Id),
        _ => agreements.Contains(suspension.Id),
    };
}
