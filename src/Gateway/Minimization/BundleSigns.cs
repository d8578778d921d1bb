using System.Text.Json;
using Gateway.Problems;

namespace Gateway.Minimization;

// What a Bundle says beside its entries: its links, its outcomes, how each entry came about. Only what is known to leave the answer whole
// passes; all else makes it a part, or, where it stands beside no match, takes its negative away.
internal ref partial struct BundleWalk
{
    // Further pages are not followed here: an answer that speaks of any is a part (health page, section 8), and so is one with a link that
    // is not understood.
    private bool Links()
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
            return Invalid("link is no array");
        while (_reader.Read() && _reader.TokenType == JsonTokenType.StartObject)
        {
            string? relation = null,
                url = null;
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                if (_reader.ValueTextEquals("modifierExtension"u8))
                    return Modified();
                var (isRelation, isUrl) = (_reader.ValueTextEquals("relation"u8), _reader.ValueTextEquals("url"u8));
                _isDoubtful |= !isRelation && !isUrl && !_reader.ValueTextEquals("id"u8);
                _reader.Read();
                if ((isRelation && relation is not null) || (isUrl && url is not null))
                    return Invalid("duplicate member of a link");
                if ((isRelation || isUrl) && _reader.TokenType != JsonTokenType.String)
                    return Invalid("a member of a link is no string");
                if (isRelation)
                    relation = _reader.GetString();
                if (isUrl)
                    url = _reader.GetString();
                _reader.Skip();
            }

            if (!Link(relation, url))
                return false;
        }

        return _reader.TokenType == JsonTokenType.EndArray || Invalid("link is no array of objects");
    }

    private bool Link(string? relation, string? url)
    {
        // Some servers leave the address of a POST out altogether: it states nothing.
        if (relation == "self" && url is null)
            return true;
        var isOfAll = relation is "self" or "first" or "last" && url is not null;
        var said = isOfAll ? SearchAddress.Read(url!, plan.Type, terms) : SearchAddress.Finding.Other;
        IsIncomplete |= said == SearchAddress.Finding.Other;
        _isDoubtful |= said == SearchAddress.Finding.Unproved;
        return said != SearchAddress.Finding.AnotherPerson || Refuse(Problem.ProviderWrongSubject, "a search for another person");
    }

    private static bool IsPart(Utf8JsonReader resource)
    {
        while (resource.Read() && resource.TokenType == JsonTokenType.PropertyName)
        {
            var meta = resource.ValueTextEquals("meta"u8);
            resource.Read();
            if (meta && FhirMeta.IsSubsetted(resource))
                return true;
            resource.Skip();
        }

        return false;
    }

    // search.mode: whatever is not a match was not asked for; null where the provider does not say.
    private bool ModeOf(Utf8JsonReader search, out string? mode)
    {
        mode = null;
        if (search.TokenType != JsonTokenType.StartObject)
            return Invalid("search is no object");
        while (search.Read() && search.TokenType == JsonTokenType.PropertyName)
        {
            if (search.ValueTextEquals("modifierExtension"u8))
                return Modified();
            var isMode = search.ValueTextEquals("mode"u8);
            _isDoubtful |= !isMode && !search.ValueTextEquals("score"u8) && !search.ValueTextEquals("id"u8);
            if (isMode && mode is not null)
                return Invalid("search.mode twice");
            search.Read();
            if (isMode)
                mode = search.TokenType == JsonTokenType.String ? search.GetString() : "";
            search.Skip();
        }

        return true;
    }

    // Entries of a searchset have no response; where one stands all the same, it is 200 or the entry failed.
    private bool Response(Utf8JsonReader response)
    {
        if (response.TokenType != JsonTokenType.StartObject)
            return Invalid("response is no object");
        string? status = null;
        while (response.Read() && response.TokenType == JsonTokenType.PropertyName)
        {
            if (response.ValueTextEquals("modifierExtension"u8))
                return Modified();
            var (isStatus, isOutcome) = (response.ValueTextEquals("status"u8), response.ValueTextEquals("outcome"u8));
            response.Read();
            if (isStatus && status is not null)
                return Invalid("duplicate member of a response");
            if (isStatus)
                status = response.TokenType == JsonTokenType.String ? response.GetString() : "";
            if (isOutcome && !Outcome(response))
                return false;
            response.Skip();
        }

        IsIncomplete |= status is not "200" && status?.StartsWith("200 ", StringComparison.Ordinal) is not true;
        return true;
    }

    // F9 and section 5: what the provider says about its own answer. Nothing of it travels on.
    private bool Outcome(Utf8JsonReader outcome)
    {
        if (outcome.TokenType != JsonTokenType.StartObject)
            return Invalid("an outcome is no object");
        var (seen, issues) = (false, 0);
        while (outcome.Read() && outcome.TokenType == JsonTokenType.PropertyName)
        {
            if (FhirMeta.IsOneOf(ref outcome, "modifierExtension", "implicitRules"))
                return Modified();
            var isIssue = outcome.ValueTextEquals("issue"u8);
            _isDoubtful |= !isIssue && !FhirMeta.IsOneOf(ref outcome, "resourceType", "text", "id", "meta", "language");
            outcome.Read();
            if (!isIssue)
            {
                outcome.Skip();
                continue;
            }

            if (seen || outcome.TokenType != JsonTokenType.StartArray)
                return Invalid("issue is not one array");
            seen = true;
            for (; outcome.Read() && outcome.TokenType == JsonTokenType.StartObject; issues++)
                if (!Issue(ref outcome))
                    return false;
            if (outcome.TokenType != JsonTokenType.EndArray)
                return Invalid("issue is no array of objects");
        }

        IsIncomplete |= issues == 0;
        return true;
    }

    private bool Issue(ref Utf8JsonReader issue)
    {
        string? severity = null,
            code = null;
        var hasWords = false;
        while (issue.Read() && issue.TokenType == JsonTokenType.PropertyName)
        {
            if (issue.ValueTextEquals("modifierExtension"u8))
                return Modified();
            var (isSeverity, isCode) = (issue.ValueTextEquals("severity"u8), issue.ValueTextEquals("code"u8));
            hasWords |= !isSeverity && !isCode && !issue.ValueTextEquals("id"u8);
            issue.Read();
            if ((isSeverity && severity is not null) || (isCode && code is not null))
                return Invalid("duplicate member of an issue");
            if (isSeverity && issue.TokenType == JsonTokenType.String)
                severity = issue.GetString();
            if (isCode && issue.TokenType == JsonTokenType.String)
                code = issue.GetString();
            issue.Skip();
        }

        if (severity is "error" or "fatal")
            return Refuse(Problem.ProviderError, "an outcome of severity error");
        if (severity is not ("warning" or "information" or "success"))
            return Invalid("an outcome without severity");
        switch (code)
        {
            case "multiple-matches":
                IsAmbiguous = true;
                break;
            // HL7's own example of an empty searchset says so, as a warning and in words.
            case "not-found":
                _saysUnknown = true;
                break;
            // Words are not understood here, and may say that something was cut off.
            case "informational" or "success" when severity != "warning":
                _isDoubtful |= hasWords;
                break;
            default:
                IsIncomplete = true;
                break;
        }

        return true;
    }

    private bool Modified() => Refuse(Problem.ProviderModifierRefused, "a modifier");
}
