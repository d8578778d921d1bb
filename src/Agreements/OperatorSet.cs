using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Agreements.Keys;
using Agreements.Loading;

namespace Agreements;

/// <summary>
/// The operators of whom two approve a set of contracts: one JSON object a line, <c>{"operator":"op-1","jwk":{…}}</c>, public keys alone. The
/// file lies outside the contracts folder, where whoever may write contracts may not write.
/// </summary>
public sealed class OperatorSet
{
    /// <summary>Operators whose approval makes a set law.</summary>
    public const int Needed = 2;

    private const int MostBytes = 1 << 20;

    private readonly FrozenDictionary<string, PublicKey> _keys;

    private OperatorSet(FrozenDictionary<string, PublicKey> keys) => _keys = keys;

    /// <summary>Reads the file; null for an empty path: no rule.</summary>
    /// <exception cref="InvalidDataException">A line cannot be read, an operator or a key occurs twice, or there are fewer than two: fails closed.</exception>
    public static OperatorSet? FromFile(string path)
    {
        if (path.Length == 0) return null;
        var bytes = Bytes(path);
        return bytes.Length <= MostBytes ? Read(Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF')) : throw new InvalidDataException($"The operators file is larger than {MostBytes} bytes");
    }

    /// <summary>Reads the text of the file.</summary>
    /// <exception cref="InvalidDataException">As <see cref="FromFile"/>.</exception>
    public static OperatorSet Read(string text)
    {
        var keys = new Dictionary<string, PublicKey>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (id, key) = ReadLine(line);
            if (keys.Values.Any(other => other.KeyId == key.KeyId) || !keys.TryAdd(id, key)) throw new InvalidDataException($"The operators file names {id} or its key twice");
        }

        return keys.Count >= Needed ? new OperatorSet(keys.ToFrozenDictionary(StringComparer.Ordinal)) : throw new InvalidDataException($"The operators file names fewer than {Needed} operators");
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
            throw new InvalidDataException($"The operators file is {found.Message}", found);
        }
    }

    private static (string Id, PublicKey Key) ReadLine(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var id = document.RootElement.GetProperty("operator").GetString();
            var key = PublicKeySet.ReadKey(Encoding.UTF8.GetBytes(document.RootElement.GetProperty("jwk").GetRawText()), out var reason) ?? throw new InvalidDataException($"A key of the operators file cannot be used: {reason}");
            return (id is { Length: > 0 and <= 32 } ? id : throw new InvalidDataException("An operator without id"), key);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException("A line of the operators file is not {\"operator\":…,\"jwk\":{…}}", exception);
        }
    }
}
