using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Agreements.Loading.Yaml;
using Wording;

namespace Agreements.Loading.Reference;

/// <summary>Reads a list of codes with names: <c>qualities.yaml</c>, <c>areas.yaml</c>.</summary>
internal static partial class CodeListReader
{
    public static FrozenDictionary<string, LocalizedText> Qualities(YamlMapping root, FileReport report) =>
        Read(root, report, "gateway.qualities/1", "qualities", QualityForm(), "UPPER_CASE");

    public static FrozenDictionary<string, LocalizedText> Areas(YamlMapping root, FileReport report) =>
        Read(root, report, "gateway.areas/1", "areas", AreaForm(), Blank.List((string[])["06.", "06.181."]));

    private static FrozenDictionary<string, LocalizedText> Read(
        YamlMapping root,
        FileReport report,
        string schema,
        string list,
        Regex pattern,
        Blank form
    )
    {
        var fields = new Fields(root, report);
        fields.Choice("schema", null, schema);
        var codes = new Dictionary<string, LocalizedText>(StringComparer.Ordinal);
        foreach (var item in fields.Maps(list))
        {
            var code = item.Text("code", pattern, form);
            if (!codes.TryAdd(code, item.Localized("names")))
                report.Error(item.LineOf("code"), "code-twice", FindingWords.Found(code));
            item.Close();
        }
        fields.Close();
        return codes.ToFrozenDictionary(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"\A[A-Z]+(_[A-Z]+)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex QualityForm();

    [GeneratedRegex(@"\A\d{2}\.(\d{3}\.)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex AreaForm();
}
