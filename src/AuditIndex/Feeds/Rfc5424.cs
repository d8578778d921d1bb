using System.Globalization;
using System.Text;

namespace AuditIndex.Feeds;

/// <summary>
/// One syslog message: <c>&lt;PRI&gt;1 TIME HOST gateway - EVENT [gateway@PEN log="…" index="…" leaf="…"] OCSF-line</c> (RFC 5424), behind
/// its length in octets and a space (RFC 6587 §3.4.1, demanded by RFC 5425 §4.3).
/// </summary>
internal static class Rfc5424
{
    // Facility 13, log audit; severities informational, warning, error.
    private const int Facility = 13;

    public static byte[] Frame(FeedEvent one, string host, int enterprise)
    {
        var severity = one.Severity switch
        {
            >= 4 => 3,
            3 => 4,
            _ => 6,
        };
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"<{Facility * 8 + severity}>1 {one.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {host} gateway - {Word(one.Event)} [gateway@{enterprise} log=\"{Value(one.Position.Origin)}\" index=\"{one.Position.Index}\" leaf=\"{one.Leaf}\"] "
        );
        var text = Encoding.ASCII.GetBytes(head);
        return
        [
            .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text.Length + one.Line.Length} ")),
            .. text,
            .. one.Line.Span,
        ];
    }

    /// <summary>MSGID: at most 32 printable characters without space.</summary>
    private static string Word(string text) =>
        string.Concat(text.Take(32).Select(static c => c is > ' ' and < '\x7f' ? c : '?')) is { Length: > 0 } word ? word : "-";

    /// <summary>PARAM-VALUE: quotation mark, backslash and closing bracket are escaped.</summary>
    private static string Value(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("]", "\\]", StringComparison.Ordinal);
}
