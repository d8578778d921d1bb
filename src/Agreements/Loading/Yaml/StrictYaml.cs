using System.Text;
using Wording;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Agreements.Loading.Yaml;

/// <summary>
/// Reads one YAML 1.2 document into nodes and refuses whatever lets two readers see two documents: directives, anchors, aliases, tags,
/// merge keys, duplicate keys, a second document, invisible characters, other line ends than LF. Depth, nodes and size are bounded, so no
/// file is dear.
/// </summary>
internal sealed class StrictYaml
{
    public const int MaxBytes = 1 << 20;
    private const int MaxDepth = 40;
    private const int MaxNodes = 100_000;
    private static readonly UTF8Encoding Utf8 = new(false, true);

    private readonly FileReport _report;
    private readonly Parser _parser;
    private int _nodes;

    private StrictYaml(string text, FileReport report)
    {
        _report = report;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>The document's mapping; null when the report says why not.</summary>
    public static YamlMapping? Read(ReadOnlySpan<byte> bytes, FileReport report) =>
        Text(bytes, report) is { } text ? Read(text, report) : null;

    /// <summary>As <see cref="Read(ReadOnlySpan{byte}, FileReport)"/>, of a text that holds no character that is not allowed.</summary>
    public static YamlMapping? Read(string text, FileReport report)
    {
        StrictYaml? reader = null;
        try
        {
            reader = new StrictYaml(text, report);
            return reader.Document();
        }
        catch (Refused)
        {
            return null;
        }
        catch (YamlException exception)
        {
            report.Error(Line(exception.Start), "yaml-syntax", FindingWords.Number(exception.Start.Column));
            return null;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The parser is not ours; a file that breaks it is an invalid file, never a broken process.
            report.Error(reader?._parser.Current is { } last ? Line(last.End) : 0, "yaml-gave-up", exception.GetType().Name);
            return null;
        }
    }

    private static string? Text(ReadOnlySpan<byte> bytes, FileReport report)
    {
        if (bytes.Length > MaxBytes)
        {
            report.Error(0, "too-large", FindingWords.Number(MaxBytes));
            return null;
        }
        string text;
        try
        {
            text = Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            report.Error(0, "not-utf8");
            return null;
        }
        var (line, begins) = (1, true);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Invisible.Is(rune))
                report.Error(line, "character", $"U+{rune.Value:X4}");
            else if (begins && rune.Value == '%')
                report.Error(line, "yaml-directive");
            if (report.Failed)
                return null;
            begins = rune.Value == '\n';
            if (begins)
                line++;
        }
        return text;
    }

    private YamlMapping? Document()
    {
        Expect<StreamStart>();
        Expect<DocumentStart>();
        var root = Node(1);
        if (!Expect<DocumentEnd>().IsImplicit)
            Refuse(_parser.Current?.Start ?? Mark.Empty, "yaml-document-end");
        if (_parser.Current is DocumentStart second)
            Refuse(second.Start, "yaml-second-document");
        Expect<StreamEnd>(last: true);
        if (root is YamlMapping mapping)
            return mapping;
        _report.Error(root.Line, "root-not-mapping");
        return null;
    }

    private YamlNode Node(int depth)
    {
        if (Current() is not NodeEvent node)
            throw Refuse(Current().Start, Current() is AnchorAlias ? "yaml-alias" : "yaml-no-value");
        if (depth > MaxDepth)
            Refuse(node.Start, "yaml-deep", FindingWords.Number(MaxDepth));
        if (++_nodes > MaxNodes)
            Refuse(node.Start, "yaml-many", FindingWords.Number(MaxNodes));
        if (!node.Anchor.IsEmpty)
            Refuse(node.Start, "yaml-anchor");
        if (!node.Tag.IsEmpty)
            Refuse(node.Start, "yaml-tag");
        return node switch
        {
            Scalar scalar => Take(Visible(scalar)),
            SequenceStart sequence => Sequence(sequence, depth),
            MappingStart mapping => Mapping(mapping, depth),
            _ => throw Refuse(node.Start, "yaml-kind"),
        };
    }

    // An escape writes what the file itself may not hold.
    private YamlScalar Visible(Scalar scalar)
    {
        if (Invisible.FirstIn(scalar.Value) is { } hidden)
            Refuse(scalar.Start, "character-escape", $"U+{hidden.Value:X4}");
        return new YamlScalar(Line(scalar.Start), _report.Shared.Text(scalar.Value), scalar.Style is ScalarStyle.Plain);
    }

    private YamlSequence Sequence(SequenceStart start, int depth)
    {
        var items = new List<YamlNode>();
        Next();
        while (Current() is not SequenceEnd)
            items.Add(Node(depth + 1));
        Next();
        return new YamlSequence(Line(start.Start), items);
    }

    private YamlMapping Mapping(MappingStart start, int depth)
    {
        var entries = new List<YamlEntry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        Next();
        while (Current() is not MappingEnd)
            entries.Add(Entry(keys, depth));
        Next();
        return new YamlMapping(Line(start.Start), entries);
    }

    private YamlEntry Entry(HashSet<string> keys, int depth)
    {
        if (Node(depth + 1) is not YamlScalar key)
            throw Refuse(Current().Start, "yaml-key-kind");
        if (key.Value == "<<")
            _report.Error(key.Line, "yaml-merge");
        else if (!keys.Add(key.Value))
            _report.Error(key.Line, "key-twice", FindingWords.Found(key.Value));
        return new YamlEntry(key.Value, key.Line, Node(depth + 1));
    }

    private ParsingEvent Current() => _parser.Current ?? throw new Refused();

    private void Next() => _parser.MoveNext();

    private T Take<T>(T node)
    {
        Next();
        return node;
    }

    private T Expect<T>(bool last = false)
        where T : ParsingEvent
    {
        if (_parser.Current is null)
            Next();
        if (_parser.Current is not T found)
            throw Refuse(_parser.Current?.Start ?? Mark.Empty, "yaml-ends");
        if (!last)
            Next();
        return found;
    }

    private Refused Refuse(Mark at, string code, params ReadOnlySpan<Blank> blanks)
    {
        _report.Error(Line(at), code, blanks);
        throw new Refused();
    }

    private static int Line(Mark mark) => (int)Math.Clamp(mark.Line, 0, int.MaxValue);

#pragma warning disable CA1064 // never leaves this class: it unwinds the recursion after the report is written
    private sealed class Refused : Exception;
#pragma warning restore CA1064
}
