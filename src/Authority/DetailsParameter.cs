using System.Collections.Immutable;
using System.Text.Json;
using Agreements;

namespace Authority;

/// <summary>
/// Reads <c>authorization_details</c> (RFC 9396 section 2; authority page, section 5.1): its form alone, before policy. Pure.
/// </summary>
public static class DetailsParameter
{
    /// <summary>The only type there is.</summary>
    public const string Type = "data_exchange";
    private const int MaxOperations = 32;
    private const int MaxText = 128;

    /// <summary>
    /// Reads the parameter. Anything but one object with exactly the known members of the right JSON types is refused (RFC 9396 section 5).
    /// </summary>
    public static Verdict<RequestedDetails> Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            return ReadArray(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return Unusable("it is not JSON with unique members");
        }
    }

    private static Verdict<RequestedDetails> ReadArray(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Array || root.GetArrayLength() != 1 || root[0].ValueKind != JsonValueKind.Object)
            return Unusable("it must be an array of exactly one object");
        string? type = null,
            agreement = null,
            purpose = null;
        ImmutableArray<string> operations = [];
        foreach (var member in root[0].EnumerateObject())
        {
            switch (member.Name)
            {
                case "type" when TryText(member.Value, out type):
                    break;
                case "agreement" when TryText(member.Value, out agreement):
                    break;
                case "purpose" when TryText(member.Value, out purpose):
                    break;
                case "operations" when TryList(member.Value, out operations):
                    break;
                default:
                    return Unusable("a member is unknown or has the wrong type; the members are type, agreement, purpose and operations");
            }
        }
        if (type != Type)
            return Unusable("the type must be data_exchange");
        if (agreement is null || purpose is null)
            return Unusable("agreement and purpose are required");
        return new RequestedDetails(agreement, purpose, operations);
    }

    private static TokenRefusal Unusable(string words) =>
        new("invalid_authorization_details", 400, "details-unusable", "authorization_details cannot be used: " + words);

    private static bool TryText(JsonElement value, out string? text)
    {
        text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is { Length: > 0 and <= MaxText };
    }

    private static bool TryList(JsonElement value, out ImmutableArray<string> list)
    {
        list = [];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > MaxOperations)
            return false;
        foreach (var item in value.EnumerateArray())
        {
            if (!TryText(item, out var text) || list.Contains(text!, StringComparer.Ordinal))
                return false;
            list = list.Add(text!);
        }
        return true;
    }
}
