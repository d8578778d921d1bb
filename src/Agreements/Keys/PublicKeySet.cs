using System.Collections.Immutable;
using System.Text.Json;

namespace Agreements.Keys;

/// <summary>A JWK Set or a single JWK of <c>contracts/institutions</c>, read strictly.</summary>
public static class PublicKeySet
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>The keys of a JWK Set with one or more keys; empty with the reason when anything is wrong with any of them.</summary>
    public static ImmutableArray<PublicKey> ReadSet(ReadOnlyMemory<byte> json, out string reason)
    {
        if (Parse(json, out reason) is not { } document) return [];
        using (document)
        {
            reason = "not a JSON object with an array 'keys' of 1 to 8 keys";
            if (document.RootElement.ValueKind is not JsonValueKind.Object || !document.RootElement.TryGetProperty("keys", out var keys)
                || keys.ValueKind is not JsonValueKind.Array || keys.GetArrayLength() is 0 or > 8) return [];
            var set = ImmutableArray.CreateBuilder<PublicKey>();
            foreach (var jwk in keys.EnumerateArray())
            {
                if (PublicKey.Read(jwk, out reason) is not { } key) return [];
                set.Add(key);
            }
            return set.ToImmutable();
        }
    }

    /// <summary>A single JWK; null with the reason when it is not acceptable.</summary>
    public static PublicKey? ReadKey(ReadOnlyMemory<byte> json, out string reason)
    {
        if (Parse(json, out reason) is not { } document) return null;
        using (document) return PublicKey.Read(document.RootElement, out reason);
    }

    /// <summary>The JWK Set of these keys as compact JSON.</summary>
    public static string Write(IEnumerable<PublicKey> keys) => $"{{\"keys\":[{string.Join(',', keys.Select(key => key.Jwk))}]}}";

    private static JsonDocument? Parse(ReadOnlyMemory<byte> json, out string reason)
    {
        reason = "";
        if (!System.Text.Unicode.Utf8.IsValid(json.Span))
        {
            reason = "not UTF-8";
            return null;
        }
        try
        {
            return JsonDocument.Parse(json, Strict);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            reason = "not JSON, nested too deep, or a member occurs twice";
            return null;
        }
    }
}
