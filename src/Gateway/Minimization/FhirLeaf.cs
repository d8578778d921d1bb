using System.Globalization;
using System.Text.Json;
using Agreements.Contracts;

namespace Gateway.Minimization;

/// <summary>Formats of FHIR R4 primitives, as narrow as this gateway releases them (health page, section 4).</summary>
internal static class FhirLeaf
{
    /// <summary>Is the value on which the reader stands what the table says?</summary>
    /// <param name="reader">Stands on the value.</param>
    /// <param name="element">Row of the table.</param>
    /// <param name="buffer">Room for the text.</param>
    /// <param name="text">The text of a string value; empty otherwise.</param>
    public static bool Accepts(ref Utf8JsonReader reader, FhirElement element, char[] buffer, out ReadOnlySpan<char> text)
    {
        text = default;
        switch (element.Kind)
        {
            case "boolean":
                return reader.TokenType is JsonTokenType.True or JsonTokenType.False;
            case "integer":
                return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out _);
            case "positiveInt":
                return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) && number >= 1;
            default:
                if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length > buffer.Length)
                    return false;
                text = buffer.AsSpan(0, reader.CopyString(buffer));
                // A time leaves in UTC, whatever the institution's offset.
                return element.Kind is "dateTime" or "instant" && text.Length > 10 ? TryUtc(buffer, ref text) : IsText(element, text);
        }
    }

    private static bool IsText(FhirElement element, ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return false;
        if (element.Values is { } values && (!values.TryGetAlternateLookup<ReadOnlySpan<char>>(out var lookup) || !lookup.Contains(text)))
            return false;
        return element.Kind switch
        {
            "code" => text.Length <= 64 && IsCode(text),
            "uri" => text.Length <= 256 && !HasWhite(text, alsoSpace: true),
            "string" => text.Length <= 128 && !HasWhite(text, alsoSpace: false),
            "date" => IsDate(text),
            "dateTime" => IsDate(text), // without a time any precision will do
            _ => false,
        };
    }

    // [^\s]+( [^\s]+)*
    private static bool IsCode(ReadOnlySpan<char> text) =>
        text[0] != ' ' && text[^1] != ' ' && !text.Contains("  ", StringComparison.Ordinal) && !HasWhite(text, alsoSpace: false);

    private static bool HasWhite(ReadOnlySpan<char> text, bool alsoSpace)
    {
        foreach (var c in text)
            if (char.IsControl(c) || (char.IsWhiteSpace(c) && (c != ' ' || alsoSpace)))
                return true;
        return false;
    }

    private static bool IsDate(ReadOnlySpan<char> text) =>
        text.Length switch
        {
            4 => !text.ContainsAnyExceptInRange('0', '9') && !text.SequenceEqual("0000"),
            7 => DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            _ => ShapeCheck.TryDate(text, out _),
        };

    // With a time it needs seconds and a zone, and was read before.
    private static bool TryUtc(char[] buffer, ref ReadOnlySpan<char> text)
    {
        Span<char> utc = stackalloc char[Instants.Longest];
        if (!Instants.TryUtc(text, utc, out var length, out _) || length > buffer.Length)
            return false;
        utc[..length].CopyTo(buffer);
        text = buffer.AsSpan(0, length);
        return true;
    }
}
