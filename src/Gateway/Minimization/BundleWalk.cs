using System.Text.Json;
using Gateway.Problems;

namespace Gateway.Minimization;

/// <summary>
/// The forward pass over a provider's Bundle (health page, section 4). Entries are written during the pass; nothing is visible
/// until it has ended, so a refusal on the last byte is still a clean one.
/// </summary>
internal ref partial struct BundleWalk(FhirReleasePlan plan, ReleaseTerms terms, ReadOnlySpan<byte> body, Scratch scratch)
{
    private const int MostEntries = 200;

    private Utf8JsonReader _reader = new(body, new JsonReaderOptions { MaxDepth = 32 });
    private ResourceWalk _resource = new(plan, terms, scratch);
    private bool _isBundle,
        _isOutcome,
        _isSearchset,
        _hasOthers,
        _saysUnknown;

    // Something that is not understood: it may stand beside matches, which speak for themselves, and not beside none.
    private bool _isDoubtful;
    private int? _total;
    private int _found,
        _ofType;

    public Problem? Fault { get; private set; }
    public string? Defect { get; private set; }

    /// <summary>Resources that are released.</summary>
    public int Matches { get; private set; }

    /// <summary>A resource about the person was seen, released or not.</summary>
    public bool IsKnown { get; private set; }
    public bool IsAmbiguous { get; private set; }

    /// <summary>Not known to be the whole answer to the question, or F15 dropped something: a part must not be read as the whole.</summary>
    public bool IsIncomplete { get; private set; }
    public DateTimeOffset? Timestamp { get; private set; }
    public int Undeclared { get; private set; }
    public ulong Released => _resource.Released;
    public ulong Stripped => _resource.Stripped;

    /// <summary>Walks the whole answer; false when it is refused.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="InvalidOperationException">A string is not Unicode.</exception>
    public bool Run()
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
            return Invalid("not one object");
        scratch.Json.WriteStartArray();
        var seen = 0;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (FhirMeta.IsOneOf(ref _reader, "modifierExtension", "implicitRules"))
                return Modified();
            var member = Member();
            _isDoubtful |= member == 0 && !FhirMeta.IsOneOf(ref _reader, "id", "language", "identifier", "signature");
            if ((seen & member) != 0)
                return Invalid("duplicate member of the Bundle");
            seen |= member;
            _reader.Read();
            if (!Read(member))
                return false;
        }

        scratch.Json.WriteEndArray();
        if (_reader.Read())
            return Invalid("trailing content");
        if (_isOutcome)
            return Refuse(Problem.ProviderError, "an OperationOutcome instead of a Bundle");
        Undeclared += _resource.Undeclared;
        if (!_isBundle || !_isSearchset)
            return Invalid("not a searchset");
        // Matches of another type and none of what was asked for: that answers another question.
        if (_hasOthers && !IsKnown)
            return Invalid("only matches of another type");
        // The provider counted more than it sent, or less: either way this is not the whole of what it speaks of.
        IsIncomplete |= _total > _found || _total < _ofType;
        // Nobody known is said by a Bundle that holds nothing else; that beside a match contradicts itself.
        IsIncomplete |= IsKnown ? _saysUnknown : _isDoubtful;
        return true;
    }

    // 1 resourceType, 2 type, 4 timestamp, 8 link, 16 entry, 32 total, 64 meta, 128 issues (R5), 256 extension; 0 for what is stripped
    // (F11).
    private readonly int Member() =>
        _reader.ValueTextEquals("resourceType"u8) ? 1
        : _reader.ValueTextEquals("type"u8) ? 2
        : _reader.ValueTextEquals("timestamp"u8) ? 4
        : _reader.ValueTextEquals("link"u8) ? 8
        : _reader.ValueTextEquals("entry"u8) ? 16
        : _reader.ValueTextEquals("total"u8) ? 32
        : _reader.ValueTextEquals("meta"u8) ? 64
        : _reader.ValueTextEquals("issues"u8) ? 128
        : _reader.ValueTextEquals("extension"u8) ? 256
        : 0;

    private bool Read(int member)
    {
        switch (member)
        {
            case 1:
                if (_reader.TokenType != JsonTokenType.String)
                    return Invalid("resourceType is no string");
                (_isBundle, _isOutcome) = (_reader.ValueTextEquals("Bundle"u8), _reader.ValueTextEquals("OperationOutcome"u8));
                return true;
            case 2:
                _isSearchset = _reader.TokenType == JsonTokenType.String && _reader.ValueTextEquals("searchset"u8);
                _reader.Skip();
                return true;
            case 4:
                if (
                    _reader.TokenType != JsonTokenType.String
                    || _reader.ValueSpan.Length > scratch.Text.Length
                    || !Instants.TryRead(scratch.Text.AsSpan(0, _reader.CopyString(scratch.Text)), out var instant)
                )
                    return Invalid("timestamp is no instant");
                Timestamp = instant;
                return !terms.IsAhead(instant) || Invalid("timestamp is in the future");
            case 8:
                Undeclared++;
                return Links();
            case 16:
                return Entries();
            case 32:
                Undeclared++;
                // What is no count is counted as too many.
                _total =
                    _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt32(out var total) && total >= 0 ? total : int.MaxValue;
                _reader.Skip();
                return true;
            case 64:
                Undeclared++;
                if (FhirMeta.IsAhead(_reader, terms))
                    return Invalid("updated in the future");
                // Unless elements were left out because the gateway asked for it.
                IsIncomplete |= terms.Fhir is { SendElements: false } && FhirMeta.IsSubsetted(_reader);
                _isDoubtful |= FhirMeta.SaysMore(_reader);
                _reader.Skip();
                return true;
            case 128:
                Undeclared++;
                if (!Outcome(_reader))
                    return false;
                _reader.Skip();
                return true;
            case 256:
                Undeclared++;
                // A Bundle has none in R4: whatever it adds qualifies the answer.
                IsIncomplete = true;
                _reader.Skip();
                return true;
            default:
                Undeclared++;
                _reader.Skip();
                return true;
        }
    }

    private bool Entries()
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
            return Invalid("entry is no array");
        var count = 0;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
                return Invalid("an entry is no object");
            if (++count > MostEntries)
                return Refuse(Problem.ProviderAnswerTooLarge, "more than 200 entries");
            if (!Entry())
                return false;
        }

        return true;
    }

    private bool Entry()
    {
        var resource = default(Utf8JsonReader);
        var (found, searched, responded) = (false, false, false);
        string? mode = null;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (_reader.ValueTextEquals("modifierExtension"u8))
                return Modified();
            var (isResource, isSearch) = (_reader.ValueTextEquals("resource"u8), _reader.ValueTextEquals("search"u8));
            var isResponse = _reader.ValueTextEquals("response"u8);
            _isDoubtful |= !isResource && !isSearch && !isResponse && !FhirMeta.IsOneOf(ref _reader, "fullUrl", "id");
            var isAgain = (isResource && found) || (isSearch && searched) || (isResponse && responded);
            if (isAgain)
                return Invalid("duplicate member of an entry");
            _reader.Read();
            if (isResource)
            {
                if (_reader.TokenType != JsonTokenType.StartObject)
                    return Invalid("a resource is no object");
                resource = _reader;
                found = true;
            }
            else
            {
                Undeclared++;
            }

            if (isSearch)
            {
                searched = true;
                if (!ModeOf(_reader, out mode))
                    return false;
            }

            responded |= isResponse;
            if (isResponse && !Response(_reader))
                return false;

            _reader.Skip();
        }

        return found ? Resource(resource, mode) : Invalid("an entry without resource");
    }

    private bool Resource(Utf8JsonReader resource, string? mode)
    {
        if (!TypeOf(resource, out var type))
            return Invalid("a resource without its type");
        if (type == "OperationOutcome")
        {
            Undeclared++;
            return Outcome(resource);
        }

        if (mode is "match" || (mode is null && type == plan.Type.Name))
            _found++;
        if (type != plan.Type.Name || mode is not (null or "match"))
        {
            // F13: not what was asked for. What belongs to a match says that there is one; of the asked type, that it is kept back.
            _hasOthers |= mode is "match";
            _isDoubtful = true;
            IsIncomplete |= type == plan.Type.Name;
            Undeclared++;
            return true;
        }

        _ofType++;
        if (SearchCheck.Defect(resource, terms) is { } defect)
            return Invalid(defect);
        // F18 is for what the gateway leaves out; a provider that left something out was asked to, or sends a part.
        IsIncomplete |= terms.Fhir is { SendElements: false } && IsPart(resource);
        var fate = _resource.Judge(resource);
        if (fate == ResourceWalk.Fate.Refused)
            return Refuse(_resource.Fault!, _resource.Defect!);
        IsKnown = true;
        var inError = _resource.IsInError;
        _resource.Forget();
        // F16 before F15: what was entered in error is not missing anything.
        if (inError || fate == ResourceWalk.Fate.Emptied)
            Undeclared++;
        else if (fate == ResourceWalk.Fate.Missing)
            (IsIncomplete, Undeclared) = (true, Undeclared + 1);
        else
            Keep(resource);
        return true;
    }

    private void Keep(Utf8JsonReader resource)
    {
        Matches++;
        var json = scratch.Json;
        json.WriteStartObject();
        json.WriteString("fullUrl"u8, BundleWriter.FreshUrn());
        json.WritePropertyName("resource"u8);
        _resource.Write(resource);
        BundleWriter.Mode(json, "match");
        json.WriteEndObject();
    }

    // F3, on a copy of the reader: the type may stand anywhere in the resource.
    private static bool TypeOf(Utf8JsonReader resource, out string? type)
    {
        type = null;
        while (resource.Read() && resource.TokenType == JsonTokenType.PropertyName)
        {
            var isType = resource.ValueTextEquals("resourceType"u8);
            resource.Read();
            if (isType)
            {
                if (type is not null || resource.TokenType != JsonTokenType.String)
                    return false;
                type = resource.GetString();
            }

            resource.Skip();
        }

        return type is not null;
    }

    private bool Invalid(string defect) => Refuse(Problem.ProviderInvalidAnswer, defect);

    private bool Refuse(Problem problem, string defect)
    {
        Fault ??= problem;
        Defect ??= defect;
        return false;
    }
}
