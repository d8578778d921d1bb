using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ledger.Tiles;

namespace AuditIndex.Feeds;

/// <summary>
/// A record as an OCSF 1.8.0 event (ledger page §17): class 6003 API Activity; <c>token*</c> and <c>officer.signin</c> 3002 Authentication,
/// <c>finding</c> 2004 Detection Finding. The record itself is canonical and travels along as <c>raw_data</c>.
/// </summary>
internal static class OcsfEvent
{
    public static FeedEvent Of(string origin, LogEntry entry)
    {
        using var document = Parse(entry.Text);
        var record = document.RootElement;
        var kind = Text(record, "ev") ?? "unreadable";
        var at = Time(record);
        var severity = Text(record, "out") switch
        {
            "fault" => 4,
            "deny" => 3,
            _ => kind is "finding" or "token.deny" ? 3 : 1,
        };
        var buffer = new ArrayBufferWriter<byte>(2 * entry.Text.Length + 1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Class(json, kind, record);
            json.WriteNumber("time", at.ToUnixTimeMilliseconds());
            json.WriteNumber("severity_id", severity);
            json.WriteNumber("status_id", severity == 1 ? 1 : 2);
            Optional(json, "status_code", Text(record, "code") ?? Number(record, "st"));
            Several(json, record, kind, at);
            Actor(json, record, origin);
            Api(json, record, kind);
            Endpoint(json, record, origin);
            Http(json, record);
            Resources(json, record);
            Metadata(json, record, origin, entry.Index);
            Nested(json, "trace", "uid", Text(record, "trace"));
            Raw(json, entry);
            Unmapped(json, record, entry);
            json.WriteEndObject();
        }

        return new FeedEvent(new RecordPosition(origin, entry.Index), entry.Leaf, kind, at, severity, buffer.WrittenMemory);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
        }
        catch (JsonException)
        {
            // Sealed is sealed: what cannot be read is handed on as raw data.
        }

        return JsonDocument.Parse("{}");
    }

    private static void Class(Utf8JsonWriter json, string kind, JsonElement record)
    {
        var (category, type, activity) = kind switch
        {
            "finding" => (2, 2004, 1),
            "officer.signin" => (3, 3002, 1),
            _ when kind.StartsWith("token", StringComparison.Ordinal) => (3, 3002, 1),
            _ => (6, 6003, ActivityOf(Text(record, "op"), kind)),
        };
        json.WriteNumber("class_uid", type);
        json.WriteNumber("category_uid", category);
        json.WriteNumber("activity_id", activity);
        json.WriteNumber("type_uid", type * 100 + activity);
        if (type == 3002)
        {
            Nested(json, "user", "uid", Text(record, "off") ?? Text(record, "cli") ?? "unknown");
            Nested(json, "service", "name", "Gateway");
        }

        if (type == 2004)
        {
            json.WriteStartObject("finding_info");
            json.WriteString("title", Text(record, "rule") ?? "finding");
            json.WriteString("uid", Text(record, "id") ?? "unknown");
            json.WriteEndObject();
        }
    }

    /// <summary>By the last word of the operation; what it does not tell is 99, other.</summary>
    private static int ActivityOf(string? operation, string kind) =>
        operation?[(operation.LastIndexOf('.') + 1)..] switch
        {
            "read" or "search" or "check" or "list" or "status" => 2,
            "create" or "open" or "submit" or "declare" or "write" or "append" => 1,
            "update" or "close" or "end" or "correct" or "cancel" or "act" or "link" => 3,
            null => kind.StartsWith("officer.", StringComparison.Ordinal) ? 2 : 99,
            _ => 99,
        };

    /// <summary>
    /// Refusals that share a record (ledger page §3.3): OCSF's own words for events that stand for several. A batch's <c>n</c> are its
    /// lines.
    /// </summary>
    private static void Several(Utf8JsonWriter json, JsonElement record, string kind, DateTimeOffset at)
    {
        if (
            kind is not ("deny" or "fault" or "token.deny")
            || !record.TryGetProperty("n", out var number)
            || !number.TryGetInt32(out var count)
        )
            return;
        json.WriteNumber("count", count);
        json.WriteNumber(
            "end_time",
            (
                DateTimeOffset.TryParse(Text(record, "until"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until)
                    ? until
                    : at
            ).ToUnixTimeMilliseconds()
        );
    }

    private static void Actor(Utf8JsonWriter json, JsonElement record, string origin)
    {
        json.WriteStartObject("actor");
        json.WriteString("app_uid", Text(record, "cli") ?? origin);
        Nested(json, "user", "uid", Text(record, "agent") ?? Text(record, "off"));
        json.WriteEndObject();
    }

    private static void Api(Utf8JsonWriter json, JsonElement record, string kind)
    {
        json.WriteStartObject("api");
        json.WriteString("operation", Text(record, "op") ?? "ledger." + kind);
        if (
            record.TryGetProperty("prov", out var providers)
            && providers.ValueKind == JsonValueKind.Array
            && providers.GetArrayLength() > 0
        )
        {
            Nested(json, "service", "name", Text(providers[0], "id"));
        }

        Nested(json, "request", "uid", Text(record, "id"));
        if (Number(record, "st") is not null)
        {
            json.WriteStartObject("response");
            json.WriteNumber("code", record.GetProperty("st").GetInt32());
            Optional(json, "error", Text(record, "code"));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Endpoint(Utf8JsonWriter json, JsonElement record, string origin)
    {
        json.WriteStartObject("src_endpoint");
        if (Text(record, "ip") is { } address)
        {
            json.WriteString("ip", address);
        }
        else
        {
            json.WriteString("name", origin);
        }

        json.WriteEndObject();
    }

    private static void Http(Utf8JsonWriter json, JsonElement record)
    {
        if (Text(record, "op") is not null && Number(record, "st") is not null)
        {
            // Every operation on persons is a POST: an identifier never stands in a URL (exchanges page §1.2).
            Nested(json, "http_request", "http_method", "POST");
            json.WriteStartObject("http_response");
            json.WriteNumber("code", record.GetProperty("st").GetInt32());
            json.WriteEndObject();
        }
    }

    private static void Resources(Utf8JsonWriter json, JsonElement record)
    {
        var resources = new[] { ("DataSubject", Text(record, "subj")), ("Agreement", Text(record, "agr")) }
            .Where(static pair => pair.Item2 is not null)
            .ToList();
        if (resources.Count == 0)
        {
            return;
        }

        json.WriteStartArray("resources");
        foreach (var (type, id) in resources)
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("uid", id);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Metadata(Utf8JsonWriter json, JsonElement record, string origin, long index)
    {
        json.WriteStartObject("metadata");
        Optional(json, "uid", Text(record, "id"));
        json.WriteString("log_name", origin);
        json.WriteNumber("sequence", index);
        Nested(json, "product", "name", "Gateway");
        json.WriteString("version", "1.8.0");
        json.WriteStartArray("profiles");
        json.WriteStringValue("trace");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Raw(Utf8JsonWriter json, LogEntry entry)
    {
        json.WriteString("raw_data", Encoding.UTF8.GetString(entry.Text.Span));
        json.WriteStartObject("raw_data_hash");
        json.WriteNumber("algorithm_id", 3);
        json.WriteString("value", Convert.ToHexStringLower(SHA256.HashData(entry.Text.Span)));
        json.WriteEndObject();
    }

    private static void Unmapped(Utf8JsonWriter json, JsonElement record, LogEntry entry)
    {
        json.WriteStartObject("unmapped");
        json.WriteString("leaf", entry.Leaf.ToString());
        foreach (var name in (ReadOnlySpan<string>)["purp", "rule", "cref", "gate", "terr"])
        {
            Optional(json, name, Text(record, name));
        }

        foreach (var name in (ReadOnlySpan<string>)["near", "fld"])
        {
            if (record.TryGetProperty(name, out var value))
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static void Nested(Utf8JsonWriter json, string name, string member, string? value)
    {
        if (value is not null)
        {
            json.WriteStartObject(name);
            json.WriteString(member, value);
            json.WriteEndObject();
        }
    }

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static string? Text(JsonElement record, string name) =>
        record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Number(JsonElement record, string name) =>
        record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number.ToString(CultureInfo.InvariantCulture)
            : null;

    private static DateTimeOffset Time(JsonElement record) =>
        DateTimeOffset.TryParse(Text(record, "ts"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : DateTimeOffset.UnixEpoch;
}
