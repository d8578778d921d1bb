using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Agreements.Contracts;
using Agreements.Loading.Yaml;
using Wording;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Fhir;

/// <summary>Reads <c>contracts/fhir/elements.yaml</c> (health page, section 3): the whole of FHIR that the gateway knows.</summary>
internal static partial class FhirTableReader
{
    private const int MaxChildren = 64;
    private static readonly string[] Primitives =
    [
        "code",
        "uri",
        "string",
        "date",
        "dateTime",
        "instant",
        "boolean",
        "integer",
        "positiveInt",
    ];

    public static FrozenDictionary<string, FhirType> Read(YamlMapping root, FileReport report)
    {
        var types = new Dictionary<string, FhirType>(StringComparer.Ordinal);
        var fields = new Fields(root, report);
        if (fields.Text("fhirVersion") is { Length: > 0 } version && version != "4.0.1")
            report.Error(fields.LineOf("fhirVersion"), "fhir-version", Found(version), "fhirVersion: 4.0.1");
        if (fields.Map("types") is { } map)
            foreach (var entry in map.Entries())
            {
                if (entry.Value is YamlMapping type && TypeForm().IsMatch(entry.Key))
                    types[entry.Key] = Type(entry.Key, new Fields(type, report));
                else
                    report.Error(entry.Line, "fhir-type-form", Found(entry.Key), "Coverage:");
            }
        fields.Close();
        return types.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FhirType Type(string name, Fields fields)
    {
        var elements = Elements(fields);
        var type = new FhirType
        {
            Name = name,
            Subject = fields.Text("subject"),
            Mandatory = fields.Texts("mandatory", required: false),
            Modifiers = fields.Texts("modifiers", required: false),
            Required = fields.Texts("required", required: false),
            OneOf = OneOf(fields),
            Unsupported = fields.Texts("unsupported", required: false),
            Written = fields.Texts("written", required: false),
            Codes = fields.Texts("codes", required: false),
            FixedCodes = Fixed(fields),
            Elements = elements,
            Titles = Titles(fields, elements),
            Search = fields.Texts("search"),
            SearchRequired = fields.Texts("searchRequired", required: false),
        };
        foreach (var list in (string[])["mandatory", "modifiers", "required", "written", "codes"])
            CheckPaths(type, list, fields);
        foreach (var parameter in type.SearchRequired)
            if (!type.Search.Contains(parameter))
                fields.Report.Error(fields.LineOf("searchRequired"), "search-required", Found(parameter), "search");
        fields.Close();
        return type;
    }

    private static FrozenDictionary<string, FhirElement> Elements(Fields fields)
    {
        var elements = new Dictionary<string, FhirElement>(StringComparer.Ordinal);
        if (fields.Map("elements") is { } map)
            foreach (var entry in map.Entries())
            {
                if (!PathForm().IsMatch(entry.Key))
                    fields.Report.Error(entry.Line, "element-path", Found(entry.Key), "name[].name");
                else if (!elements.TryAdd(entry.Key.Replace("[]", "", StringComparison.Ordinal), Element(entry, fields)))
                    fields.Report.Error(entry.Line, "element-twice", Found(entry.Key));
            }
        Widths(elements.Keys, fields);
        return elements.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FrozenDictionary<string, LocalizedText> Titles(Fields fields, FrozenDictionary<string, FhirElement> elements)
    {
        var titles = new Dictionary<string, LocalizedText>(StringComparer.Ordinal);
        if (fields.Map("titles", required: false) is { } map)
            foreach (var entry in map.Entries())
            {
                if (!elements.Keys.Any(path => FhirPaths.Covers(entry.Key, path)))
                    fields.Report.Error(entry.Line, "path-of-nothing", Found(entry.Key));
                titles[entry.Key] = map.Localized(entry.Key);
            }
        return titles.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FhirElement Element(YamlEntry entry, Fields fields)
    {
        var segments = entry.Key.Split('.');
        FrozenSet<string>? values = null;
        var kind = "";
        if (entry.Value is YamlMapping mapping)
        {
            var detail = new Fields(mapping, fields.Report);
            kind = detail.Text("kind");
            values = detail.Texts("values").ToFrozenSet(StringComparer.Ordinal);
            detail.Close();
        }
        else
            kind = fields.TextOf(entry.Value, entry.Key) ?? "";
        if (!Primitives.Contains(kind))
            fields.Report.Error(entry.Line, "primitive", Found(kind), Blank.List(Primitives));
        return new FhirElement(
            string.Join('.', segments.Select(segment => segment.Replace("[]", "", StringComparison.Ordinal))),
            [.. segments.Select(segment => segment.EndsWith(']'))],
            kind,
            values
        );
    }

    // The filter marks seen children in a 64-bit mask (health page, section 3, rule 7).
    private static void Widths(IEnumerable<string> paths, Fields fields)
    {
        var children = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            var segments = path.Split('.');
            for (var i = 0; i < segments.Length; i++)
            {
                var parent = string.Join('.', segments[..i]);
                if (!children.TryGetValue(parent, out var names))
                    children[parent] = names = new HashSet<string>(StringComparer.Ordinal);
                names.Add(segments[i]);
            }
        }
        if (children.Values.Any(names => names.Count > MaxChildren))
            fields.Report.Error(fields.LineOf("elements"), "children-many", Number(MaxChildren));
    }

    private static ImmutableArray<ImmutableArray<string>> OneOf(Fields fields)
    {
        var groups = ImmutableArray.CreateBuilder<ImmutableArray<string>>();
        foreach (var item in fields.Items("oneOf", required: false))
        {
            if (item is YamlSequence group)
                groups.Add([.. group.Items.Select(node => fields.TextOf(node, "oneOf") ?? "")]);
            else
                fields.Report.Error(item.Line, "not-list", "oneOf", "[a, b]", "- ");
        }
        return groups.ToImmutable();
    }

    private static FrozenDictionary<string, FixedCodes> Fixed(Fields fields)
    {
        var codes = new Dictionary<string, FixedCodes>(StringComparer.Ordinal);
        if (fields.Map("fixedCodes", required: false) is { } map)
            foreach (var entry in map.Entries())
            {
                if (entry.Value is not YamlMapping mapping)
                {
                    fields.Report.Error(entry.Line, "fixed-codes", Found(entry.Key), "system", "values");
                    continue;
                }
                var detail = new Fields(mapping, fields.Report);
                codes[entry.Key] = new FixedCodes(detail.Text("system"), detail.Texts("values").ToFrozenSet(StringComparer.Ordinal));
                detail.Close();
            }
        return codes.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void CheckPaths(FhirType type, string list, Fields fields)
    {
        foreach (var (path, line) in fields.TextLines(list))
            if (path != type.Subject && !FhirPaths.Leaves(type, path).Any())
                fields.Report.Error(line, "path-of-nothing", Found(path));
    }

    [GeneratedRegex(@"\A[A-Z][A-Za-z]{1,63}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex TypeForm();

    [GeneratedRegex(
        @"\A[a-z][A-Za-z0-9]*(\[\])?(\.[a-z][A-Za-z0-9]*(\[\])?){0,7}\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        30_000
    )]
    private static partial Regex PathForm();
}
