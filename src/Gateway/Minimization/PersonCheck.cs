using System.Text.Json;

namespace Gateway.Minimization;

/// <summary>Is a resource about the person asked? (Health page, section 6.) What cannot be verified is not.</summary>
internal static class PersonCheck
{
    /// <summary>What the subject of one resource said.</summary>
    internal enum Finding
    {
        /// <summary>The person asked.</summary>
        Same,

        /// <summary>Somebody else, or nobody that can be verified.</summary>
        Other,

        /// <summary>A member stands twice, or is of the wrong type.</summary>
        Invalid,

        /// <summary>A modifier extension.</summary>
        Modified,
    }

    /// <summary>Reads the subject on whose value the reader stands, to its end.</summary>
    public static Finding Read(ref Utf8JsonReader reader, ReleaseTerms terms)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return Finding.Invalid;
        var (hasReference, hasIdentifier, same) = (false, false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("modifierExtension"u8))
                return Finding.Modified;
            if (reader.ValueTextEquals("reference"u8))
            {
                if (hasReference)
                    return Finding.Invalid;
                hasReference = true;
                reader.Read();
                if (reader.TokenType != JsonTokenType.String)
                    return Finding.Invalid;
            }
            else if (reader.ValueTextEquals("identifier"u8))
            {
                if (hasIdentifier)
                    return Finding.Invalid;
                hasIdentifier = true;
                reader.Read();
                if (Identifier(ref reader, terms, out same) is { } defect)
                    return defect;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        // A reference beside it names the person in the provider's own words, and is ignored.
        return same ? Finding.Same : Finding.Other;
    }

    /// <summary>Reads one identifier to its end; null when it is well formed.</summary>
    private static Finding? Identifier(ref Utf8JsonReader reader, ReleaseTerms terms, out bool same)
    {
        same = false;
        if (reader.TokenType != JsonTokenType.StartObject)
            return Finding.Invalid;
        var (system, value, sameSystem, sameValue) = (false, false, false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("modifierExtension"u8))
                return Finding.Modified;
            var isSystem = reader.ValueTextEquals("system"u8);
            var isValue = !isSystem && reader.ValueTextEquals("value"u8);
            if ((isSystem && system) || (isValue && value))
                return Finding.Invalid;
            (system, value) = (system || isSystem, value || isValue);
            reader.Read();
            if (!isSystem && !isValue)
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType != JsonTokenType.String)
                return Finding.Invalid;
            if (isSystem)
                sameSystem = reader.ValueTextEquals(terms.Fhir!.PersonSystem);
            else
                sameValue = reader.ValueTextEquals(terms.Sent.Value);
        }

        same = sameSystem && sameValue;
        return null;
    }
}
