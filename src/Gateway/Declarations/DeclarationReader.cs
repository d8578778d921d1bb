using System.Text.Json;
using System.Text.Unicode;
using Agreements.Contracts;
using Gateway.Authorization;
using Gateway.Authorization.Dossiers;
using Gateway.Problems;
using Gateway.Requests;

namespace Gateway.Declarations;

/// <summary>
/// Reads declarations against the contract, then against the grant: a quality that its population names, days that its agreement covers, a
/// person of its sector. A line that is not valid yields a refusal of its own.
/// </summary>
internal sealed class DeclarationReader
{
    private readonly Entitlement _entitlement;
    private readonly Shape _shape;
    private readonly bool _lines;
    private readonly string[] _sectors;
    private readonly HashSet<string> _references = new(StringComparer.Ordinal);
    private readonly char[] _text = new char[ShapeCheck.LongestText];

    /// <summary>A reader for one call; it remembers the references that it has seen.</summary>
    public DeclarationReader(Entitlement entitlement)
    {
        _entitlement = entitlement;
        _shape = entitlement.Operation.Request!;
        _lines = entitlement.Operation.Protocol == OperationProtocol.Lines;
        _sectors = [.. SectorsOf(entitlement)];
    }

    /// <summary>Reads one declaration.</summary>
    public DeclarationLine Read(ReadOnlyMemory<byte> line, int number)
    {
        if (line.Length > BatchReader.MostLineBytes)
            return Line(Unnamed(number), new Refusal(Problem.BodyTooLarge));
        var verdict = ReadJson(line, out var reference);
        if (!_lines)
            return Line("", verdict);
        if (reference is null)
            return Line(Unnamed(number), verdict);
        return Line(
            reference,
            _references.Add(reference)
                ? verdict
                : new Refusal(Problem.DuplicateReference) { Errors = [new RequestError("/reference", "duplicate-reference")] }
        );

        DeclarationLine Line(string name, Verdict<DeclarationContent> content) => new(number, name, content) { Text = line };
    }

    /// <summary>Sectors whose questions the grant's gate guards: their tokens are what the gate will look up.</summary>
    public static IEnumerable<string> SectorsOf(Entitlement entitlement) =>
        entitlement
            .Grant.Operations.Select(granted => entitlement.Registry.Operations[granted.Id])
            .Where(static operation => !operation.AnsweredByGateway && operation.HasDataSubject)
            // The agency's answers are asked for with the partner's own tokens.
            .Select(operation =>
                operation.Sector == "agency" ? entitlement.Caller.Institution.Sector ?? operation.Sector : operation.Sector
            )
            .Distinct(StringComparer.Ordinal);

    private Verdict<DeclarationContent> ReadJson(ReadOnlyMemory<byte> body, out string? reference)
    {
        reference = null;
        if (!Utf8.IsValid(body.Span))
            return RequestErrors.NotJson("not-utf-8");
        var errors = new RequestErrors();
        var walk = new RequestWalk(_shape, body, errors, isLine: false, _text);
        if (!walk.TryRun())
            return RequestErrors.NotJson("not-json");
        if (_lines && Text(walk, "reference") is { } text)
        {
            if (References.ReferenceFault(text) is not { } fault)
                reference = text;
            // its form the walk has checked
            else if (fault.Rule == References.NoPersonNumber)
                errors.Add("/reference", fault.Code, fault.Rule);
        }

        if (walk.Scheme is not { } scheme || walk.Value is not { } value)
            return errors.ToRefusal([]);
        var sector = CheckSubject(scheme, value, errors);
        if (!errors.IsEmpty)
            return errors.ToRefusal([]);
        return Check(walk, new DataSubject(scheme, value), sector!);
    }

    // A token says its sector; from an identifier it can be told only where the grant's gate guards questions of one.
    private string? CheckSubject(string scheme, string value, RequestErrors errors)
    {
        if (SubjectCheck.Scheme(scheme, _entitlement.Grant.SubjectSchemes) is { } refused)
            errors.Add("/subject/scheme", refused);
        else if (scheme != "sector-token" && _sectors.Length != 1)
            errors.Add("/subject/scheme", "identifier-scheme-not-allowed");
        else
        {
            string? wrong = "wrong-sector-token";
            foreach (var sector in _sectors)
            {
                wrong = SubjectCheck.Value(scheme, value, sector);
                if (wrong is null)
                    return sector;
            }

            errors.Add("/subject/value", wrong!);
        }

        return null;
    }

    private Verdict<DeclarationContent> Check(in RequestWalk walk, DataSubject subject, string sector)
    {
        var (quality, errors) = (Text(walk, "quality")!, new RequestErrors());
        var act = Text(walk, "action") switch
        {
            "OPEN" => DeclaredAct.Open,
            "CLOSE" => DeclaredAct.Close,
            _ => DeclaredAct.Move,
        };
        var (to, province) = (Text(walk, "to"), Text(walk, "province"));
        if (act == DeclaredAct.Close && to is null)
            errors.Add("/to", "missing-member");
        if (act == DeclaredAct.Move && to is not null)
            errors.Add("/to", "unknown-member");
        if (act == DeclaredAct.Close && province is not null)
            errors.Add("/province", "unknown-member");
        if (act != DeclaredAct.Close && province is null)
            errors.Add("/province", "missing-member");
        ushort number = 0;
        if (province is not null && !ProvinceNumber.TryParse(province, out number))
            errors.Add("/province", "invalid-format", "a province of the reference list");
        if (!errors.IsEmpty)
            return errors.ToRefusal([]);
        if (!_entitlement.Grant.Population.Qualities.Contains(quality, StringComparer.Ordinal))
            return new Refusal(Problem.PopulationOutOfScope)
            {
                Clause = _entitlement.Clause,
                Errors = [new RequestError("/quality", "population-out-of-scope")],
            };
        if (!TryDay(Text(walk, "from"), errors, "/from", out var first) | !TryDay(to, errors, "/to", out var last))
            return errors.ToRefusal([]);
        if (last < first)
            return new Refusal(Problem.PeriodOutOfRange)
            {
                Errors = [new RequestError("/to", "period-out-of-range") { Rule = "not before /from" }],
            };
        return new DeclarationContent(act, subject, sector, quality, first, last, number);
    }

    // No day is stated beyond the agreement: behind its end nobody asks under it.
    private bool TryDay(string? text, RequestErrors errors, string at, out ushort number)
    {
        number = DossierDay.Open;
        if (text is null)
            return true;
        if (ShapeCheck.TryDate(text, out var day) && day <= _entitlement.Agreement.Until && DossierDay.TryOf(day, out number))
            return true;
        errors.Add(at, "period-out-of-range", "a day that the agreement covers");
        return false;
    }

    private string? Text(in RequestWalk walk, string name)
    {
        for (var i = 0; i < _shape.Members.Length; i++)
        {
            if (_shape.Members[i].Name != name)
                continue;
            if (walk.Values[i].IsEmpty)
                return null;
            var reader = new Utf8JsonReader(walk.Values[i].Span);
            return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        }

        return null;
    }

    // No reference can contain a colon, so this names the line and nothing that the caller could have meant.
    private static string Unnamed(int number) => $"line:{number}";
}
