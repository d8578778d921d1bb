using System.Globalization;
using System.Net.Http.Headers;
using Tokens.Transport;

namespace Gateway.Forwarding;

/// <summary>
/// What the gateway itself reads of an institution's header section; the rest is decided by <see cref="SocketsHttpHandler"/>.
/// </summary>
internal static class ProviderHeaders
{
    /// <summary>
    /// Is the answer coded? <c>identity</c> is no coding (RFC 9110, section 8.4.1), and an empty member of a list is none (section
    /// 5.6.1). What the typed header cannot read counts as a coding too, hence the lines as they came.
    /// </summary>
    public static bool IsCoded(HttpContentHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("Content-Encoding", out var lines))
            return false;
        foreach (var line in lines)
            if (WireFields.NamesCoding(line))
                return true;
        return false;
    }

    /// <summary>The media type without parameters; null when there is none, or more than one.</summary>
    public static string? MediaType(HttpContentHeaders headers) =>
        headers.NonValidated.TryGetValues("Content-Type", out var lines) && lines.Count == 1
            ? WireMediaType.Read(lines.ToString())?.MediaType.Value
            : null;

    /// <summary>
    /// <c>Retry-After</c> in seconds from now: a number, or a date in any of the three forms that a recipient must read (RFC 9110,
    /// sections 10.2.3 and 5.6.7). A date that is past is no wait at all; a number that no counter holds is a long one. Null when there
    /// is none, or nonsense.
    /// </summary>
    public static int? RetryAfterSeconds(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (headers.RetryAfter is { } stated)
        {
            var wait = stated.Delta ?? stated.Date!.Value - now;
            return (int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 0, int.MaxValue);
        }

        if (!headers.NonValidated.TryGetValues("Retry-After", out var lines) || lines.Count != 1)
            return null;
        var text = lines.ToString();
        return
            text.Length > 0
            && !text.AsSpan().ContainsAnyExceptInRange('0', '9')
            && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? int.MaxValue
            : null;
    }
}
