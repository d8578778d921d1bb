using System.Buffers;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json;
using Agreements;
using Agreements.Contracts;
using Agreements.Identifiers;

namespace Gateway.Explanations;

/// <summary>
/// The bytes of the question that a dry run stands for, so that the reader of real questions judges it. The person in it is nobody: a
/// value of the right form, the same in every dry run, that is never looked up.
/// </summary>
internal static class SomeQuestion
{
    private static readonly string Nobody = "200000000" + Verhoeff.CheckDigit("200000000");

    /// <summary>Call headers of the named kinds, each with a value of the right form.</summary>
    public static HeaderDictionary Headers(DryRun run)
    {
        var headers = new HeaderDictionary();
        foreach (var name in run.Headers)
            headers[name] = name.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase) ? Guid.Empty.ToString("D") : "dry-run";
        return headers;
    }

    /// <summary>The body, or the form of a search.</summary>
    public static ReadOnlyMemory<byte> Body(DryRun run, Operation operation, Grant grant, FhirType? type)
    {
        var scheme = run.Scheme ?? (grant.SubjectSchemes.Length > 0 ? grant.SubjectSchemes[0] : "sector-token");
        var value = scheme switch
        {
            "idcs" => Nobody,
            "household-id" => "0000000000",
            _ => $"{Sector.Prefix(operation.Sector)}_{new string('0', 26)}",
        };
        return type is null ? Json(run, operation, scheme, value) : Form(run, operation, type, scheme, value);
    }

    private static ReadOnlyMemory<byte> Json(DryRun run, Operation operation, string scheme, string value)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (operation.BatchOf is not null)
                json.WriteString("reference", "dry-run");
            json.WriteStartObject("subject");
            json.WriteString("scheme", scheme);
            json.WriteString("value", value);
            json.WriteEndObject();
            if (run.Request is { } request)
                foreach (var member in request.EnumerateObject())
                    member.WriteTo(json);
            if (!run.Fields.IsEmpty)
                JsonSerializer.Serialize(json.Named("fields"), run.Fields);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static Utf8JsonWriter Named(this Utf8JsonWriter json, string name)
    {
        json.WritePropertyName(name);
        return json;
    }

    private static ReadOnlyMemory<byte> Form(DryRun run, Operation operation, FhirType type, string scheme, string value)
    {
        var form = new StringBuilder();
        Add($"{type.Search[0]}:identifier", $"urn:anss:id:{(scheme == "sector-token" ? operation.Sector : scheme)}|{value}");
        if (run.Request is { } request)
            foreach (var member in request.EnumerateObject())
                foreach (var text in TextsOf(member.Value))
                    Add(member.Name, text);
        if (!run.Fields.IsEmpty)
            Add("_elements", string.Join(',', run.Fields));
        return Encoding.ASCII.GetBytes(form.ToString());

        void Add(string name, string text)
        {
            if (form.Length > 0)
                form.Append('&');
            form.Append(WebUtility.UrlEncode(name)).Append('=').Append(WebUtility.UrlEncode(text));
        }
    }

    // A parameter of a search is a text, or several of the same name.
    private static ImmutableArray<string> TextsOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array => [.. value.EnumerateArray().Select(static item => item.ToString())],
            _ => [value.ToString()],
        };
}
