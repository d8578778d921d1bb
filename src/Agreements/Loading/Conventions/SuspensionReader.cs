using System.Collections.Immutable;
using Agreements.Loading.Yaml;
using static Agreements.Loading.FindingWords;

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
            if (suspensions.Any(other => other.Kind == suspension.Kind && other.Id == suspension.Id))
                report.Error(item.Line, "suspended-twice", Found(suspension.Id));
            suspensions.Add(suspension);
        }
        var endings = ImmutableArray.CreateBuilder<Ending>();
        foreach (var item in fields.Maps("ended", required: false))
        {
            var ending = EndingOf(item);
            if (endings.Any(other => other.Agreement == ending.Agreement))
                report.Error(item.Line, "ended-twice", Found(ending.Agreement));
            endings.Add(ending);
        }
        fields.Close();
        return (suspensions.ToImmutable(), endings.ToImmutable());
    }

    /// <summary>
    /// What a person can read in a file that may be broken: all of it when it is whole, else each entry that names what it stops. An entry
    /// that is wrong in any other member stops it all the same, from today on where it states no day.
    /// </summary>
    /// <param name="file">Bytes of the file.</param>
    /// <param name="today">Civil day.</param>
    public (ImmutableArray<Suspension> Suspensions, ImmutableArray<Ending> Endings) ReadWhatCanBe(ReadOnlySpan<byte> file, DateOnly today)
    {
        var whole = Report();
        if (StrictYaml.Read(file, whole) is { } root && Read(root, whole) is var all && !whole.Failed)
            return all;
        var entries = StopEntries.In(file);
        var (suspensions, endings) = (ImmutableArray.CreateBuilder<Suspension>(), ImmutableArray.CreateBuilder<Ending>());
        foreach (var text in entries)
        {
            var report = Report();
            if (StrictYaml.Read(text, report) is not { } map || report.Failed)
                continue;
            if (Sound(map, EndingOf) is { } ending)
                endings.Add(ending);
            else if ((Sound(map, SuspensionOf) ?? Named(new Fields(map, Report()), today)) is { } suspension)
                suspensions.Add(suspension);
        }

        return (suspensions.ToImmutable(), endings.ToImmutable());
    }

    private static T? Sound<T>(YamlMapping map, Func<Fields, T> read)
        where T : class
    {
        var report = Report();
        var one = read(new Fields(map, report));
        return report.Failed ? null : one;
    }

    // An ending does not come back: one that is not sound only suspends.
    private Suspension? Named(Fields item, DateOnly today)
    {
        SuspendedKind? kind = item.OptionalText("kind") switch
        {
            "institution" => SuspendedKind.Institution,
            "client" => SuspendedKind.Client,
            "agreement" => SuspendedKind.Agreement,
            _ => item.Has("agreement") ? SuspendedKind.Agreement : null,
        };
        var id = item.OptionalText("id") ?? item.OptionalText("agreement");
        if (kind is null || id is null)
            return null;
        var since = item.OptionalDate("since") ?? item.OptionalDate("on") ?? today;
        var stop = new Suspension(kind.Value, id, item.OptionalText("by") ?? "", since);
        if (!targets.Exists(stop))
            return null;
        if (!targets.HasInstitution(stop.By))
            return stop with { By = targets.OwnerOf(stop) };
        var isOfStranger = stop.Kind is SuspendedKind.Agreement && !MaySpeakFor(stop.Id, stop.By);
        return isOfStranger ? null : stop;
    }

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
        if (!targets.Exists(suspension))
            item.Report.Error(item.LineOf("id"), UnknownCode(kind), Found(suspension.Id));
        By(suspension.By, kind is SuspendedKind.Agreement ? suspension.Id : null, item);
        item.Close();
        return suspension;
    }

    private Ending EndingOf(Fields item)
    {
        var ending = new Ending(item.Text("agreement"), item.Text("by"), item.Date("on"), item.Text("reference"));
        if (!targets.HasAgreement(ending.Agreement))
            item.Report.Error(item.LineOf("agreement"), UnknownCode(SuspendedKind.Agreement), Found(ending.Agreement));
        By(ending.By, ending.Agreement, item);
        item.Close();
        return ending;
    }

    private static string UnknownCode(SuspendedKind kind) =>
        kind switch
        {
            SuspendedKind.Institution => "stop-institution-unknown",
            SuspendedKind.Client => "stop-client-unknown",
            _ => "stop-agreement-unknown",
        };

    // Either side may stop an agreement, and the agency.
    private bool MaySpeakFor(string agreement, string institution) =>
        targets.PartiesOf(agreement) is not { } parties || parties.Contains(institution) || !targets.IsKnownOutsider(institution);

    private void By(string institution, string? agreement, Fields item)
    {
        if (!targets.HasInstitution(institution))
            item.Report.Error(item.LineOf("by"), "institution-unknown", Found(institution), $"institutions/{institution}.yaml");
        else if (agreement is not null && !MaySpeakFor(agreement, institution))
            item.Report.Error(item.LineOf("by"), "by-stranger", institution, agreement);
    }
}
