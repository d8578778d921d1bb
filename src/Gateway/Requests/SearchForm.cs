using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Agreements;
using Agreements.Contracts;
using Gateway.Authentication;
using Gateway.Problems;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Requests;

/// <summary>
/// Reads a FHIR search about exactly one person (health page, section 2). A parameter leaks what the filter hides: whoever may
/// search by lot number learns the lot number. Hence the list in the agreement, and refusal instead of ignoring.
/// </summary>
internal static class SearchForm
{
    private const int MostBytes = 4096;

    // Named back in refusals, whatever they look like.
    private static readonly ImmutableArray<string> Known =
    [
        "_count",
        "_format",
        "_has",
        "_include",
        "_revinclude",
        "_sort",
        "_summary",
        "_elements",
        "_id",
        "_lastUpdated",
        "_tag",
        "_filter",
        "_query",
        "_text",
        "_content",
        "_contained",
        "_total",
        "_pretty",
        "_since",
        "_type",
        "access_token",
        "date",
        "status",
        "code",
        "type",
        "vaccine-type",
        "vaccine-code",
        "patient",
        "beneficiary",
        "subject",
    ];

    public static Verdict<AccessRequest> Read(
        FhirType type,
        Operation operation,
        Grant grant,
        GrantedOperation granted,
        ReadOnlyMemory<byte> body
    )
    {
        if (body.Length > MostBytes)
            return new Refusal(Problem.BodyTooLarge);
        if (Pairs(body) is not { } pairs)
            return RequestErrors.NotJson("not-a-form");
        if (pairs.Exists(static pair => pair.Name == "access_token"))
            return new Refusal(Problem.RequestMalformed) { Challenge = Challenges.InvalidRequest, Reason = "a token in the form" };
        var name = $"{type.Search[0]}:identifier";
        var errors = new RequestErrors();
        // Rules 1 to 4: the person.
        var subject = Person(name, pairs, operation, grant, errors);
        // Rule 5: nothing twice, but for a date's two bounds.
        foreach (var group in pairs.GroupBy(pair => pair.Name, StringComparer.Ordinal))
            if (group.Count() > (group.Key == "date" ? 2 : 1))
                errors.Add(Named(group.Key, pairs.FindIndex(pair => pair.Name == group.Key), name, "duplicate-parameter"));
        if (!errors.IsEmpty)
            return errors.ToRefusal(Words(errors, grant));
        // Rules 6 to 8: what else may be asked.
        var question = new SearchQuestion { Type = type, Elements = Elements(granted) };
        for (var i = 0; i < pairs.Count; i++)
            if (pairs[i].Name != name && !Allow(pairs[i], type, granted, question))
                errors.Add(Named(pairs[i].Name, i, name, "search-parameter-not-allowed"));
        foreach (var required in type.SearchRequired)
            if (!question.Has(required))
                errors.Add(required, "search-parameter-not-allowed");
        if (!errors.IsEmpty)
            return errors.ToRefusal(Words(errors, grant));
        return new AccessRequest { Subject = subject!, Search = question };
    }

    private static List<(string Name, string Value)>? Pairs(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
            return null;
        try
        {
            using var reader = new FormReader(Encoding.UTF8.GetString(body.Span))
            {
                ValueCountLimit = 32,
                KeyLengthLimit = 256,
                ValueLengthLimit = 1024,
            };
            var pairs = new List<(string, string)>();
            while (reader.ReadNextPair() is { } pair)
                pairs.Add((pair.Key, pair.Value));
            return pairs.Count <= 32 ? pairs : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static DataSubject? Person(
        string name,
        List<(string Name, string Value)> pairs,
        Operation operation,
        Grant grant,
        RequestErrors errors
    )
    {
        var given = pairs.FindAll(pair => pair.Name == name);
        if (given.Count != 1)
        {
            errors.Add(name, given.Count == 0 ? "missing-parameter" : "duplicate-parameter");
            return null;
        }

        var value = given[0].Value;
        var bar = value.IndexOf('|', StringComparison.Ordinal);
        if (bar <= 0 || bar == value.Length - 1 || value.Contains(',', StringComparison.Ordinal))
        {
            errors.Add(name, "invalid-identifier");
            return null;
        }

        var scheme =
            value[..bar] == $"urn:anss:id:{operation.Sector}" ? "sector-token"
            : value[..bar] == "urn:anss:id:idcs" ? "idcs"
            : "";
        var error = SubjectCheck.Scheme(scheme, grant.SubjectSchemes) ?? SubjectCheck.Value(scheme, value[(bar + 1)..], operation.Sector);
        if (error is not null)
            errors.Add(name, error);
        return new DataSubject(scheme, value[(bar + 1)..]);
    }

    private static bool Allow((string Name, string Value) pair, FhirType type, GrantedOperation granted, SearchQuestion question)
    {
        var (name, value) = pair;
        switch (name)
        {
            case AddressQuery.Format:
                return FhirFormat.IsJson(value);
            case "_count":
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 200)
                    return false;
                question.Count = count;
                return true;
            default:
                if (!granted.Search.Contains(name, StringComparer.Ordinal) || name == type.Search[0])
                    return false;
                if (name == "date" ? !IsDate(value) : !IsToken(name, value, granted))
                    return false;
                question.Parameters.Add((name, value));
                return true;
        }
    }

    private static bool IsDate(string value) =>
        value.Length == 12 && value[..2] is "eq" or "ge" or "le" or "gt" or "lt" && ShapeCheck.TryDate(value.AsSpan(2), out _);

    // system|code, one value; the status of a resource is a bare code in R4's own closed list.
    private static bool IsToken(string name, string value, GrantedOperation granted)
    {
        var bar = value.IndexOf('|', StringComparison.Ordinal);
        if (value.Contains(',', StringComparison.Ordinal) || value.Length > 320)
            return false;
        if (name == "status" && bar < 0)
            return value.Length is > 0 and <= 64 && !value.AsSpan().ContainsAnyExcept(Letters);
        if (bar <= 0 || bar == value.Length - 1 || value.AsSpan(bar + 1).Contains('|') || value.AsSpan().ContainsAny(White))
            return false;
        return !granted.Codes.TryGetValue(PathOf(name), out var allowed)
            || allowed.Contains(new AllowedCode(value[..bar], value[(bar + 1)..]));
    }

    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz-");
    private static readonly System.Buffers.SearchValues<char> White = System.Buffers.SearchValues.Create(" \t\r\n\f\v&?#\\\"<>");

    // The coding array that a parameter searches.
    private static string PathOf(string parameter) =>
        parameter switch
        {
            "code" => "code.coding",
            "type" => "type.coding",
            "vaccine-code" => "vaccineCode.coding",
            "vaccine-type" => "recommendation.vaccineCode.coding",
            _ => "",
        };

    // Top level names of the release list, for providers that take _elements as a courtesy.
    private static string Elements(GrantedOperation granted) =>
        string.Join(
            ',',
            granted.Release.Select(path => path.Split('.')[0].Replace("[x]", "", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)
        );

    /// <summary>A name that is known here, with or without a modifier; empty for any other, which is the caller's own text.</summary>
    public static string Name(string name) =>
        Known.Contains(name, StringComparer.Ordinal) || name is "patient:identifier" or "beneficiary:identifier" ? name : "";

    // By its name where that is a word of FHIR or cannot hold an identifier, else by its place in the form.
    private static RequestError Named(string name, int index, string person, string code) =>
        name == person || Known.Contains(name, StringComparer.Ordinal) || MemberName.IsSafe(name)
            ? new(name, code)
            : new("", code) { Position = index + 1 };

    private static ImmutableArray<string> Words(RequestErrors errors, Grant grant)
    {
        var refusal = errors.ToRefusal([]);
        return refusal.Problem.Code switch
        {
            "identifier-scheme-not-allowed" => grant.SubjectSchemes,
            "search-parameter-not-allowed" when refusal.Errors[0].Pointer.Length > 0 => [refusal.Errors[0].Pointer],
            _ => [],
        };
    }
}
