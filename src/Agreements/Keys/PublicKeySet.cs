using System.Collections.Immutable;
using System.Text.Json;

namespace Agreements.Keys;

/// <summary>A JWK Set or a single JWK of <c>contracts/institutions</c>, read strictly.</summary>
public static class PublicKeySet
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>The keys of a JWK Set with one or more keys; empty with the reason when anything is wrong with any of them.</summary>
    public static ImmutableArray<PublicKey> ReadSet(ReadOnlyMemory<byte> json, out KeyFault fault)
    {
        if (Parse(json, out fault) is not { } document)
            return [];
        using (document)
        {
            fault = KeyFault.Of("key-set-form", "keys");
            if (
                document.RootElement.ValueKind is not JsonValueKind.Object
                || !document.RootElement.TryGetProperty("keys", out var keys)
                || keys.ValueKind is not JsonValueKind.Array
                || keys.GetArrayLength() is 0 or > 8
            )
                return [];
            var set = ImmutableArray.CreateBuilder<PublicKey>();
            foreach (var jwk in keys.EnumerateArray())
            {
                if (PublicKey.Read(jwk, out fault) is not { } key)
                    return [];
                set.Add(key);
            }
            return set.ToImmutable();
        }
    }

    /// <summary>A single JWK; null with the reason when it is not acceptable.</summary>
    public static PublicKey? ReadKey(ReadOnlyMemory<byte> json, out KeyFault fault)
    {
        if (Parse(json, out fault) is not { } document)
            return null;
        using (document)
            return PublicKey.Read(document.RootElement, out fault);
    }

    /// <summary>The JWK Set of these keys as compact JSON.</summary>
    public static string Write(IEnumerable<PublicKey> keys) => $"{{\"keys\":[{string.Join(',', keys.Select(key => key.Jwk))}]}}";

    private static JsonDocument? Parse(ReadOnlyMemory<byte> json, out KeyFault fault)
    {
        fault = KeyFault.None;
        if (!System.Text.Unicode.Utf8.IsValid(json.Span))
        {
            fault = KeyFault.Of("key-not-utf8");
            return null;
        }
        try
        {
            return JsonDocument.Parse(json, Strict);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            fault = KeyFault.Of("key-not-json");
            return null;
        }
    }
}
