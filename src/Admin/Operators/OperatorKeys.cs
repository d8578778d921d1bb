using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Admin.CommandLine;
using Agreements.Keys;
using Tokens.Jose;

namespace Admin.Operators;

/// <summary>
/// The operators file: one JSON object a line, <c>{"operator":"op-1","jwk":{…}}</c>, public keys alone. Reviewed and versioned like the
/// contracts; who can change it unseen can approve alone.
/// </summary>
internal static class OperatorKeys
{
    private const int LongestId = 32;

    /// <summary>Key set of each operator.</summary>
    /// <exception cref="Declined">A line cannot be read; an operator, or a key, occurs twice.</exception>
    internal static FrozenDictionary<string, KeySet> Read(string text)
    {
        var (operators, keys) = (new Dictionary<string, KeySet>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (id, key) = ReadLine(line);
            if (!keys.Add(key.KeyId) || !operators.TryAdd(id, KeySet.Parse(PublicKeySet.Write([key]))))
                throw Declined.Usage("operators-twice", id);
        }
        return operators.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <exception cref="Declined">No id that the operators file and the approvals take: letters, digits and hyphens, at most
    /// 32.</exception>
    internal static void RefuseId(string id)
    {
        if (id.Length is 0 or > LongestId || !id.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            throw Declined.Usage("operator-id", id);
    }

    /// <summary>The line of one operator.</summary>
    internal static string Line(string id, PublicKey key) => $"{{\"operator\":\"{id}\",\"jwk\":{key.Jwk}}}";

    private static (string Id, PublicKey Key) ReadLine(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var id = document.RootElement.GetProperty("operator").GetString();
            var key = PublicKeySet.ReadKey(Encoding.UTF8.GetBytes(document.RootElement.GetProperty("jwk").GetRawText()), out var reason)
                ?? throw Declined.Usage("operators-key", reason);
            return (id is { Length: > 0 and <= LongestId } ? id : throw Declined.Usage("operators-id"), key);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Declined.Usage("operators-line");
        }
    }
}
