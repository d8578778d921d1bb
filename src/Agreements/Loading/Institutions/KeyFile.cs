using Agreements.Loading.Yaml;

namespace Agreements.Loading.Institutions;

/// <summary>Finds the key file that stands beside an institution file.</summary>
internal static class KeyFile
{
    public static byte[]? Read(ContractFiles files, Fields fields, string key)
    {
        var name = fields.Text(key);
        if (name.Length == 0)
            return null;
        if (
            name.Contains('/', StringComparison.Ordinal)
            || name.Contains('\\', StringComparison.Ordinal)
            || !name.EndsWith(".json", StringComparison.Ordinal)
        )
        {
            fields.Report.Error(fields.LineOf(key), "key-file-name", FindingWords.Found(name), ".json");
            return null;
        }
        if (files.Find($"institutions/{name}") is { } bytes)
            return bytes;
        fields.Report.Error(fields.LineOf(key), "key-file-missing", FindingWords.Found(name));
        return null;
    }
}
