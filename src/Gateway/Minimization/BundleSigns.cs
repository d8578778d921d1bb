using System.Text.Json;
using Gateway.Problems;

namespace Gateway.Minimization;

// What a Bundle shows of being a part, or of having been answered with reserve: its links, its tags, what it says of itself.
internal ref partial struct BundleWalk
{
    // Further pages are not followed here; an answer that has them, before it or behind it, is a part (health page, section 8).
    private bool Links()
    {
        if (_reader.TokenType != JsonTokenType.StartArray) return Invalid("link is no array");
        string? first = null, last = null;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.StartObject)
        {
            string? relation = null, url = null;
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                if (_reader.ValueTextEquals("modifierExtension"u8)) return Refuse(Problem.ProviderModifierRefused, "a modifier");
                var (isRelation, isUrl) = (_reader.ValueTextEquals("relation"u8), _reader.ValueTextEquals("url"u8));
                _reader.Read();
                if ((isRelation && relation is not null) || (isUrl && url is not null)) return Invalid("duplicate member of a link");
                if (isRelation && _reader.TokenType == JsonTokenType.String) relation = _reader.GetString()!.ToUpperInvariant();
                if (isUrl && _reader.TokenType == JsonTokenType.String) url = _reader.GetString();
                _reader.Skip();
            }

            IsIncomplete |= relation is "NEXT" or "PREV" or "PREVIOUS";
            if (relation == "FIRST") first = url;
            if (relation == "LAST") last = url;
        }

        IsIncomplete |= first is not null && last is not null && first != last;
        return _reader.TokenType == JsonTokenType.EndArray || Invalid("link is no array of objects");
    }

    private static bool IsPart(Utf8JsonReader resource)
    {
        while (resource.Read() && resource.TokenType == JsonTokenType.PropertyName)
        {
            var meta = resource.ValueTextEquals("meta"u8);
            resource.Read();
            if (meta && FhirMeta.IsSubsetted(resource)) return true;
            resource.Skip();
        }

        return false;
    }

    // F9 and section 5: what the provider says about its own answer. Nothing of it travels on.
    private bool Outcome(Utf8JsonReader outcome)
    {
        while (outcome.Read() && outcome.TokenType == JsonTokenType.PropertyName)
        {
            var issues = outcome.ValueTextEquals("issue"u8);
            outcome.Read();
            if (!issues)
            {
                outcome.Skip();
                continue;
            }

            if (outcome.TokenType != JsonTokenType.StartArray) return Invalid("issue is no array");
            while (outcome.Read() && outcome.TokenType == JsonTokenType.StartObject) if (!Issue(ref outcome)) return false;
            if (outcome.TokenType != JsonTokenType.EndArray) return Invalid("issue is no array of objects");
        }

        return true;
    }

    private bool Issue(ref Utf8JsonReader issue)
    {
        string? severity = null, code = null;
        while (issue.Read() && issue.TokenType == JsonTokenType.PropertyName)
        {
            var (isSeverity, isCode) = (issue.ValueTextEquals("severity"u8), issue.ValueTextEquals("code"u8));
            issue.Read();
            if (isSeverity && issue.TokenType == JsonTokenType.String) severity = issue.GetString();
            if (isCode && issue.TokenType == JsonTokenType.String) code = issue.GetString();
            issue.Skip();
        }

        if (severity is "error" or "fatal") return Refuse(Problem.ProviderError, "an outcome of severity error");
        if (severity is not ("warning" or "information")) return Invalid("an outcome without severity");
        IsAmbiguous |= code == "multiple-matches";
        IsIncomplete |= code is not null && Array.IndexOf(PartialCodes, code) >= 0;
        return true;
    }

    // R4's issue types that say, however mildly, that something was left out, cut off, kept back or not understood.
    private static readonly string[] PartialCodes =
    [
        "incomplete", "suppressed", "not-supported", "timeout", "too-costly", "throttled", "transient", "lock-error", "no-store", "exception",
        "security", "login", "unknown", "expired", "forbidden",
    ];
}
