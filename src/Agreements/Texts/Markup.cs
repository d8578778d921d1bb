using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Wording;

namespace Agreements.Texts;

/// <summary>Writes HTML: every text and every attribute goes through the framework's encoder, and there is no way around it.</summary>
/// <param name="language">Language of the page.</param>
internal sealed class Markup(string language)
{
    // Arabic and French stay readable in the source; what means something in HTML is escaped in every alphabet.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly StringBuilder _text = new("<!DOCTYPE html>\n");

    /// <summary>Opens an element.</summary>
    public Markup Open(string tag, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _text.Append('<').Append(tag);
        foreach (var (name, value) in attributes)
            _text.Append(' ').Append(name).Append("=\"").Append(Encoder.Encode(value)).Append('"');
        _text.Append('>');
        return this;
    }

    /// <summary>Closes elements, the innermost first.</summary>
    public Markup Close(params ReadOnlySpan<string> tags)
    {
        foreach (var tag in tags)
            _text.Append("</").Append(tag).Append('>');
        _text.Append('\n');
        return this;
    }

    /// <summary>A text; what is isolated in it becomes an element that browsers isolate.</summary>
    public Markup Text(string text)
    {
        _text.Append(Isolation.ToHtml(Isolation.OfRuns(text, language), Encoder.Encode));
        return this;
    }

    /// <summary>The title of the page, which holds no elements: isolated by characters.</summary>
    public Markup Title(string title)
    {
        _text.Append("<title>").Append(Encoder.Encode(Isolation.OfRuns(title, language))).Append("</title>\n");
        return this;
    }

    /// <summary>An element with a text in it.</summary>
    public Markup Element(string tag, string text, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        Open(tag, attributes).Text(text).Close(tag);

    /// <summary>A code, a date or an address: from left to right in every language.</summary>
    public Markup Code(string code) => LeftToRight("code", code);

    /// <summary>An element with a code or an address in it.</summary>
    public Markup LeftToRight(string tag, string code, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Open(tag, [.. attributes, ("dir", "ltr")]);
        _text.Append(Encoder.Encode(code));
        return Close(tag);
    }

    /// <summary>Several codes, with the comma of the language.</summary>
    public Markup Codes(IEnumerable<string> codes)
    {
        var between = " ";
        foreach (var code in codes)
        {
            Text(between).Code(code);
            between = Phrases.Separator(language);
        }

        return this;
    }

    /// <summary>A term of a list with what belongs to it.</summary>
    public Markup Row(string term, params IEnumerable<string> values)
    {
        Element("dt", term);
        foreach (var value in values)
            Element("dd", value);
        return this;
    }

    /// <summary>The style sheet of the page: a constant of ours, named by its digest in the policy.</summary>
    public Markup Style(string sheet)
    {
        _text.Append("<style>").Append(sheet).Append("</style>\n");
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
