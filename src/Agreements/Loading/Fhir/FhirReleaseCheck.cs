using Agreements.Contracts;
using Agreements.Loading.Yaml;
using Wording;

namespace Agreements.Loading.Fhir;

/// <summary>
/// The compiler check of FHIR releases (health page, section 3): a release that would lose or twist meaning does not load,
/// and is never completed silently, so that the parties see what they release.
/// </summary>
internal sealed class FhirReleaseCheck(FhirType type, GrantedOperation operation, Fields fields)
{
    private readonly string _system = $"{type.Subject}.identifier.system";
    private readonly string _value = $"{type.Subject}.identifier.value";

    public void Run()
    {
        Paths();
        Subject();
        foreach (var element in type.Mandatory.Union(type.Modifiers))
            Present(element);
        foreach (var element in type.Required)
            if (!Released(element))
                Error("release", "element-undisclosed", element);
        foreach (var group in type.OneOf)
            if (Applies(group[0]) && !group.Any(Released))
                Error("release", "none-disclosed", Blank.List(group));
        CodingPairs();
        Codes();
        Search();
    }

    private void Paths()
    {
        foreach (var (path, line) in fields.TextLines("release"))
        {
            if (IsSubject(path) || type.Elements.ContainsKey(path))
                continue;
            if (path.EndsWith("[x]", StringComparison.Ordinal) && FhirPaths.Spellings(type, path).Count > 0)
                continue;
            var code = FhirPaths.Leaves(type, path).Any() ? "not-leaf" : "element-unknown";
            fields.Report.Error(line, code, FindingWords.Found(path), FindingWords.ElementsFile, type.Name);
        }
    }

    private bool IsSubject(string path) => path == _system || path == _value;

    private void Subject()
    {
        if (!operation.Release.Contains(_system) || !operation.Release.Contains(_value))
            Error("release", "person-undisclosed", _system, _value);
    }

    private void Present(string element)
    {
        if (element == type.Subject || !Applies(element))
            return;
        foreach (var spelling in FhirPaths.Spellings(type, element))
            if (!operation.Release.Any(leaf => FhirPaths.Covers(spelling, leaf)))
                Error("release", "modifier-undisclosed", spelling, type.Name);
    }

    // Inside a backbone element only if something of that element is released.
    private bool Applies(string element)
    {
        var dot = element.LastIndexOf('.');
        return dot < 0 || Released(element[..dot]);
    }

    private bool Released(string element) => operation.Release.Any(leaf => FhirPaths.Covers(element, leaf));

    // A code without its system names nothing, and a system without its code says nothing.
    private void CodingPairs()
    {
        foreach (var leaf in operation.Release)
        {
            var other = leaf switch
            {
                _ when leaf.EndsWith(".coding.code", StringComparison.Ordinal) => $"{leaf[..^5]}.system",
                _ when leaf.EndsWith(".coding.system", StringComparison.Ordinal) => $"{leaf[..^7]}.code",
                _ => null,
            };
            if (other is not null && !operation.Release.Contains(other))
                Error("release", "coding-alone", leaf, other);
        }
    }

    private void Codes()
    {
        foreach (var path in type.Codes)
            if (!type.FixedCodes.ContainsKey(path) && Released(path) && !operation.Codes.ContainsKey(path))
                Error("release", "codes-needed", path, "codes");
        foreach (var path in operation.Codes.Keys)
            if (!type.Codes.Contains(path) || !Released(path))
                Error("codes", "codes-idle", FindingWords.Found(path));
    }

    private void Search()
    {
        foreach (var (parameter, line) in fields.TextLines("search"))
            if (!type.Search.Contains(parameter))
                fields.Report.Error(line, "search-unknown", FindingWords.Found(parameter), type.Name, Blank.List(type.Search));
        foreach (var parameter in type.Search.Take(1).Union(type.SearchRequired))
            if (!operation.Search.Contains(parameter))
                Error("search", "search-missing", parameter);
    }

    private void Error(string key, string code, params ReadOnlySpan<Blank> blanks) => fields.Report.Error(fields.LineOf(key), code, blanks);
}
