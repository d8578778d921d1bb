using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Agreements;
using Agreements.Texts;

namespace Gateway.Catalogue;

/// <summary>Writes the JSON of the catalogue.</summary>
internal static class CatalogueText
{
    // Titles and words are read by people too: Arabic stands as Arabic. Nothing of this is ever put into HTML.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One object with these members.</summary>
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>A list of texts.</summary>
    public static void WriteStrings(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    /// <summary>A civil day.</summary>
    public static void WriteDay(this Utf8JsonWriter json, string name, DateOnly day) =>
        json.WriteString(name, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    /// <summary>What ends soon, for programs and in words.</summary>
    public static void WriteWarnings(this Utf8JsonWriter json, IEnumerable<Expiry> ends, string language)
    {
        json.WriteStartArray("warnings");
        foreach (var end in ends)
        {
            json.WriteStartObject();
            json.WriteString("kind", end.Kind.ToString().ToLowerInvariant());
            json.WriteString("id", end.Id);
            json.WriteDay("until", end.Until);
            json.WriteNumber("days", end.Days);
            json.WriteNumber("within", end.Within);
            json.WriteString("words", ExpiryWords.Of(end, language));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
