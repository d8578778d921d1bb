using System.Text.Json;

namespace Verifier;

/// <summary>The few members of a record that checks compare.</summary>
internal sealed record RecordFacts(string? Id, string? Kind, string? RequestDigest, string? AnswerDigest)
{
    public static RecordFacts? Read(ReadOnlyMemory<byte> record)
    {
        try
        {
            using var json = JsonDocument.Parse(record);
            var root = json.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? new RecordFacts(Text(root, "id"), Text(root, "ev"), Text(root, "qdig"), Text(root, "rdig"))
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is a string that is no text: System.Text.Json looks at it only when it is asked for.
            return null;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
