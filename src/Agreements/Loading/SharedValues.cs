using System.Collections.Immutable;

namespace Agreements.Loading;

/// <summary>
/// Keeps one copy of equal values while a set is loaded. Conventions repeat themselves: ten thousand of them name the same operations,
/// fields and terms, and equal lists become one list, by which those who compile them can tell that they are equal.
/// </summary>
internal sealed class SharedValues
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<string>> _lists = new(StringComparer.Ordinal);
    private readonly Dictionary<object, object> _values = [];

    public string Text(string text) => _texts.TryGetValue(text, out var known) ? known : _texts[text] = text;

    public ImmutableArray<string> List(ImmutableArray<string> list)
    {
        if (list.IsDefaultOrEmpty)
            return [];
        // A line feed occurs in no item, so different lists have different keys.
        var key = string.Join('\n', list);
        return _lists.TryGetValue(key, out var known) ? known : _lists[key] = list;
    }

    /// <summary>One copy of equal records; their lists must be shared before them, because records compare lists by identity.</summary>
    public T Value<T>(T value)
        where T : class
    {
        if (_values.TryGetValue(value, out var known))
            return (T)known;
        _values[value] = value;
        return value;
    }
}
