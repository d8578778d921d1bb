using System.Collections.Immutable;
using Agreements.Loading.Yaml;

namespace Agreements.Loading.Conventions;

/// <summary>
/// Reads <c>contracts/suspensions.yaml</c>. A suspension of something that does not exist is an error: whoever wrote it believes it holds.
/// </summary>
internal sealed class SuspensionReader(StopTargets targets)
{
    /// <summary>All of the file.</summary>
    public (ImmutableArray<Suspension> Suspensions, ImmutableArray<Ending> Endings) Read(YamlMapping root, FileReport report)
    {
        var fields = new Fields(root, report);
        fields.Choice("schema", null, "gateway.suspensions/1");
        var suspensions = ImmutableArray.CreateBuilder<Suspension>();
        foreach (var item in fields.Maps("suspensions", required: false))
        {
            var suspension = SuspensionOf(item);
            if (suspensions.Any(other => other.Kind == suspension.Kind && other.Id == suspension.Id)) report.Error(item.Line, "suspended twice", "Keep one of them");
            suspensions.Add(suspension);
        }
        var endings = ImmutableArray.CreateBuilder<Ending>();
        foreach (var item in fields.Maps("ended", required: false))
        {
            var ending = EndingOf(item);
            if (endings.Any(other => other.Agreement == ending.Agreement)) report.Error(item.Line, "ended twice", "Keep one of them");
            endings.Add(ending);
        }
        fields.Close();
        return (suspensions.ToImmutable(), endings.ToImmutable());
    }

    /// <summary>What a person can read in a file that may be broken: all of it when it is whole, else each entry that is.</summary>
    public (ImmutableArray<Suspension> Suspensions, ImmutableArray<Ending> Endings) ReadWhatCanBe(ReadOnlySpan<byte> file)
    {
        var whole = Report();
        if (StrictYaml.Read(file, whole) is { } root && Read(root, whole) is var all && !whole.Failed) return all;
        var entries = StopEntries.In(file);
        return (Each(entries, SuspensionOf), Each(entries, EndingOf));
    }

    private static ImmutableArray<T> Each<T>(IReadOnlyList<string> entries, Func<Fields, T> read) =>
    [
        .. from text in entries
           let report = Report()
           let map = StrictYaml.Read(text, report)
           where map is not null
           let one = read(new Fields(map, report))
           where !report.Failed
           select one,
    ];

    private static FileReport Report() => new(ContractFiles.SuspensionsFile, [], new SharedValues());

    private Suspension SuspensionOf(Fields item)
    {
        var kind = item.Choice("kind", null, "institution", "client", "agreement") switch
        {
            "institution" => SuspendedKind.Institution,
            "client" => SuspendedKind.Client,
            _ => SuspendedKind.Agreement,
        };
        var suspension = new Suspension(kind, item.Text("id"), item.Text("by"), item.Date("since"));
        if (!targets.Exists(suspension)) item.Report.Error(item.LineOf("id"), $"{kind} '{suspension.Id}' does not exist", "Correct the id, or remove the entry");
        By(suspension.By, kind is SuspendedKind.Agreement ? suspension.Id : null, item);
        item.Close();
        return suspension;
    }

    private Ending EndingOf(Fields item)
    {
        var ending = new Ending(item.Text("agreement"), item.Text("by"), item.Date("on"), item.Text("reference"));
        if (!targets.HasAgreement(ending.Agreement)) item.Report.Error(item.LineOf("agreement"), $"agreement '{ending.Agreement}' does not exist", "Correct the id, or remove the entry");
        By(ending.By, ending.Agreement, item);
        item.Close();
        return ending;
    }

    // Either side may stop an agreement, and the agency; nobody else speaks for it.
    private void By(string institution, string? agreement, Fields item)
    {
        if (!targets.HasInstitution(institution)) item.Report.Error(item.LineOf("by"), $"institution '{institution}' does not exist", "Correct the id");
        else if (agreement is not null && targets.PartiesOf(agreement) is { } parties && !parties.Contains(institution) && targets.IsKnownOutsider(institution))
            item.Report.Error(item.LineOf("by"), $"institution '{institution}' is neither a party of {agreement} nor the agency", "Name who stopped it");
    }
}
