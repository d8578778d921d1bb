using System.Collections.Immutable;
using System.Text.Json;
using Gateway.Problems;

namespace Gateway.Requests;

/// <summary>
/// All that is wrong with a request's content, collected (exchanges page, section 4). Pointers are made of names that the
/// contract knows, and of unknown names that cannot hold an identifier (<see cref="MemberName"/>).
/// </summary>
internal sealed class RequestErrors
{
    private const int Most = 32;
    private const string UnknownMember = "unknown-member";

    private readonly List<RequestError> _errors = [];
    private readonly List<string> _missing = [];

    public bool IsEmpty => _errors.Count == 0;

    /// <summary>Notes one error; the same one twice is noted once.</summary>
    public void Add(string pointer, string code, string? rule = null) => Add(new RequestError(pointer, code) { Rule = rule });

    /// <summary>Notes an error that was found elsewhere.</summary>
    public void Add(RequestError error)
    {
        if (_errors.Count < Most && !_errors.Contains(error))
            _errors.Add(error);
    }

    /// <summary>Notes a member that the contract does not know: by its name where that may be said back, else by its place.</summary>
    /// <param name="pointer">The object that it stands in.</param>
    /// <param name="name">Its name.</param>
    /// <param name="position">Its place in that object, from 1.</param>
    public void AddUnknown(string pointer, ReadOnlySpan<char> name, int position) =>
        Add(
            MemberName.IsSafe(name)
                ? new RequestError($"{pointer}/{name}", UnknownMember)
                : new RequestError(pointer, UnknownMember) { Position = position }
        );

    /// <summary>Notes all members of an object that are none of the known ones.</summary>
    public void AddUnknown(string pointer, JsonElement owner, Func<string, bool> isKnown)
    {
        var position = 0;
        foreach (var member in owner.EnumerateObject())
        {
            position++;
            if (!isKnown(member.Name))
                AddUnknown(pointer, member.Name, position);
        }
    }

    /// <summary>Notes a path that the agreement would have to name.</summary>
    public void AddMissing(string path)
    {
        if (_missing.Count < Most && !_missing.Contains(path))
            _missing.Add(path);
    }

    /// <summary>The refusal: that of the defect itself when every error is one of the same kind, else <c>request-invalid</c>.</summary>
    public Refusal ToRefusal(ImmutableArray<string> words)
    {
        var code = _errors[0].Code;
        foreach (var error in _errors)
            if (error.Code != code)
                code = "";
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
