using System.Collections.Immutable;
using System.Text.Unicode;
using Agreements;
using Agreements.Contracts;

namespace Gateway.Requests;

/// <summary>
/// Reads a question: JSON against the operation's closed contract, FHIR searches against the element table, both against what
/// the grant lets the caller ask. All errors are collected (exchanges page, section 4).
/// </summary>
public static class RequestReader
{
    [ThreadStatic]
    private static char[]? _text;

    /// <summary>Reads a single question.</summary>
    /// <param name="registry">Snapshot of the law.</param>
    /// <param name="operation">Operation asked for.</param>
    /// <param name="grant">Grant that covers it.</param>
    /// <param name="granted">The operation in that grant.</param>
    /// <param name="body">The body, whole; it must live as long as the request.</param>
    /// <param name="today">Civil day in Africa/Casablanca.</param>
    /// <returns>The question; or <c>request-invalid</c>, <c>invalid-identifier</c>, <c>identifier-scheme-not-allowed</c>,
    /// <c>wrong-sector-token</c>, <c>school-year-out-of-range</c>, <c>period-out-of-range</c>, <c>field-not-allowed</c>,
    /// <c>search-parameter-not-allowed</c>.</returns>
    public static Verdict<AccessRequest> Read(
        Registry registry,
        Operation operation,
        Grant grant,
        GrantedOperation granted,
        ReadOnlyMemory<byte> body,
        DateOnly today
    )
    {
        if (operation.Protocol == OperationProtocol.Fhir)
            return SearchForm.Read(registry.FhirTypes[operation.FhirType!], operation, grant, granted, body);
        return ReadJson(operation, grant, granted, body, today, isLine: false, out _);
    }

    internal static Verdict<AccessRequest> ReadJson(
        Operation operation,
        Grant grant,
        GrantedOperation granted,
        ReadOnlyMemory<byte> body,
        DateOnly today,
        bool isLine,
        out string? reference
    )
    {
        reference = null;
        if (!Utf8.IsValid(body.Span))
            return RequestErrors.NotJson("not-utf-8");
        var shape = operation.Request ?? throw new ArgumentException($"{operation.Id} has no request shape.", nameof(operation));
        var errors = new RequestErrors();
        var text = _text ??= new char[ShapeCheck.LongestText];
        var walk = new RequestWalk(shape, body, errors, isLine, text);
        if (!walk.TryRun())
            return RequestErrors.NotJson("not-json");
        reference = walk.Reference;
        CheckSubject(operation, grant, errors, ref walk);
        var (year, date) = CheckTime(shape, errors, walk.Texts, today);
        CheckFields(operation, granted, errors, walk.Fields);
        if (!errors.IsEmpty)
            return errors.ToRefusal(WordsOf(errors, grant));
        return new AccessRequest
        {
            Subject = new DataSubject(walk.Scheme!, walk.Value!),
            SchoolYear = year,
            ReferenceDate = date,
            Fields = [.. walk.Fields],
            Reference = walk.Reference,
            Shape = shape,
            Values = walk.Values,
        };
    }

    private static void CheckSubject(Operation operation, Grant grant, RequestErrors errors, ref RequestWalk walk)
    {
        if (walk.Scheme is not { } scheme || walk.Value is not { } value)
            return;
        if (SubjectCheck.Scheme(scheme, grant.SubjectSchemes) is { } refused)
            errors.Add("/subject/scheme", refused);
        else if (SubjectCheck.Value(scheme, value, operation.Sector) is { } invalid)
            errors.Add("/subject/value", invalid);
    }

    private static (string? Year, DateOnly? Date) CheckTime(Shape shape, RequestErrors errors, string?[] texts, DateOnly today)
    {
        SchoolYear? year = null;
        DateOnly? date = null;
        for (var i = 0; i < texts.Length; i++)
        {
            if (shape.Members[i].Rule != "school-year" || texts[i] is not { } text)
                continue;
            if (SchoolYear.TryParse(text, out var parsed) && Math.Abs(parsed.FirstYear - SchoolYear.Of(today).FirstYear) <= 1)
                year = parsed;
            else
                errors.Add($"/{shape.Members[i].Name}", "school-year-out-of-range");
        }

        for (var i = 0; i < texts.Length; i++)
        {
            if (shape.Members[i].Rule != "within-school-year")
                continue;
            if (texts[i] is not { } text)
                date = year is null || year.Value.Contains(today) ? today : null;
            else if (ShapeCheck.TryDate(text, out var parsed) && parsed <= today && (year is null || year.Value.Contains(parsed)))
                date = parsed;
            else
                errors.Add($"/{shape.Members[i].Name}", "period-out-of-range");
        }

        return (year?.ToString(), date);
    }

    private static void CheckFields(Operation operation, GrantedOperation granted, RequestErrors errors, List<string> fields)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            if (IsReleased(granted.Release, fields[i]))
                continue;
            errors.Add($"/fields/{i}", "field-not-allowed");
            // Only what the contract knows is named back.
            if (IsDeclared(operation.Answer, fields[i]))
                errors.AddMissing(fields[i]);
        }
    }

    private static ImmutableArray<string> WordsOf(RequestErrors errors, Grant grant) =>
        errors.ToRefusal([]).Problem.Code == "identifier-scheme-not-allowed" ? grant.SubjectSchemes : [];

    private static bool IsReleased(ImmutableArray<string> release, string path)
    {
        foreach (var released in release)
            if (path.StartsWith(released, StringComparison.Ordinal) && (path.Length == released.Length || path[released.Length] == '.'))
                return true;
        return false;
    }

    private static bool IsDeclared(Shape? shape, string path)
    {
        foreach (var segment in path.Split('.'))
        {
            while (shape is { Kind: ShapeKind.Array })
                shape = shape.Items;
            if (shape?.Find(segment) is not { Envelope: false } member)
                return false;
            shape = member.Shape;
        }

        return true;
    }
}
