using System.Globalization;
using Gateway.Problems;
using Tokens.Transport;

namespace Gateway.Requests;

/// <summary>
/// A query string where the address takes none, or takes less: the refusal names the parameter, never its value. A name that nobody
/// here knows is the caller's own text and may be a person's number, so it is named by its place: <c>?2</c> is the second.
/// </summary>
internal static class AddressQuery
{
    /// <summary>The one parameter that the address of a FHIR search takes.</summary>
    public const string Format = "_format";

    /// <summary>Refuses the first parameter that the route does not take.</summary>
    public static Refusal Refuse(HttpRequest request, WireRoute? route)
    {
        var place = 0;
        foreach (var (name, values) in request.Query)
        {
            place++;
            if (values.Count == 1 && route?.Parameters.Contains(name) == true)
                continue;
            var known = SearchForm.Name(name);
            if (known != "access_token" && request.Path.StartsWithSegments("/fhir", StringComparison.Ordinal))
                return Refuse(known, place);
            return new Refusal(Problem.RequestMalformed)
            {
                Errors = [new RequestError("?" + (known.Length > 0 ? known : Text(place)), "query-not-allowed")],
            };
        }

        return new Refusal(Problem.RequestMalformed) { Errors = [new RequestError("?", "query-not-allowed")] };
    }

    /// <summary>Refuses a parameter of a FHIR search by its name.</summary>
    public static Refusal Refuse(string name) => Refuse(name, place: 1);

    private static Refusal Refuse(string name, int place) =>
        new(Problem.SearchParameterNotAllowed)
        {
            Words = [name.Length > 0 ? name : "?" + Text(place)],
            Errors = [new RequestError(name.Length > 0 ? name : "?" + Text(place), "search-parameter-not-allowed")],
        };

    private static string Text(int place) => place.ToString(CultureInfo.InvariantCulture);
}
