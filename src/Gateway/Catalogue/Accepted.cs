using System.Collections.Immutable;
using Microsoft.Net.Http.Headers;

namespace Gateway.Catalogue;

/// <summary>Content negotiation by <c>Accept</c> (RFC 9110, section 12.5.1).</summary>
internal static class Accepted
{
    /// <summary>Of what a path offers, the form that the caller likes best, the first of equals; null when it takes none of them.</summary>
    public static string? Best(HttpRequest request, ImmutableArray<string> offers)
    {
        var ranges = request.GetTypedHeaders().Accept;
        if (ranges.Count == 0) return offers[0];
        var (best, highest) = ((string?)null, 0.0);
        foreach (var offer in offers)
        {
            var offered = MediaTypeHeaderValue.Parse(offer);
            // Everything that leaves is UTF-8: a range that says so means it too.
            if (!offered.Charset.HasValue) offered.Charset = "utf-8";
            // The most specific range decides: "text/html;q=0, */*" takes anything but HTML.
            var range = ranges.Where(one => offered.IsSubsetOf(one))
                .OrderBy(static one => one.MatchesAllTypes ? 2 : one.MatchesAllSubTypes ? 1 : 0).FirstOrDefault();
            var weight = range is null ? 0 : range.Quality ?? 1;
            if (weight > highest) (best, highest) = (offer, weight);
        }

        return best;
    }
}
