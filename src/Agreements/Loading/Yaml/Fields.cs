using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Wording;

namespace Agreements.Loading.Yaml;

/// <summary>
/// Reads the keys of one mapping and remembers which were asked for, so that <see cref="Close"/> can refuse the unknown ones.
/// A missing or wrong value is reported once and gives a harmless default: the reader goes on, to report everything at once.
/// </summary>
internal sealed partial class Fields(YamlMapping map, FileReport report)
{
    private const string Members = "key: value";

    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public int Line => map.Line;

    public FileReport Report => report;

    public bool Has(string key) => map.Find(key) is not null;

    public int LineOf(string key) => map.Find(key)?.Line ?? map.Line;

    /// <summary>Refuses keys that nobody asked for.</summary>
    public void Close()
    {
        var code = _asked.Count > 0 ? "key-unknown" : "key-unknown-alone";
        foreach (var entry in map.Entries)
            if (entry.Key != "<<" && !_asked.Contains(entry.Key))
                report.Error(entry.Line, code, FindingWords.Found(entry.Key), Blank.List(_asked.Order(StringComparer.Ordinal)));
    }

    /// <summary>Allows keys whose values are for readers of the file only.</summary>
    public void Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            _asked.Add(key);
    }

    public YamlNode? Node(string key, bool required = true)
    {
        _asked.Add(key);
        if (map.Find(key) is { } entry)
            return entry.Value;
        if (required)
            report.Error(map.Line, "key-missing", key, $"{key}:");
        return null;
    }

    public string? OptionalText(string key) => Node(key, required: false) is { } node ? TextOf(node, key) : null;

    public string Text(string key) => Node(key) is { } node ? TextOf(node, key) ?? "" : "";

    /// <summary>Text that matches an anchored pattern, or "" after a report.</summary>
    public string Text(string key, Regex pattern, Blank form)
    {
        var text = Text(key);
        if (text.Length > 0)
            Match(text, pattern, LineOf(key), key, form);
        return text;
    }

    public string? OptionalText(string key, Regex pattern, Blank form)
    {
        var text = OptionalText(key);
        if (text is not null)
            Match(text, pattern, LineOf(key), key, form);
        return text;
    }

    /// <summary>One of a closed list, or the fallback after a report.</summary>
    public string Choice(string key, string? fallback, params ReadOnlySpan<string> values)
    {
        var text = fallback is null ? Text(key) : OptionalText(key) ?? fallback;
        if (text.Length > 0 && !values.Contains(text))
            report.Error(LineOf(key), "value-choice", key, FindingWords.Found(text), Blank.List(values.ToArray()));
        return text;
    }

    public Uri? HttpsAddress(string key, bool required = true)
    {
        if (Node(key, required) is not { } node || TextOf(node, key) is not { } text)
            return null;
        // An address is ASCII (RFC 3986); of some other texts Uri.TryCreate throws.
        if (
            Ascii.IsValid(text)
            && Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Scheme == Uri.UriSchemeHttps
            && uri.UserInfo.Length == 0
            && uri.Query.Length == 0
            && uri.Fragment.Length == 0
            && !text.EndsWith('/')
        )
            return uri;
        report.Error(node.Line, "not-https", key, FindingWords.Found(text), "https://host:port/path");
        return null;
    }

    public long? OptionalInteger(string key, long minimum, long maximum)
    {
        if (Node(key, required: false) is not { } node)
            return null;
        if (
            node is YamlScalar { Plain: true } scalar
            && IntegerForm().IsMatch(scalar.Value)
            && long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= minimum
            && value <= maximum
        )
            return value;
        report.Error(node.Line, "not-integer", key, FoundIn(node), FindingWords.Number(minimum), FindingWords.Number(maximum));
        return null;
    }

    public long Integer(string key, long minimum, long maximum)
    {
        if (!Has(key))
            Node(key);
        return OptionalInteger(key, minimum, maximum) ?? minimum;
    }

    public bool? OptionalBoolean(string key)
    {
        if (Node(key, required: false) is not { } node)
            return null;
        if (node is YamlScalar { Plain: true, Value: "true" })
            return true;
        if (node is YamlScalar { Plain: true, Value: "false" })
            return false;
        report.Error(node.Line, "not-boolean", key, FoundIn(node), "true", "false");
        return null;
    }

    public DateOnly? OptionalDate(string key)
    {
        if (Node(key, required: false) is not { } node || TextOf(node, key) is not { } text)
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return date;
        report.Error(node.Line, "not-date", key, FindingWords.Found(text));
        return null;
    }

    public DateOnly Date(string key)
    {
        if (!Has(key))
            Node(key);
        return OptionalDate(key) ?? default;
    }

    public LocalizedText Localized(string key)
    {
        if (Map(key) is not { } fields)
            return new LocalizedText("", "", "");
        var text = new LocalizedText(fields.Text("fr"), fields.Text("ar"), fields.Text("en"));
        fields.Close();
        return report.Shared.Value(text);
    }

    public Fields? Map(string key, bool required = true)
    {
        if (Node(key, required) is not { } node)
            return null;
        if (node is YamlMapping mapping)
            return new Fields(mapping, report);
        report.Error(node.Line, "not-mapping", key, Members);
        return null;
    }

    public ImmutableArray<Fields> Maps(string key, bool required = true)
    {
        var maps = ImmutableArray.CreateBuilder<Fields>();
        foreach (var node in Items(key, required))
        {
            if (node is YamlMapping mapping)
                maps.Add(new Fields(mapping, report));
            else
                report.Error(node.Line, "item-not-mapping", key, Members);
        }
        return maps.ToImmutable();
    }

    /// <summary>Texts without repetition.</summary>
    public ImmutableArray<string> Texts(string key, bool required = true)
    {
        var texts = ImmutableArray.CreateBuilder<string>();
        foreach (var node in Items(key, required))
        {
            if (TextOf(node, key) is not { } text)
                continue;
            if (texts.Contains(text))
                report.Error(node.Line, "item-twice", key, FindingWords.Found(text));
            else
                texts.Add(text);
        }
        return report.Shared.List(texts.ToImmutable());
    }

    /// <summary>Each item of a list of texts with its line.</summary>
    public IEnumerable<(string Text, int Line)> TextLines(string key)
    {
        if (map.Find(key)?.Value is not YamlSequence sequence)
            yield break;
        foreach (var item in sequence.Items)
            if (item is YamlScalar scalar)
                yield return (scalar.Value, scalar.Line);
    }

    /// <summary>All keys with their values, for mappings whose keys are data.</summary>
    public IEnumerable<YamlEntry> Entries()
    {
        foreach (var entry in map.Entries)
        {
            _asked.Add(entry.Key);
            yield return entry;
        }
    }

    public IReadOnlyList<YamlNode> Items(string key, bool required = true)
    {
        if (Node(key, required) is not { } node)
            return [];
        if (node is YamlSequence sequence)
        {
            if (required && sequence.Items.Count == 0)
                report.Error(node.Line, "list-empty", key);
            return sequence.Items;
        }
        report.Error(node.Line, "not-list", key, "[a, b]", "- ");
        return [];
    }

    /// <summary>The text of a scalar; null after a report when YAML reads it as a number, a boolean or null.</summary>
    public string? TextOf(YamlNode node, string key)
    {
        if (node is not YamlScalar scalar)
        {
            report.Error(node.Line, "not-text", key);
            return null;
        }
        if (scalar.Value.Length is 0 or > 2000 || (scalar.Plain && NotText().IsMatch(scalar.Value)))
        {
            report.Error(node.Line, "text-unusable", key, FoundIn(node));
            return null;
        }
        return scalar.Value;
    }

    private static Blank FoundIn(YamlNode node) => FindingWords.Found((node as YamlScalar)?.Value);

    private void Match(string text, Regex pattern, int line, string key, Blank form)
    {
        if (!pattern.IsMatch(text))
            report.Error(line, "not-form", key, form, FindingWords.Found(text));
    }

    [GeneratedRegex(@"\A(0|-?[1-9][0-9]{0,17})\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex IntegerForm();

    // What the core schema of YAML 1.2 resolves to null, boolean, integer or float.
    [GeneratedRegex(
        @"\A(~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        30_000
    )]
    private static partial Regex NotText();
}
