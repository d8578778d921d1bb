using System.Text.Json;
using System.Text.Unicode;
using Gateway.Problems;

namespace Gateway.Minimization;

/// <summary>
/// What step 1 of two found: which Patient the person is at a provider whose reference search by identifier does not work
/// (health page, section 6). Read, never released.
/// </summary>
/// <param name="MatchStatus"><c>MATCHED</c> with an id, <c>NOT_FOUND</c>, or <c>AMBIGUOUS</c>.</param>
/// <param name="PatientId">Logical id at the provider; null unless matched.</param>
public sealed record PatientStep(string MatchStatus, string? PatientId)
{
    /// <summary>Reads the provider's answer to a search for the Patient.</summary>
    /// <returns>The step; <c>provider-wrong-subject</c> when the one Patient does not carry the identifier that was asked, since some
    /// servers ignore parameters they do not know and return everybody; or the refusals of any answer.</returns>
    public static Verdict<PatientStep> Read(ReleaseTerms terms, ReadOnlyMemory<byte> body)
    {
        if (body.Length > terms.MaxAnswerBytes) return JsonMinimizer.Refuse(Problem.ProviderAnswerTooLarge, terms, "longer than the grant allows");
        if (!Utf8.IsValid(body.Span)) return JsonMinimizer.Refuse(Problem.ProviderInvalidAnswer, terms, "not UTF-8");
        try
        {
            var walk = new PatientWalk(terms, body.Span);
            if (!walk.Run()) return JsonMinimizer.Refuse(walk.Fault ?? Problem.ProviderInvalidAnswer, terms, "not a searchset of Patients");
            if (walk.Patients == 0) return new PatientStep(Minimization.MatchStatus.NotFound, null);
            if (walk.Patients > 1) return new PatientStep(Minimization.MatchStatus.Ambiguous, null);
            return walk.Id is { } id && walk.IsSame
                ? new PatientStep(Minimization.MatchStatus.Matched, id)
                : JsonMinimizer.Refuse(Problem.ProviderWrongSubject, terms, "a Patient without the identifier that was asked");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            return JsonMinimizer.Refuse(Problem.ProviderInvalidAnswer, terms, "not JSON");
        }
    }

    private ref struct PatientWalk(ReleaseTerms terms, ReadOnlySpan<byte> body)
    {
        private Utf8JsonReader _reader = new(body, new JsonReaderOptions { MaxDepth = 32 });

        public int Patients { get; private set; }
        public string? Id { get; private set; }
        public bool IsSame { get; private set; }
        public Problem? Fault { get; private set; }

        public bool Run()
        {
            var (type, kind, entries) = ((string?)null, (string?)null, false);
            if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject) return false;
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = _reader.GetString();
                _reader.Read();
                if (name == "resourceType" && !Once(ref type)) return false;
                if (name == "type" && !Once(ref kind)) return false;
                if (name == "entry")
                {
                    if (entries || !Entries()) return false;
                    entries = true;
                    continue;
                }

                _reader.Skip();
            }

            if (_reader.Read()) return false;
            if (type == "OperationOutcome") Fault = Problem.ProviderError;
            return type == "Bundle" && kind == "searchset";
        }

        private readonly bool Once(ref string? value)
        {
            if (value is not null || _reader.TokenType != JsonTokenType.String) return false;
            value = _reader.GetString();
            return true;
        }

        private bool Entries()
        {
            if (_reader.TokenType != JsonTokenType.StartArray) return false;
            while (_reader.Read() && _reader.TokenType == JsonTokenType.StartObject)
            {
                var found = false;
                while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
                {
                    var resource = _reader.ValueTextEquals("resource"u8);
                    _reader.Read();
                    if (resource)
                    {
                        if (found || _reader.TokenType != JsonTokenType.StartObject || !Resource()) return false;
                        found = true;
                    }
                    else
                    {
                        _reader.Skip();
                    }
                }
            }

            return _reader.TokenType == JsonTokenType.EndArray;
        }

        private bool Resource()
        {
            var (type, id, same, identified) = ((string?)null, (string?)null, false, false);
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = _reader.GetString();
                _reader.Read();
                if (name == "resourceType" && !Once(ref type)) return false;
                if (name == "id" && !Once(ref id)) return false;
                if (name == "identifier")
                {
                    if (identified || !Identifiers(ref same)) return false;
                    identified = true;
                    continue;
                }

                _reader.Skip();
            }

            if (type != "Patient") return type is not null;
            Patients++;
            // R4 id: what could not stand in a reference is no id.
            if (id is { Length: > 0 and <= 64 } && id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.')) Id = id;
            IsSame = same;
            return true;
        }

        private bool Identifiers(ref bool same)
        {
            if (_reader.TokenType != JsonTokenType.StartArray) return false;
            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            {
                if (PersonCheck.Identifier(ref _reader, terms, out var one) is not null) return false;
                same |= one;
            }

            return true;
        }
    }
}
