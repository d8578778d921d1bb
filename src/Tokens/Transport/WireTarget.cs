using System.Buffers;
using System.Globalization;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Tokens.Transport;

/// <summary>
/// The target as it was sent. Kestrel resolves dots and decodes escapes before routing, so only the raw target shows what two readers
/// could understand differently; what is decided must be what is called.
/// </summary>
internal static class WireTarget
{
    private const int MaxTarget = KestrelLimits.MostTargetBytes;
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/?=&:@%"
    );

    internal static bool IsSound(HttpContext context) =>
        context.Features.Get<IHttpRequestFeature>() is { RawTarget: var raw } && IsSound(raw);

    internal static bool IsSound(ReadOnlySpan<char> target)
    {
        if (target.Length is 0 or > MaxTarget || target[0] != '/' || target.ContainsAnyExcept(Plain))
            return false;
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        return !HasAmbiguousSegment(path) && HasOnlyHarmlessEscapes(target);
    }

    private static bool HasAmbiguousSegment(ReadOnlySpan<char> path) =>
        path.Contains("//", StringComparison.Ordinal)
        || path.Contains("/./", StringComparison.Ordinal)
        || path.Contains("/../", StringComparison.Ordinal)
        || path.EndsWith("/.", StringComparison.Ordinal)
        || path.EndsWith("/..", StringComparison.Ordinal);

    /// <summary>
    /// Every <c>%</c> starts an escape of two hex digits, none of which hides a slash, a backslash, a percent, a dot or a control
    /// character, and together they are UTF-8.
    /// </summary>
    private static bool HasOnlyHarmlessEscapes(ReadOnlySpan<char> target)
    {
        if (!target.Contains('%'))
            return true;
        Span<byte> decoded = stackalloc byte[target.Length];
        var length = 0;
        for (var i = 0; i < target.Length; i++)
        {
            if (target[i] != '%')
            {
                decoded[length++] = (byte)target[i];
                continue;
            }
            if (
                i + 2 >= target.Length
                || !byte.TryParse(target.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            )
                return false;
            if (value is < 0x20 or 0x7F or (byte)'/' or (byte)'\\' or (byte)'%' or (byte)'.')
                return false;
            decoded[length++] = value;
            i += 2;
        }
        return Utf8.IsValid(decoded[..length]);
    }
}
