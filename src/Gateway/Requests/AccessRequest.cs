using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Agreements;
using Agreements.Contracts;

namespace Gateway.Requests;

/// <summary>
/// A question about one person, checked against its contract and its grant. It holds the caller's body: no log, record or
/// metric ever sees it.
/// </summary>
public sealed class AccessRequest
{
    /// <summary>The person asked about, as the caller named the person.</summary>
    public required DataSubject Subject { get; init; }

    /// <summary>School year asked about, <c>2026-2027</c>; null for operations without one.</summary>
    public string? SchoolYear { get; init; }

    /// <summary>
    /// Day asked about. Not stated, it is today, where today lies in the school year asked about; else it is left out and the
    /// provider answers for the year. Null for operations without one.
    /// </summary>
    public DateOnly? ReferenceDate { get; init; }

    /// <summary>The caller's own narrower list of paths; empty for all that is released.</summary>
    public ImmutableArray<string> Fields { get; init; } = [];

    /// <summary>The line's reference in a batch; null for a single question.</summary>
    public string? Reference { get; init; }

    internal Shape? Shape { get; init; }
    internal ReadOnlyMemory<byte>[] Values { get; init; } = [];
    internal SearchQuestion? Search { get; init; }

    /// <summary>
    /// Hash of what the provider is asked, the person aside, under this process's own secret: two questions that a provider cannot tell
    /// apart have the same, however they were spelt.
    /// </summary>
    internal int Likeness
    {
        get
        {
            var hash = new HashCode();
            if (Search is not null)
            {
                foreach (var (name, value) in Search.Parameters)
                    hash.Add((name, value));
                hash.Add(Search.Count);
            }
            else
            {
                var nobody = new ArrayBufferWriter<byte>(128);
                WriteTo(nobody, new DataSubject("", ""), withReference: false);
                hash.AddBytes(nobody.WrittenSpan);
            }

            return hash.ToHashCode();
        }
    }

    /// <summary>
    /// The body for a provider: the operation's own members in the order of the contract, the person rewritten, nothing else.
    /// </summary>
    public ReadOnlyMemory<byte> BodyFor(DataSubject sent)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        WriteTo(buffer, sent);
        return buffer.WrittenMemory;
    }

    /// <summary>Writes the body for a provider; in a batch, one line of a chunk without its line feed.</summary>
    public void WriteTo(IBufferWriter<byte> output, DataSubject sent) => WriteTo(output, sent, withReference: true);

    private void WriteTo(IBufferWriter<byte> output, DataSubject sent, bool withReference)
    {
        var shape = Shape ?? throw new InvalidOperationException("A search has a form, not a body.");
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        if (withReference && Reference is not null)
            json.WriteString("reference"u8, Reference);
        for (var i = 0; i < shape.Members.Length; i++)
        {
            var member = shape.Members[i];
            if (member.Name == "subject")
                WriteSubject(json, sent);
            else if (member.Rule == "within-school-year")
                WriteDate(json, member.Utf8Name.Span);
            else if (member.Rule != "fields" && !Values[i].IsEmpty)
                WriteValue(json, member.Utf8Name.Span, Values[i].Span);
        }

        json.WriteEndObject();
    }

    /// <summary>
    /// Does the value on which <paramref name="stated"/> stands say what was asked under that name? Where nothing was sent, everything
    /// does.
    /// </summary>
    internal bool Asks(string name, ref readonly Utf8JsonReader stated)
    {
        for (var i = 0; Shape is not null && i < Shape.Members.Length; i++)
        {
            if (Shape.Members[i].Name != name)
                continue;
            return Shape.Members[i].Rule == "within-school-year"
                ? IsReferenceDate(in stated)
                : Values[i].IsEmpty || IsSame(Values[i].Span, in stated);
        }

        return true;
    }

    // The day that was sent, which need not be the caller's own.
    private bool IsReferenceDate(ref readonly Utf8JsonReader stated) =>
        ReferenceDate is not { } date
        || (stated.TokenType == JsonTokenType.String && stated.ValueTextEquals(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));

    private static bool IsSame(ReadOnlySpan<byte> sent, ref readonly Utf8JsonReader stated)
    {
        var asked = new Utf8JsonReader(sent);
        asked.Read();
        return asked.TokenType == stated.TokenType
            && asked.TokenType switch
            {
                JsonTokenType.String => stated.ValueTextEquals(asked.GetString()),
                JsonTokenType.Number => asked.TryGetInt64(out var one) && stated.TryGetInt64(out var other) && one == other,
                _ => true,
            };
    }

    /// <summary>The form for a FHIR provider (health page, section 6), the person under the provider's own identifier system.</summary>
    /// <param name="sent">The person as the provider knows the person.</param>
    /// <param name="provider">The provider's FHIR terms.</param>
    public ReadOnlyMemory<byte> FormFor(DataSubject sent, FhirProvider provider) =>
        (Search ?? throw new InvalidOperationException("A body is no search.")).Form(sent, provider);

    /// <summary>Never the question: what ends in a message by mistake says nothing.</summary>
    public override string ToString() => nameof(AccessRequest);

    private static void WriteSubject(Utf8JsonWriter json, DataSubject sent)
    {
        json.WriteStartObject("subject"u8);
        json.WriteString("scheme"u8, sent.Scheme);
        json.WriteString("value"u8, sent.Value);
        json.WriteEndObject();
    }

    private void WriteDate(Utf8JsonWriter json, ReadOnlySpan<byte> name)
    {
        if (ReferenceDate is { } date)
            json.WriteString(name, date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }

    // Token by token, so that no spelling of the caller's (escapes, white space) travels on.
    private static void WriteValue(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        json.WritePropertyName(name);
        var reader = new Utf8JsonReader(value);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    json.WriteStartObject();
                    break;
                case JsonTokenType.EndObject:
                    json.WriteEndObject();
                    break;
                case JsonTokenType.StartArray:
                    json.WriteStartArray();
                    break;
                case JsonTokenType.EndArray:
                    json.WriteEndArray();
                    break;
                case JsonTokenType.PropertyName:
                    json.WritePropertyName(reader.GetString()!);
                    break;
                case JsonTokenType.String:
                    json.WriteStringValue(reader.GetString());
                    break;
                default:
                    json.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                    break;
            }
        }
    }
}
