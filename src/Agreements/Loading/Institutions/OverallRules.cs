using Wording;

namespace Agreements.Loading.Institutions;

/// <summary>What must differ between institutions and clients of all files (authority page, section 3).</summary>
internal static class OverallRules
{
    private static readonly string[] Terms = ["audiences", "algorithms", "clientClaim", "maxLifetimeSeconds", "trust"];

    public static void Check(LoadContext context)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        var rules = new Dictionary<CertificateRule, string>();
        foreach (var (client, publicKeys, fields) in context.Clients)
        {
            if (!ids.TryAdd(client.Id, client.Id))
                fields.Report.Error(fields.LineOf("id"), "client-twice", client.Id);
            foreach (var key in publicKeys)
                if (!keys.TryAdd(key.Canonical, client.Id) && keys[key.Canonical] != client.Id)
                    fields.Report.Error(fields.LineOf("jwks"), "key-shared", keys[key.Canonical]);
            foreach (var rule in client.Certificates)
                if (!rules.TryAdd(rule, client.Id))
                    fields.Report.Error(fields.LineOf("certificate"), "certificate-shared", rules[rule]);
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
            if (institution.Issuer is not { } issuer)
                continue;
            var report = context.Reports[institution.Id];
            if (!first.TryAdd(issuer.Url, institution) && !first[issuer.Url].Issuer!.HasTermsOf(issuer))
                report.Error(0, "issuer-terms", issuer.Url, first[issuer.Url].Id, Blank.List(Terms));
            foreach (var (foreign, client) in issuer.Clients)
                if (!speakers.TryAdd((issuer.Url, foreign), client))
                    report.Error(0, "issuer-client-twice", foreign, speakers[(issuer.Url, foreign)]);
        }
    }

    private static void Sources(LoadContext context)
    {
        var holders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var institution in context.Institutions.Values.OrderBy(institution => institution.Id, StringComparer.Ordinal))
            foreach (var source in institution.Provider?.Sources ?? [])
                if (!holders.TryAdd(source.Code, institution.Id))
                    context.Reports[institution.Id].Error(0, "source-declared-twice", source.Code, holders[source.Code]);
    }
}
