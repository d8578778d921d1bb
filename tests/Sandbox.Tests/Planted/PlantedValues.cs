using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sandbox.Tests.Planted;

/// <summary>Values that must not be found anywhere, in every spelling in which a careless program would write them.</summary>
internal sealed class PlantedValues
{
    private const int Shortest = 6;
    private readonly Dictionary<string, string> _spellings = new(StringComparer.Ordinal);
    private SearchValues<string>? _search;

    /// <summary>How many values were planted.</summary>
    public int Count { get; private set; }

    /// <summary>Spellings looked for.</summary>
    public int Spellings => _spellings.Count;

    /// <summary>
    /// A person's number: also as an integer of SQLite and of memory, and under a bare hash, which anybody can turn back.
    /// </summary>
    public void AddNumber(string kind, string number, bool binary = true)
    {
        AddText(kind, number);
        Spell($"{kind}, sha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(number))));
        Spell($"{kind}, sha256", Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(number))));
        if (!binary)
            return;
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, long.Parse(number, CultureInfo.InvariantCulture));
        Spell($"{kind}, big-endian", Encoding.Latin1.GetString(bytes[2..]));
        bytes.Reverse();
        Spell($"{kind}, little-endian", Encoding.Latin1.GetString(bytes));
    }

    /// <summary>A text: plain, backwards, in hexadecimal, inside base64, escaped for JSON and for an address.</summary>
    public void AddText(string kind, string text)
    {
        AddBytes(kind, Encoding.UTF8.GetBytes(text));
        Spell($"{kind}, backwards", new string([.. text.Reverse()]));
        Spell($"{kind}, escaped", JsonSerializer.Serialize(text)[1..^1]);
        Spell($"{kind}, percent-encoded", Uri.EscapeDataString(text));
    }

    /// <summary>Bytes: as they are, in hexadecimal, and inside base64 wherever they begin in it.</summary>
    public void AddBytes(string kind, byte[] bytes)
    {
        Count++;
        _search = null;
        Spell(kind, Encoding.Latin1.GetString(bytes));
        Spell($"{kind}, hex", Convert.ToHexStringLower(bytes));
        Spell($"{kind}, hex", Convert.ToHexString(bytes));
        for (var before = 0; before < 3; before++)
        {
            var whole = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var (first, sure) = ((before * 8 + 5) / 6, (before + bytes.Length) * 8 / 6);
            var inside = whole[first..sure];
            Spell($"{kind}, base64", inside);
            Spell($"{kind}, base64url", inside.Replace('+', '-').Replace('/', '_'));
        }
    }

    /// <summary>Something long: as it is, and no spelling of it.</summary>
    public void AddWhole(string kind, string text)
    {
        Count++;
        Spell(kind, Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>What is found, by kind; empty when nothing is.</summary>
    public IReadOnlySet<string> FindIn(ReadOnlySpan<byte> bytes)
    {
        _search ??= SearchValues.Create([.. _spellings.Keys], StringComparison.Ordinal);
        var (found, text) = (new HashSet<string>(StringComparer.Ordinal), Encoding.Latin1.GetString(bytes));
        for (var rest = text.AsSpan(); rest.IndexOfAny(_search) is >= 0 and var at; rest = rest[(at + 1)..])
        {
            foreach (var (spelling, kind) in _spellings)
            {
                if (rest[at..].StartsWith(spelling, StringComparison.Ordinal))
                    found.Add(kind);
            }
        }

        return found;
    }

    private void Spell(string kind, string spelling)
    {
        _search = null;
        if (spelling.Length >= Shortest)
            _spellings.TryAdd(spelling, kind);
    }
}
