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
        Issuers(context);
    }

    // Several institutions may use one authorization server. They must say the same of it, and none of its clients may be two systems.
    private static void Issuers(LoadContext context)
    {
        var first = new Dictionary<string, Institution>(StringComparer.Ordinal);
        var speakers = new Dictionary<(string Issuer, string Client), string>();
        foreach (var institution in context.Institutions.Values.OrderBy(institution => institution.Id, StringComparer.Ordinal))
        {
            if (institution.Issuer is not { } issuer) continue;
            var report = context.Reports[institution.Id];
            if (!first.TryAdd(issuer.Url, institution) && !first[issuer.Url].Issuer!.HasTermsOf(issuer))
                report.Error(0, $"issuer '{issuer.Url}' has other terms in the file of '{first[issuer.Url].Id}'", "Make audiences, algorithms, clientClaim, maxLifetimeSeconds and trust equal");
            foreach (var (foreign, client) in issuer.Clients)
                if (!speakers.TryAdd((issuer.Url, foreign), client))
                    report.Error(0, $"the issuer's client '{foreign}' is mapped to '{speakers[(issuer.Url, foreign)]}' too", "Give each system a client id of its own at the issuer");
        }
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
