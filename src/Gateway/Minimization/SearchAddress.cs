using System.Globalization;
using System.Text;
using Agreements.Contracts;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Minimization;

/// <summary>
/// Is the address that a Bundle gives of itself (<c>link</c> <c>self</c>, <c>first</c>, <c>last</c>) that of the search which was sent? R4
/// has the server state there the parameters that it used, so that the other side sees which of them it left out.
/// </summary>
/// <remarks>
/// Host and path before the type are the server's own: behind a proxy they are seldom those that were called. Servers state the
/// parameters of a POST, or none of them (HAPI); the person as <c>patient:identifier</c>, as <c>patient.identifier</c> (HL7's example of
/// an empty searchset), or by the id of the Patient to which they resolved the identifier. So an address without any parameter
/// contradicts nothing. One that states some has to state the person and all that was searched: <c>_count</c> is always sent, so a server
/// that repeats parameters repeats one at least, and what is missing beside it was ignored. An id proves a person only beside a resource
/// that carries the identifier.
/// </remarks>
internal static class SearchAddress
{
    /// <summary>What an address says.</summary>
    internal enum Finding
    {
        /// <summary>Nothing but what was asked.</summary>
        Same,

        /// <summary>The person stands in it by an id that only the source understands, or it says nothing at all.</summary>
        Unproved,

        /// <summary>Another search, another page, or something that is not understood.</summary>
        Other,

        /// <summary>A search for the identifier of somebody else.</summary>
        AnotherPerson,
    }

    private static readonly Uri Anywhere = new("https://relative.invalid/");
    private static readonly string[] Compartments = ["Patient", "RelatedPerson", "Practitioner", "Encounter", "Device"];

    /// <summary>Compares an address with the search of <paramref name="terms"/>.</summary>
    /// <param name="text">Absolute or relative.</param>
    /// <param name="type">Type that was searched.</param>
    /// <param name="terms">The question, and the person as sent.</param>
    public static Finding Read(string text, FhirType type, ReleaseTerms terms)
    {
        // An address is ASCII (RFC 3986); of some other texts Uri.TryCreate throws.
        if (!Ascii.IsValid(text) || !Uri.TryCreate(Anywhere, text, out var address))
            return Finding.Other;
        if (address.Scheme is not ("https" or "http") || address.Fragment.Length > 0)
            return Finding.Other;
        var (place, hasParameters) = (Place(address, type), address.Query.Length > 1);
        if (!hasParameters || place == Finding.Other)
            return place;
        var parameters = Parameters(address, type, terms);
        return place > parameters ? place : parameters;
    }

    private static Finding Place(Uri address, FhirType type)
    {
        var path = address.AbsolutePath.TrimEnd('/').Split('/').AsSpan();
        if (path[^1] == "_search")
            path = path[..^1];
        if (path is [""])
            return Finding.Unproved;
        if (path.IsEmpty || path[^1] != type.Name)
            return Finding.Other;
        // What belongs to one Patient, by its id.
        return path.Length > 2 && Compartments.Contains(path[^3], StringComparer.Ordinal) ? Finding.Unproved : Finding.Same;
    }

    private static Finding Parameters(Uri address, FhirType type, ReleaseTerms terms)
    {
        var (worst, named, stated) = (Finding.Same, false, 0);
        foreach (var pair in new QueryStringEnumerable(address.Query))
        {
            var (name, value) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            var (isPerson, isAsked) = (IsPerson(name, type), terms.Question?.Search?.Parameters.Contains((name, value)) is true);
            var finding =
                isPerson ? Person(name, value, terms)
                : isAsked || IsHarmless(name, value, terms) ? Finding.Same
                : Finding.Other;
            (named, stated) = (named || isPerson, stated + (isAsked ? 1 : 0));
            if (finding > worst)
                worst = finding;
        }

        var isWhole = named && stated == (terms.Question?.Search?.Parameters.Count ?? 0);
        return isWhole || worst == Finding.AnotherPerson ? worst : Finding.Other;
    }

    private static bool IsPerson(string name, FhirType type)
    {
        var stem = name.Split(':', '.')[0];
        return stem == type.Search[0] || stem == type.Subject || stem is "patient" or "subject";
    }

    private static Finding Person(string name, string value, ReleaseTerms terms)
    {
        var person = $"{terms.Fhir!.PersonSystem}|{terms.Sent.Value}";
        return name.Split([':', '.'], 2)[1..] switch
        {
            ["identifier"] or ["Patient.identifier"] => value == person ? Finding.Same : Finding.AnotherPerson,
            [] or ["Patient"] when value.Length > 0 => Finding.Unproved,
            _ => Finding.Other,
        };
    }

    // How the result is written, and that it is the first page: none of it leaves a match out. A server may make its pages smaller.
    private static bool IsHarmless(string name, string value, ReleaseTerms terms) =>
        name switch
        {
            "_format" or "_pretty" or "_sort" or "_total" => true,
            "_summary" => value == "false",
            "_count" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0,
            "_elements" => terms is { Fhir.SendElements: true, Question.Search: { } search }
                && search.Elements.Split(',').ToHashSet(StringComparer.Ordinal).SetEquals(value.Split(',')),
            "_page" or "page" => value == "1",
            "_offset" => value == "0",
            _ => false,
        };
}
