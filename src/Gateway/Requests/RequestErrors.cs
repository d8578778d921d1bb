using System.Collections.Immutable;
using Gateway.Problems;

namespace Gateway.Requests;

/// <summary>
/// All that is wrong with a request's content, collected (exchanges page, section 4). Pointers are made of names that the
/// contract knows: an unknown member is pointed at by the object it stands in.
/// </summary>
internal sealed class RequestErrors
{
    private const int Most = 32;

    private readonly List<RequestError> _errors = [];
    private readonly List<string> _missing = [];

    public bool IsEmpty => _errors.Count == 0;

    /// <summary>Notes one error; the same one twice is noted once.</summary>
    public void Add(string pointer, string code)
    {
        var error = new RequestError(pointer, code);
        if (_errors.Count < Most && !_errors.Contains(error)) _errors.Add(error);
    }

    /// <summary>Notes a path that the agreement would have to name.</summary>
    public void AddMissing(string path)
    {
        if (_missing.Count < Most && !_missing.Contains(path)) _missing.Add(path);
    }

    /// <summary>The refusal: that of the defect itself when every error is one of the same kind, else <c>request-invalid</c>.</summary>
    public Refusal ToRefusal(ImmutableArray<string> words)
    {
        var code = _errors[0].Code;
        foreach (var error in _errors) if (error.Code != code) code = "";
        var problem = code switch
        {
            "invalid-identifier" => Problem.InvalidIdentifier,
            "identifier-scheme-not-allowed" => Problem.IdentifierSchemeNotAllowed,
            "wrong-sector-token" => Problem.WrongSectorToken,
            "school-year-out-of-range" => Problem.SchoolYearOutOfRange,
            "period-out-of-range" => Problem.PeriodOutOfRange,
            "search-parameter-not-allowed" => Problem.SearchParameterNotAllowed,
            "field-not-allowed" => Problem.FieldNotAllowed,
            "duplicate-reference" => Problem.DuplicateReference,
            _ => Problem.RequestInvalid,
        };
        return new Refusal(problem)
        {
            Errors = [.. _errors],
            Missing = [.. _missing],
            Words = problem == Problem.RequestInvalid ? [] : words,
        };
    }

    /// <summary>The refusal of a body that is no JSON text at all: nothing inside it can be pointed at.</summary>
    public static Refusal NotJson(string code) => new(Problem.RequestInvalid) { Errors = [new RequestError("", code)] };
}
