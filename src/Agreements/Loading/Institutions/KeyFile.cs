using Agreements.Loading.Yaml;

namespace Agreements.Loading.Institutions;

/// <summary>Finds the key file that stands beside an institution file.</summary>
internal static class KeyFile
{
    public static byte[]? Read(ContractFiles files, Fields fields, string key)
    {
        var name = fields.Text(key);
        if (name.Length == 0) return null;
        if (name.Contains('/', StringComparison.Ordinal) || name.Contains('\\', StringComparison.Ordinal) || !name.EndsWith(".json", StringComparison.Ordinal))
        {
            fields.Report.Error(fields.LineOf(key), "a key file is named by a plain file name that ends in .json", "Put the file beside this one and write its name only");
            return null;
        }
        if (files.Find($"institutions/{name}") is { } bytes) return bytes;
        fields.Report.Error(fields.LineOf(key), $"key file '{name}' does not exist beside this file", "Put the partner's public keys there; the development town writes its own");
        return null;
    }
}
