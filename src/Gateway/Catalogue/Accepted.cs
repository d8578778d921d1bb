using System.Buffers;
using System.Collections.Immutable;
using Microsoft.Net.Http.Headers;

namespace Gateway.Catalogue;

/// <summary>Content negotiation by <c>Accept</c> (RFC 9110, section 12.5.1).</summary>
internal static class Accepted
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._"
    );

    /// <summary>Of what a path offers, the form that the caller likes best, the first of equals; null when it takes none of them.</summary>
    public static string? Best(HttpRequest request, ImmutableArray<string> offers)
    {
        var ranges = request.GetTypedHeaders().Accept;
        if (ranges.Count == 0)
            return offers[0];
        foreach (var range in ranges)
            Unquote(range);
        var (best, highest) = ((string?)null, 0.0);
        foreach (var offer in offers)
        {
            var offered = MediaTypeHeaderValue.Parse(offer);
            // Everything that leaves is UTF-8: a range that says so means it too.
            if (!offered.Charset.HasValue)
                offered.Charset = "utf-8";
            // The most specific range decides: "text/html;q=0, */*" takes anything but HTML.
            var range = ranges
                .Where(one => offered.IsSubsetOf(one))
                .OrderBy(static one =>
                    one.MatchesAllTypes ? 2
                    : one.MatchesAllSubTypes ? 1
                    : 0
                )
                .FirstOrDefault();
            var weight = range is null ? 0 : range.Quality ?? 1;
            if (weight > highest)
                (best, highest) = (offer, weight);
        }

        return best;
    }

    // Quoted and unquoted values are equal (RFC 9110, section 5.6.6); the library compares them as they are written.
    private static void Unquote(MediaTypeHeaderValue range)
    {
        foreach (var parameter in range.Parameters)
        {
            var bare = HeaderUtilities.RemoveQuotes(parameter.Value);
            if (bare.Length > 0 && !bare.AsSpan().ContainsAnyExcept(Plain))
                parameter.Value = bare;
        }
    }
}
