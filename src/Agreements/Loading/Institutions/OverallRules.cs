namespace Agreements.Loading.Institutions;

/// <summary>What must differ between institutions and clients of all files (authority page, section 3).</summary>
internal static class OverallRules
{
    public static void Check(LoadContext context)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        var rules = new Dictionary<CertificateRule, string>();
        foreach (var (client, publicKeys, fields) in context.Clients)
        {
            if (!ids.TryAdd(client.Id, client.Id)) fields.Report.Error(fields.LineOf("id"), $"client '{client.Id}' is registered twice", "Rename one of them");
            foreach (var key in publicKeys)
                if (!keys.TryAdd(key.Canonical, client.Id) && keys[key.Canonical] != client.Id)
                    fields.Report.Error(fields.LineOf("jwks"), $"a key is shared with client '{keys[key.Canonical]}'", "Give each client its own key");
            foreach (var rule in client.Certificates)
                if (!rules.TryAdd(rule, client.Id))
                    fields.Report.Error(fields.LineOf("certificate"), $"the certificate rule matches client '{rules[rule]}' too", "Give each client its own certificate");
        }
        Sources(context);
    }

    private static void Sources(LoadContext context)
    {
        var holders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var institution in context.Institutions.Values.OrderBy(institution => institution.Id, StringComparer.Ordinal))
            foreach (var source in institution.Provider?.Sources ?? [])
                if (!holders.TryAdd(source.Code, institution.Id))
                    context.Reports[institution.Id].Error(0, $"source '{source.Code}' is declared by '{holders[source.Code]}' too", "Rename one of them: answers name their source by code alone");
    }
}
