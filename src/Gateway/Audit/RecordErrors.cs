using System.Collections.Immutable;
using System.Text.Json;

namespace Gateway.Audit;

/// <summary>
/// Member <c>errs</c> of a refusal's record: the errors that the caller was told, kept so that an explanation can repeat them later:
/// <code>
/// "errs":[{"p":"/subject","c":"unknown-member","n":3},{"p":"Case-Reference","c":"invalid-format","r":"pattern ^[A-Za-z0-9]…"}]
/// </code>
/// These are place, code, rule and position. A value is never written, and a name only where the refusal told it too.
/// </summary>
internal static class RecordErrors
{
    // A record is bounded: what does not fit stands in the answer alone.
    private const int MostBytesBefore = 5_500;

    /// <summary>Writes the member; nothing when there are none.</summary>
    public static void Write(Utf8JsonWriter json, ImmutableArray<RequestError> errors)
    {
        if (errors.IsDefaultOrEmpty)
            return;
        json.WriteStartArray("errs");
        foreach (var error in errors)
        {
            if (json.BytesCommitted + json.BytesPending > MostBytesBefore)
                break;
            json.WriteStartObject();
            json.WriteString("p", error.Pointer);
            json.WriteString("c", error.Code);
            if (error.Rule is { } rule)
                json.WriteString("r", rule);
            if (error.Position is { } position)
                json.WriteNumber("n", position);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Reads them back; none from a record that has no such member.</summary>
    public static ImmutableArray<RequestError> Read(JsonElement record)
    {
        if (!record.TryGetProperty("errs", out var errors))
            return [];
        return
        [
            .. errors
                .EnumerateArray()
                .Select(static error => new RequestError(error.GetProperty("p").GetString()!, error.GetProperty("c").GetString()!)
                {
                    Rule = error.TryGetProperty("r", out var rule) ? rule.GetString() : null,
                    Position = error.TryGetProperty("n", out var position) ? position.GetInt32() : null,
                }),
        ];
    }
}
