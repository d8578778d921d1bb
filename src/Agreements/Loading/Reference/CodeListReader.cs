using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Agreements.Loading.Yaml;

namespace Agreements.Loading.Reference;

/// <summary>Reads a list of codes with names: <c>qualities.yaml</c>, <c>areas.yaml</c>.</summary>
internal static partial class CodeListReader
{
    public static FrozenSet<string> Qualities(YamlMapping root, FileReport report) =>
        Read(root, report, "gateway.qualities/1", "qualities", QualityForm(), "UPPER_CASE");

    public static FrozenSet<string> Areas(YamlMapping root, FileReport report) =>
        Read(root, report, "gateway.areas/1", "areas", AreaForm(), "06. or 06.181.");

    private static FrozenSet<string> Read(YamlMapping root, FileReport report, string schema, string list, Regex pattern, string form)
    {
        var fields = new Fields(root, report);
        fields.Choice("schema", null, schema);
        var codes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in fields.Maps(list))
        {
            if (!codes.Add(item.Text("code", pattern, form))) report.Error(item.LineOf("code"), "code declared twice", "Keep one of them");
            item.Localized("names");
            item.Close();
        }
        fields.Close();
        return codes.ToFrozenSet(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"\A[A-Z]+(_[A-Z]+)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex QualityForm();

    [GeneratedRegex(@"\A\d{2}\.(\d{3}\.)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex AreaForm();
}
