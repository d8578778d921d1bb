using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Agreements.Keys;
using Agreements.Loading;
using Wording;

namespace Agreements;

/// <summary>
/// The operators of whom two approve a set of contracts: one JSON object a line, <c>{"operator":"op-1","jwk":{…}}</c>, public keys alone.
/// The file lies outside the contracts folder, where whoever may write contracts may not write.
/// </summary>
public sealed class OperatorSet
{
    /// <summary>Operators whose approval makes a set law.</summary>
    public const int Needed = 2;

    private const int MostBytes = 1 << 20;

    private readonly FrozenDictionary<string, PublicKey> _keys;

    private OperatorSet(FrozenDictionary<string, PublicKey> keys) => _keys = keys;

    /// <summary>Reads the file; null for an empty path: no rule.</summary>
    /// <exception cref="InvalidDataException">A line cannot be read, an operator or a key occurs twice, or there are fewer than two: fails
    /// closed.</exception>
    public static OperatorSet? FromFile(string path)
    {
        if (path.Length == 0)
            return null;
        var bytes = Bytes(path);
        return bytes.Length <= MostBytes
            ? Read(Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF'))
            : throw RefusedFile.Of("operators-too-large", null, FindingWords.Number(MostBytes));
    }

    /// <summary>Reads the text of the file.</summary>
    /// <exception cref="InvalidDataException">As <see cref="FromFile"/>.</exception>
    public static OperatorSet Read(string text)
    {
        var keys = new Dictionary<string, PublicKey>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (id, key) = ReadLine(line);
            if (keys.Values.Any(other => other.KeyId == key.KeyId) || !keys.TryAdd(id, key))
                throw RefusedFile.Of("operators-twice", null, id);
        }

        return keys.Count >= Needed
            ? new OperatorSet(keys.ToFrozenDictionary(StringComparer.Ordinal))
            : throw RefusedFile.Of("operators-few", null, keys.Count);
    }

    /// <summary>The key of an operator; null for a stranger.</summary>
    public PublicKey? Find(string id) => _keys.GetValueOrDefault(id);

    private static byte[] Bytes(string path)
    {
        try
        {
            return PlainFile.Read(path, MostBytes);
        }
        catch (NotPlain found)
        {
            throw RefusedFile.Of("operators-file", found, Blank.Of(found.Say));
        }
    }

    private static (string Id, PublicKey Key) ReadLine(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var id = document.RootElement.GetProperty("operator").GetString();
            var key = PublicKeySet.ReadKey(Encoding.UTF8.GetBytes(document.RootElement.GetProperty("jwk").GetRawText()), out var fault)
                ?? throw RefusedFile.Of("operators-key", null, fault.ToBlank());
            return (id is { Length: > 0 and <= 32 } ? id : throw RefusedFile.Of("operators-nameless", null), key);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw RefusedFile.Of("operators-line", exception, "{\"operator\":…,\"jwk\":{…}}");
        }
    }
}
