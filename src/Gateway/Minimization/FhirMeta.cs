using System.Text.Json;

namespace Gateway.Minimization;

/// <summary>What a Bundle or a resource says of itself: when it was recorded, and whether it is a part.</summary>
internal static class FhirMeta
{
    /// <summary>Does the <c>meta</c> on which the reader stands name an instant in the future?</summary>
    public static bool IsAhead(Utf8JsonReader meta, ReleaseTerms terms)
    {
        if (meta.TokenType != JsonTokenType.StartObject)
            return false;
        while (meta.Read() && meta.TokenType == JsonTokenType.PropertyName)
        {
            var updated = meta.ValueTextEquals("lastUpdated"u8);
            meta.Read();
            if (updated && IsInstantAhead(ref meta, terms))
                return true;
            meta.Skip();
        }

        return false;
    }

    /// <summary>Does the <c>meta</c> on which the reader stands carry the tag <c>SUBSETTED</c>?</summary>
    public static bool IsSubsetted(Utf8JsonReader meta)
    {
        if (meta.TokenType != JsonTokenType.StartObject)
            return false;
        while (meta.Read() && meta.TokenType == JsonTokenType.PropertyName)
        {
            var tag = meta.ValueTextEquals("tag"u8);
            meta.Read();
            if (tag && meta.TokenType == JsonTokenType.StartArray && HasSubsetted(meta))
                return true;
            meta.Skip();
        }

        return false;
    }

    /// <summary>
    /// Does the <c>meta</c> on which the reader stands say anything beside age, origin, confidentiality, and that elements were left out? A
    /// tag or label may say that something was kept back.
    /// </summary>
    public static bool SaysMore(Utf8JsonReader meta)
    {
        if (meta.TokenType != JsonTokenType.StartObject)
            return true;
        while (meta.Read() && meta.TokenType == JsonTokenType.PropertyName)
        {
            var labels = meta.ValueTextEquals("tag"u8) || meta.ValueTextEquals("security"u8);
            var plain = IsOneOf(ref meta, "id", "versionId", "lastUpdated", "source", "profile");
            meta.Read();
            if (!plain && !(labels && AreHarmless(meta)))
                return true;
            meta.Skip();
        }

        return false;
    }

    /// <summary>
    /// Does the resource on whose start the reader stands say that it was recorded, given or observed in the future? <c>date</c> is the day
    /// on which a recommendation was made; the days of what it recommends, and those of a cover, may lie ahead.
    /// </summary>
    public static bool IsRecordedAhead(Utf8JsonReader resource, ReleaseTerms terms)
    {
        while (resource.Read() && resource.TokenType == JsonTokenType.PropertyName)
        {
            var meta = resource.ValueTextEquals("meta"u8);
            var recorded = IsOneOf(
                ref resource,
                "issued",
                "recorded",
                "date",
                "occurrenceDateTime",
                "effectiveDateTime",
                "effectiveInstant"
            );
            var lasted = resource.ValueTextEquals("effectivePeriod"u8);
            resource.Read();
            if ((meta && IsAhead(resource, terms)) || (recorded && IsInstantAhead(ref resource, terms)))
                return true;
            if (lasted && FhirDays.OfPeriod(resource) is { } days && terms.IsAhead(days.First))
                return true;
            resource.Skip();
        }

        return false;
    }

    // With a time to the second; a day to the day.
    private static bool IsInstantAhead(ref Utf8JsonReader reader, ReleaseTerms terms)
    {
        if (reader.TokenType != JsonTokenType.String)
            return false;
        if (Instants.TryRead(reader.GetString(), out var instant))
            return terms.IsAhead(instant);
        return FhirDays.Of(ref reader) is { } days && terms.IsAhead(days.First);
    }

    /// <summary>Does the reader stand on one of these names, escapes resolved?</summary>
    public static bool IsOneOf(ref readonly Utf8JsonReader reader, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (reader.ValueTextEquals(name))
                return true;
        return false;
    }

    private static bool AreHarmless(Utf8JsonReader labels)
    {
        if (labels.TokenType != JsonTokenType.StartArray)
            return false;
        while (labels.Read() && labels.TokenType == JsonTokenType.StartObject)
        {
            var harmless = false;
            while (labels.Read() && labels.TokenType == JsonTokenType.PropertyName)
            {
                var (isSystem, isCode) = (labels.ValueTextEquals("system"u8), labels.ValueTextEquals("code"u8));
                labels.Read();
                var isText = labels.TokenType == JsonTokenType.String;
                harmless |= isText && isSystem && labels.ValueTextEquals("http://terminology.hl7.org/CodeSystem/v3-Confidentiality"u8);
                harmless |= isText && isCode && labels.ValueTextEquals("SUBSETTED"u8);
                labels.Skip();
            }

            if (!harmless)
                return false;
        }

        return labels.TokenType == JsonTokenType.EndArray;
    }

    private static bool HasSubsetted(Utf8JsonReader tags)
    {
        var depth = tags.CurrentDepth;
        while (tags.Read() && tags.CurrentDepth > depth)
            if (tags.TokenType == JsonTokenType.String && tags.ValueTextEquals("SUBSETTED"u8))
                return true;
        return false;
    }
}
