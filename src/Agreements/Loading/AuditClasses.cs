using Agreements.Contracts;
using Agreements.Loading.Yaml;

namespace Agreements.Loading;

/// <summary>Audit classes as contracts write them (exchanges page, section 1.16).</summary>
internal static class AuditClasses
{
    public static AuditClass Read(Fields fields, string key) =>
        fields.Choice(key, null, "STATUS", "STATUS_BULK", "SENSITIVE", "WRITE", "AGGREGATE", "OVERSIGHT", "CATALOGUE") switch
        {
            "STATUS" => AuditClass.Status,
            "STATUS_BULK" => AuditClass.StatusBulk,
            "WRITE" => AuditClass.Write,
            "AGGREGATE" => AuditClass.Aggregate,
            "OVERSIGHT" => AuditClass.Oversight,
            "CATALOGUE" => AuditClass.Catalogue,
            _ => AuditClass.Sensitive,
        };
}
