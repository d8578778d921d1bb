using System.Runtime.InteropServices;
using System.Text.Json;
using Sandbox.Persons;

namespace Sandbox.Institutions;

/// <summary>
/// A question as a provider receives it: one JSON object with the person's sector token. It remembers places in the
/// body instead of copies, so that reading one allocates nothing.
/// </summary>
/// <param name="body">The body, which outlives the question.</param>
[StructLayout(LayoutKind.Auto)]
public ref struct Question(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _text = body;
    private Range _scheme,
        _value,
        _reference;

    /// <summary>Scheme of the person's identifier, to be echoed.</summary>
    public readonly ReadOnlySpan<byte> Scheme => _text[_scheme];

    /// <summary>Identifier, to be echoed.</summary>
    public readonly ReadOnlySpan<byte> Value => _text[_value];

    /// <summary>Reference of a chunk's line; empty for single questions.</summary>
    public readonly ReadOnlySpan<byte> Reference => _text[_reference];

    /// <summary>The 128 bits of the token.</summary>
    public UInt128 Person { get; private set; }

    /// <summary>Calendar year in which the school year asked for starts; 0 when the question names none.</summary>
    public int StartYear { get; private set; }

    /// <summary>Day asked for; default when the question names none.</summary>
    public DateOnly ReferenceDate { get; private set; }

    /// <summary>Reads the question; false when it is not one in this sector.</summary>
    /// <param name="prefix">Prefix of the sector's tokens.</param>
    public bool TryRead(ReadOnlySpan<byte> prefix)
    {
        try
        {
            var reader = new Utf8JsonReader(_text);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                if (!TryReadMember(ref reader))
                    return false;
            if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
                return false;
            if (!Scheme.SequenceEqual("sector-token"u8) || !SectorToken.TryRead(prefix, Value, out var person))
                return false;
            Person = person;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool TryReadMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("subject"u8))
            return reader.Read() && TryReadSubject(ref reader);
        if (reader.ValueTextEquals("schoolYear"u8))
            return TryReadSchoolYear(ref reader);
        if (reader.ValueTextEquals("referenceDate"u8))
            return TryReadDate(ref reader);
        return reader.ValueTextEquals("reference"u8) && TryReadText(ref reader, out _reference);
    }

    private bool TryReadSubject(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("scheme"u8))
            {
                if (!TryReadText(ref reader, out _scheme))
                    return false;
            }
            else if (reader.ValueTextEquals("value"u8))
            {
                if (!TryReadText(ref reader, out _value))
                    return false;
            }
            else
                return false;
        }
        return reader.TokenType == JsonTokenType.EndObject;
    }

    private static bool TryReadText(ref Utf8JsonReader reader, out Range place)
    {
        place = default;
        if (!reader.Read() || reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped)
            return false;
        var start = (int)reader.TokenStartIndex + 1;
        place = start..(start + reader.ValueSpan.Length);
        return true;
    }

    private bool TryReadSchoolYear(ref Utf8JsonReader reader)
    {
        if (!TryReadText(ref reader, out var place))
            return false;
        var year = _text[place];
        if (year.Length != 9 || year[4] != '-' || !int.TryParse(year[..4], out var first) || !int.TryParse(year[5..], out var second))
            return false;
        StartYear = first;
        return second == first + 1;
    }

    private bool TryReadDate(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.String || !reader.TryGetDateTime(out var day))
            return false;
        ReferenceDate = DateOnly.FromDateTime(day);
        return true;
    }
}
