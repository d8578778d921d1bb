using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Agreements.Loading.Yaml;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Reference;

/// <summary>Reads <c>contracts/reference/purposes.yaml</c>: purposes and legal bases (exchanges page, section 2).</summary>
internal static partial class PurposeReader
{
    public static ReferenceData Read(YamlMapping root, FileReport report)
    {
        var fields = new Fields(root, report);
        fields.Choice("schema", null, "gateway.purposes/1");
        var bases = new Dictionary<string, LocalizedText>(StringComparer.Ordinal);
        foreach (var item in fields.Maps("legalBases"))
        {
            // A law has one title, in French; what people are shown in the other languages stands beside it where it is known.
            var title = item.Text("title");
            var names = item.Has("names") ? item.Localized("names") : new LocalizedText(title, title, title);
            var code = item.Text("code", CodeForm(), "MA-L-58-23");
            if (!bases.TryAdd(code, names))
                report.Error(item.LineOf("code"), "legal-basis-twice", Found(code));
            item.Close();
        }
        var purposes = new Dictionary<string, Purpose>(StringComparer.Ordinal);
        foreach (var item in fields.Maps("purposes"))
        {
            var purpose = Purpose(item);
            foreach (var (basis, line) in item.TextLines("legalBasis"))
                if (!bases.ContainsKey(basis))
                    report.Error(line, "legal-basis-unknown", Found(basis), PurposesFile);
            if (!purposes.TryAdd(purpose.Code, purpose))
                report.Error(item.LineOf("code"), "purpose-twice", Found(purpose.Code));
        }
        fields.Close();
        return new ReferenceData(purposes.ToFrozenDictionary(StringComparer.Ordinal), bases.ToFrozenDictionary(StringComparer.Ordinal));
    }

    private static Purpose Purpose(Fields item)
    {
        var purpose = new Purpose(
            item.Text("code", PurposeForm(), "UPPER_CASE"),
            item.Localized("names"),
            item.Texts("legalBasis"),
            item.Choice("priorAuthorization", null, "required", "by-filing", "none") switch
            {
                "none" => AuthorizationNeed.None,
                "by-filing" => AuthorizationNeed.ByFiling,
                _ => AuthorizationNeed.Required,
            },
            Demands.Of(item.Choice("consent", null, "required", "optional", "none")),
            item.OptionalBoolean("human") ?? false
        );
        item.Close();
        return purpose;
    }

    [GeneratedRegex(@"\A[A-Z]{2}-[A-Z]{1,3}(-\d{1,4})+\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex CodeForm();

    [GeneratedRegex(@"\A[A-Z]+(_[A-Z]+)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex PurposeForm();
}
