namespace Agreements.Loading.Yaml;

/// <summary>A node of a strictly read YAML document, with its line.</summary>
internal abstract record YamlNode(int Line);

/// <summary>
/// A scalar; <paramref name="Plain"/> when it stands without quotes, so that its text may mean a number, a boolean or null.
/// </summary>
internal sealed record YamlScalar(int Line, string Value, bool Plain) : YamlNode(Line);

/// <summary>A list.</summary>
internal sealed record YamlSequence(int Line, IReadOnlyList<YamlNode> Items) : YamlNode(Line);

/// <summary>A mapping with unique keys, in the order of the file.</summary>
internal sealed record YamlMapping(int Line, IReadOnlyList<YamlEntry> Entries) : YamlNode(Line)
{
    public YamlEntry? Find(string key)
    {
        foreach (var entry in Entries)
            if (entry.Key == key)
                return entry;
        return null;
    }
}

/// <summary>A key with its value.</summary>
internal sealed record YamlEntry(string Key, int Line, YamlNode Value);
