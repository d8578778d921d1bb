using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Agreements.Contracts;
using Agreements.Loading.Yaml;
using Wording;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.OpenApi;

/// <summary>
/// Reads the part of JSON Schema that contracts use into <see cref="Shape"/>: closed objects, bounded arrays and strings, integers,
/// booleans, fragments joined with <c>allOf</c>. What it does not know it refuses, so that no clause of a contract is silently idle.
/// </summary>
internal sealed class SchemaReader(DocumentSet documents)
{
    private const int MaxDepth = 12;

    // References multiply: ten members that each refer to ten members … would be read for ever.
    private const int MaxSchemas = 50_000;
    private int _schemas;
    private static readonly string[] Formats = ["date", "date-time", "month", "ulid", "uuid"];
    private static readonly string[] Bounds = ["format", "enum", "const", "pattern", "maxLength"];
    private static readonly string[] Rules = ["school-year", "within-school-year", "fields"];
    private static readonly Shape Unreadable = new() { Kind = ShapeKind.Boolean };

    public Shape Read(YamlNode node, Document document, int depth = 0)
    {
        if (depth > MaxDepth || ++_schemas > MaxSchemas)
        {
            if (_schemas > MaxSchemas + 1)
                return Unreadable;
            document.Report.Error(node.Line, "schema-deep", Number(MaxDepth), Number(MaxSchemas));
            return Unreadable;
        }
        if (node is not YamlMapping mapping)
        {
            document.Report.Error(node.Line, "schema-not-mapping", "$ref");
            return Unreadable;
        }
        var fields = new Fields(mapping, document.Report);
        fields.Ignore("description", "x-description", "title", "examples", "x-envelope", "x-written-by", "x-read-by", "x-rule", "x-title");
        if (mapping.Find("$ref") is not null)
            return Follow(fields, document, depth);
        var shape = fields.Has("allOf") ? Object(fields, document, depth) : Typed(fields, document, depth);
        fields.Close();
        return shape;
    }

    private Shape Follow(Fields fields, Document document, int depth)
    {
        var reference = fields.Text("$ref");
        fields.Close();
        return documents.Resolve(reference, document, fields.LineOf("$ref")) is var (node, target)
            ? Read(node, target, depth + 1)
            : Unreadable;
    }

    private Shape Typed(Fields fields, Document document, int depth)
    {
        switch (fields.Choice("type", null, "object", "array", "string", "integer", "boolean"))
        {
            case "object":
                return Object(fields, document, depth);
            case "array":
                var items = fields.Node("items");
                return new Shape
                {
                    Kind = ShapeKind.Array,
                    Items = items is null ? Unreadable : Read(items, document, depth + 1),
                    MaxLength = (int)fields.Integer("maxItems", 1, 10_000),
                };
            case "string":
                return String(fields);
            case "integer":
                return new Shape
                {
                    Kind = ShapeKind.Integer,
                    Minimum = fields.OptionalInteger("minimum", -9007199254740991, 9007199254740991) ?? -9007199254740991,
                    Maximum = fields.OptionalInteger("maximum", -9007199254740991, 9007199254740991) ?? 9007199254740991,
                };
            case "boolean":
                return new Shape { Kind = ShapeKind.Boolean };
            default:
                return Unreadable;
        }
    }

    private static Shape String(Fields fields)
    {
        var stated = fields.OptionalText("format");
        var format = stated switch
        {
            null => ShapeFormat.None,
            "date" => ShapeFormat.Date,
            "date-time" => ShapeFormat.DateTime,
            "month" => ShapeFormat.Month,
            "ulid" => ShapeFormat.Ulid,
            "uuid" => ShapeFormat.Uuid,
            _ => (ShapeFormat?)null,
        };
        if (format is null)
            fields.Report.Error(fields.LineOf("format"), "format-unknown", Found(stated), Blank.List(Formats));
        var values = fields.Texts("enum", required: false);
        if (fields.OptionalText("const") is { } constant)
            values = values.Add(constant);
        var pattern = fields.OptionalText("pattern");
        var length = fields.OptionalInteger("maxLength", 1, 4096);
        if (format is ShapeFormat.None && values.IsEmpty && pattern is null && length is null)
            fields.Report.Error(fields.Line, "text-unbound", Blank.List(Bounds));
        return new Shape
        {
            Kind = ShapeKind.String,
            Format = format ?? ShapeFormat.None,
            Values = values.IsEmpty ? null : values.ToFrozenSet(StringComparer.Ordinal),
            Pattern = pattern is null ? null : Compile(pattern, fields),
            MaxLength = (int)(length ?? 256),
        };
    }

    private static Regex? Compile(string pattern, Fields fields)
    {
        try
        {
            if (pattern is ['^', .., '$'])
                return new Regex(
                    $@"\A(?:{pattern[1..^1]})\z",
                    RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
                    TimeSpan.FromSeconds(30)
                );
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            // Reported below: the text is no expression, or one that could need backtracking.
        }
        fields.Report.Error(fields.LineOf("pattern"), "pattern-wrong", Found(pattern), "^...$");
        return null;
    }

    private Shape Object(Fields fields, Document document, int depth)
    {
        var closed = fields.Has("allOf") ? "unevaluatedProperties" : "additionalProperties";
        if (fields.Has("allOf"))
            fields.Choice("type", "object", "object");
        if (fields.Has(closed) && fields.OptionalBoolean(closed) is true)
            fields.Report.Error(fields.LineOf(closed), "object-open", $"{closed}: false");
        // A fragment is joined into objects that close themselves: closing it would forbid its neighbours in standard validators.
        else if (!fields.Has(closed) && fields.OptionalBoolean("x-fragment") is not true)
            fields.Report.Error(fields.Line, "object-unclosed", $"{closed}: false");
        var members = ImmutableArray.CreateBuilder<Member>();
        foreach (var part in fields.Items("allOf", required: false))
            foreach (var member in Read(part, document, depth + 1).Members)
                Add(members, member, part.Line, fields.Report);
        var required = fields.Texts("required", required: false);
        if (fields.Map("properties", required: false) is { } properties)
            foreach (var entry in properties.Entries())
            {
                var member = Member(entry, required.Contains(entry.Key), document, depth);
                if (!IsEcho(entry, document))
                    Add(members, member, entry.Line, fields.Report);
            }
        foreach (var name in required)
            if (!members.Any(member => member.Name == name))
                fields.Report.Error(fields.LineOf("required"), "required-undeclared", Found(name), "required");
        return new Shape { Kind = ShapeKind.Object, Members = members.ToImmutable() };
    }

    private Member Member(YamlEntry entry, bool required, Document document, int depth)
    {
        var shape = Read(entry.Value, document, depth + 1);
        if (entry.Value is not YamlMapping mapping)
            return new Member(entry.Key, shape, required, false, false);
        var fields = new Fields(mapping, document.Report);
        var rule = fields.OptionalText("x-rule");
        if (rule is not null && !Rules.Contains(rule))
            document.Report.Error(fields.LineOf("x-rule"), "rule-unknown", "x-rule", Found(rule), Blank.List(Rules));
        return new Member(
            entry.Key,
            shape,
            required,
            fields.OptionalBoolean("x-envelope") is true,
            fields.Choice("x-written-by", "provider", "provider", "gateway") == "gateway"
        )
        {
            Rule = rule,
            Title = fields.Has("x-title") ? fields.Localized("x-title") : null,
        };
    }

    // What the provider says to the gateway beside the answer is no part of what is answered: it is in no release list and never leaves.
    private static bool IsEcho(YamlEntry entry, Document document)
    {
        if (entry.Value is not YamlMapping mapping || mapping.Find("x-read-by") is null)
            return false;
        new Fields(mapping, document.Report).Choice("x-read-by", null, "gateway");
        if (entry.Key != "subject")
            document.Report.Error(entry.Line, "rule-unknown", "x-read-by", Found(entry.Key), Blank.List(["subject"]));
        return true;
    }

    private static void Add(ImmutableArray<Member>.Builder members, Member member, int line, FileReport report)
    {
        if (members.Any(other => other.Name == member.Name))
            report.Error(line, "member-twice", Found(member.Name));
        else
            members.Add(member);
    }
}
