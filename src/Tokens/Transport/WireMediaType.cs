using System.Collections.Frozen;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Tokens.Transport;

/// <summary>The media type of a body (RFC 9110, section 8.3).</summary>
public static class WireMediaType
{
    /// <summary>Reads a media type; null when it is none. A semicolon with nothing behind it is no parameter (section 5.6.6).</summary>
    public static MediaTypeHeaderValue? Read(string? value) =>
        value is not null && MediaTypeHeaderValue.TryParse(WithoutEmptyParameters(value), out var type) ? type : null;

    /// <summary>
    /// The media type itself, or with a <c>charset</c> whose text is UTF-8: that, or US-ASCII, which is a part of it. Quoted and
    /// unquoted values are equal, and case does not matter. Any other parameter is not what the contract says.
    /// </summary>
    internal static bool IsOneOf(string? value, FrozenSet<string> allowed)
    {
        if (value is null)
            return false;
        if (allowed.Contains(value))
            return true;
        if (Read(value) is not { } type || !allowed.Contains(type.MediaType.ToString()))
            return false;
        if (type.Parameters.Count == 0)
            return true;
        if (type.Parameters.Count > 1 || !type.Parameters[0].Name.Equals("charset", StringComparison.OrdinalIgnoreCase))
            return false;
        var charset = HeaderUtilities.UnescapeAsQuotedString(type.Charset);
        return charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase);
    }

    // The library takes an empty parameter nowhere; the grammar takes it anywhere. What stands between quotes is nobody's separator.
    private static string WithoutEmptyParameters(string value)
    {
        if (!value.Contains(';', StringComparison.Ordinal))
            return value;
        var kept = new StringBuilder(value.Length);
        var (start, isQuoted) = (0, false);
        for (var i = 0; i <= value.Length; i++)
        {
            if (i < value.Length && value[i] == '"')
                isQuoted = !isQuoted;
            else if (isQuoted && i < value.Length && value[i] == '\\')
                i++;
            if (i < value.Length && (isQuoted || value[i] != ';'))
                continue;
            var part = value.AsSpan(start..Math.Min(i, value.Length));
            // The type itself stays, also an empty one: a value that begins with a semicolon has none.
            if (start == 0)
                kept.Append(part);
            else if (!part.Trim(" \t").IsEmpty)
                kept.Append(';').Append(part);
            start = i + 1;
        }

        return kept.ToString();
    }
}
