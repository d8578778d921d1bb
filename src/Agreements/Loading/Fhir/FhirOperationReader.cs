using System.Collections.Frozen;
using Agreements.Contracts;
using Agreements.Loading.Yaml;

namespace Agreements.Loading.Fhir;

/// <summary>Reads <c>contracts/fhir/operations.yaml</c>: the searches that are offered (health page, section 1).</summary>
internal static class FhirOperationReader
{
    public static void Read(YamlMapping root, FileReport report, FrozenDictionary<string, FhirType> types, OperationTable table)
    {
        var fields = new Fields(root, report);
        fields.Choice("schema", null, "gateway.fhir-operations/1");
        foreach (var item in fields.Maps("operations"))
        {
            var type = item.Text("type");
            if (type.Length > 0 && !types.ContainsKey(type))
                report.Error(item.LineOf("type"), "resource-type-unknown", FindingWords.Found(type), FindingWords.ElementsFile);
            table.Add(
                new Operation
                {
                    Id = item.Text("id"),
                    Title = item.Has("title") ? item.Localized("title") : null,
                    Protocol = OperationProtocol.Fhir,
                    Method = "POST",
                    Path = $"/fhir/{type}/_search",
                    ProviderPath = $"/{type}/_search",
                    Sector = "health",
                    AuditClass = AuditClasses.Read(item, "auditClass"),
                    Purposes = item.Texts("purposes"),
                    EnabledByDefault = item.OptionalBoolean("enabledByDefault") ?? true,
                    CaseReferenceOptional = item.Choice("caseReference", "required", "required", "optional") == "optional",
                    FhirType = type,
                },
                item,
                report
            );
            item.Close();
        }
        fields.Close();
    }
}
