using System.Collections.Immutable;
using System.Globalization;
using System.Xml;
using YamlDotNet.RepresentationModel;

namespace Policy.Tests.Matrix;

/// <summary>
/// What the files mean, read with another reader and decided by the words of the exchanges page (sections 2, 4 and 16.3), without the
/// gateway's code: known, in term, not suspended, signed; granted; for this system; authorized; where an office is needed, from one.
/// </summary>
internal sealed class Oracle
{
    private static readonly ImmutableHashSet<string> Nothing = [];
    private readonly Dictionary<string, YamlMappingNode> _agreements = new(StringComparer.Ordinal),
        _systems = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _consumers = new(StringComparer.Ordinal),
        _needs = new(StringComparer.Ordinal);
    private readonly List<(string Id, DateOnly Since)> _suspended = [];
    private readonly Dictionary<
        (string Agreement, string Grant, string Operation),
        (string Terms, ImmutableHashSet<string> Release)
    > _terms = [];

    public Oracle(string folder)
    {
        foreach (var path in Directory.GetFiles(Path.Combine(folder, "agreements"), "*.yaml"))
            _agreements[Path.GetFileNameWithoutExtension(path)] = Read(path);
        foreach (var path in Directory.GetFiles(Path.Combine(folder, "institutions"), "*.yaml"))
            foreach (var system in List(Read(path), "clients"))
                (_systems[Text(system, "id")!], _consumers[Text(system, "id")!]) = (system, Path.GetFileNameWithoutExtension(path));
        foreach (var purpose in List(Read(Path.Combine(folder, "reference/purposes.yaml")), "purposes"))
            _needs[Text(purpose, "code")!] = Text(purpose, "priorAuthorization")!;
        foreach (var one in List(Read(Path.Combine(folder, "suspensions.yaml")), "suspensions"))
            if (Text(one, "kind") == "agreement")
                _suspended.Add((Text(one, "id")!, Day(Text(one, "since")!)));
    }

    public Decision Of(string system, string agreementId, string purpose, string operation, DateOnly day)
    {
        var agreement = _agreements[agreementId];
        var validity = Map(agreement, "validity")!;
        if (day > Day(Text(validity, "until")!))
            return Refused("agreement-expired");
        if (_suspended.Any(one => one.Id == agreementId && one.Since <= day))
            return Refused("agreement-suspended");
        if (
            day < Day(Text(validity, "from")!)
            || !Texts(agreement, "parties").All(party => List(agreement, "signatures").Any(one => Text(one, "institution") == party))
        )
            return Refused("agreement-not-in-force");
        if (Texts(_systems[system], "operations") is { Length: > 0 } ceiling && !ceiling.Contains(operation))
            return Refused("operation-not-covered");
        var mine = List(agreement, "grants")
            .Where(grant =>
                Text(grant, "consumer") == _consumers[system] && List(grant, "operations").Any(one => Text(one, "id") == operation)
            )
            .ToList();
        var grant = mine.Find(one => Text(one, "purpose") == purpose);
        if (grant is null)
            return Refused(mine.Count > 0 ? "purpose-not-covered" : "operation-not-covered");
        if (Texts(grant, "clients") is { Length: > 0 } clients && !clients.Contains(system))
            return Refused("operation-not-covered");
        if (_needs[purpose] == "required" && !Authorized(agreement, purpose, day))
            return Refused("prior-authorization-missing");
        if (Text(Map(grant, "territory")!, "provinces") == "office" && Text(_systems[system], "office") is null)
            return Refused("office-not-allowed");
        return Permitted(agreement, grant, operation);
    }

    private static Decision Refused(string code) => new(code, "", Nothing);

    private static bool Authorized(YamlMappingNode agreement, string purpose, DateOnly day) =>
        Map(agreement, "priorAuthorization") is { } prior
        && Texts(prior, "purposes").Contains(purpose)
        && Day(Text(prior, "on")!) <= day
        && day <= Day(Text(prior, "until")!);

    private Decision Permitted(YamlMappingNode agreement, YamlMappingNode grant, string operation)
    {
        var key = (Text(agreement, "id")!, Text(grant, "id")!, operation);
        if (!_terms.TryGetValue(key, out var terms))
            _terms[key] = terms = (
                TermsOf(agreement, grant, operation),
                ReleaseOf(grant, operation).ToImmutableHashSet(StringComparer.Ordinal)
            );
        return new(null, terms.Terms, terms.Release);
    }

    private static string[] ReleaseOf(YamlMappingNode grant, string operation)
    {
        var granted = List(grant, "operations").First(one => Text(one, "id") == operation);
        return Text(granted, "releaseAs") is { } other ? ReleaseOf(grant, other) : Texts(granted, "release");
    }

    private static string TermsOf(YamlMappingNode agreement, YamlMappingNode grant, string operation)
    {
        var granted = List(grant, "operations").First(one => Text(one, "id") == operation);
        var (require, population, territory, linking, answer, quotas) = (
            Map(grant, "require")!,
            Map(grant, "population")!,
            Map(grant, "territory")!,
            Map(grant, "linking"),
            Map(grant, "answer"),
            Map(grant, "quotas")!
        );
        return string.Join(
            '|',
            $"{Text(agreement, "id")}@{Text(agreement, "version")} {Text(grant, "clause")}",
            $"basis {string.Join(' ', Texts(grant, "legalBasis"))}",
            $"provider {Text(grant, "provider")}",
            $"sources {string.Join(' ', List(grant, "sources").Select(static source => $"{Text(source, "code")}@{Text(source, "institution")}/{Text(source, "under")}"))}",
            $"schemes {string.Join(' ', Texts(grant, "subjectSchemes"))}",
            $"require {Text(require, "caseReference")} {Text(require, "agent")} {Text(require, "consent")}",
            $"gate {Text(population, "gate")} {Text(population, "declaredBy")} {string.Join(' ', Texts(population, "qualities"))}",
            $"territory {Text(territory, "provinces") ?? string.Join(' ', Texts(territory, "provinces"))} {Text(territory, "breakGlass") ?? "false"}",
            $"linking {Text(linking, "from")} {Text(linking, "until")}",
            $"fresh {Seconds(Text(grant, "freshness"))}",
            $"answer {Text(answer, "maxBytes") ?? "65536"} {Seconds(Text(answer, "deadline") ?? "PT8S")}",
            $"forward {(Texts(grant, "forward").Contains("case-reference") ? "true" : "false")}",
            $"lines {Text(Map(grant, "batch"), "maxLines") ?? "5000"}",
            "quotas "
                + string.Join(
                    ' ',
                    (
                        (string[])
                            [
                                "perDay",
                                "perMonth",
                                "burstPerSecond",
                                "perSubjectPerDay",
                                "perAgentPerDay",
                                "missesPerDay",
                                "openBatches",
                                "perOfficePerDay",
                                "personsPerDay",
                            ]
                    ).Select(name => Text(quotas, name))
                )
                + $" {Text(quotas, "missAllowance") ?? (Texts(grant, "subjectSchemes").Contains("idcs") ? "100" : "")} {Text(quotas, "missesPerMatch") ?? "1"}",
            $"total {Text(Map(agreement, "quotas"), "perDay")} {Text(Map(agreement, "quotas"), "perMonth")}",
            $"codes {string.Join(' ', List(granted, "codes").OrderBy(static one => Text(one, "path"), StringComparer.Ordinal).Select(static one => $"{Text(one, "path")}={string.Join(',', List(one, "allow").Select(static code => $"{Text(code, "system")}#{Text(code, "code")}"))}"))}",
            $"search {string.Join(' ', Texts(granted, "search"))}",
            $"warn {string.Join(' ', Texts(Map(agreement, "validity")!, "warnDaysBefore"))}",
            $"results {Seconds(Text(Map(agreement, "retention"), "batchResults"))}"
        );
    }

    private static string Seconds(string? duration) =>
        duration is null ? "" : XmlConvert.ToTimeSpan(duration).TotalSeconds.ToString(CultureInfo.InvariantCulture);

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static YamlMappingNode Read(string path)
    {
        var stream = new YamlStream();
        using var text = new StreamReader(path);
        stream.Load(text);
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private static YamlNode? Node(YamlMappingNode? map, string key) =>
        map is not null && map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    private static string? Text(YamlMappingNode? map, string key) => (Node(map, key) as YamlScalarNode)?.Value;

    private static YamlMappingNode? Map(YamlMappingNode map, string key) => Node(map, key) as YamlMappingNode;

    private static string[] Texts(YamlMappingNode map, string key) =>
        Node(map, key) is YamlSequenceNode list ? [.. list.Children.Select(static item => ((YamlScalarNode)item).Value!)] : [];

    private static IEnumerable<YamlMappingNode> List(YamlMappingNode map, string key) =>
        Node(map, key) is YamlSequenceNode list ? list.Children.Cast<YamlMappingNode>() : [];
}
