using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Agreements.Texts;

/// <summary>Writes HTML: every text and every attribute goes through the framework's encoder, and there is no way around it.</summary>
internal sealed class Markup
{
    // Arabic and French stay readable in the source; what means something in HTML is escaped in every alphabet.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly StringBuilder _text = new("<!DOCTYPE html>\n");

    /// <summary>Opens an element.</summary>
    public Markup Open(string tag, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _text.Append('<').Append(tag);
        foreach (var (name, value) in attributes) _text.Append(' ').Append(name).Append("=\"").Append(Encoder.Encode(value)).Append('"');
        _text.Append('>');
        return this;
    }

    /// <summary>Closes elements, the innermost first.</summary>
    public Markup Close(params ReadOnlySpan<string> tags)
    {
        foreach (var tag in tags) _text.Append("</").Append(tag).Append('>');
        _text.Append('\n');
        return this;
    }

    /// <summary>A text.</summary>
    public Markup Text(string text)
    {
        _text.Append(Encoder.Encode(text));
        return this;
    }

    /// <summary>An element with a text in it.</summary>
    public Markup Element(string tag, string text, params ReadOnlySpan<(string Name, string Value)> attributes) => Open(tag, attributes).Text(text).Close(tag);

    /// <summary>A code, a date or an address: from left to right in every language.</summary>
    public Markup Code(string code) => Open("code", ("dir", "ltr")).Text(code).Close("code");

    /// <summary>A term of a list with what belongs to it.</summary>
    public Markup Row(string term, params IEnumerable<string> values)
    {
        Element("dt", term);
        foreach (var value in values) Element("dd", value);
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
