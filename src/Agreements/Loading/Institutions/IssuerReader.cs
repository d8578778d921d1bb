using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Agreements.Loading.Yaml;
using Wording;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Institutions;

/// <summary>Reads <c>issuer</c>: the authorization server that an institution runs itself (authority page, section 13.1).</summary>
internal static partial class IssuerReader
{
    public static ForeignIssuer Read(Fields fields, ImmutableArray<Client> own)
    {
        var address = fields.HttpsAddress("url");
        var url = fields.Text("url");
        // Tokens are compared with these bytes: what a reader of addresses would write differently can never match.
        if (address is not null && address.AbsoluteUri != url && address.AbsoluteUri != url + "/")
            fields.Report.Error(fields.LineOf("url"), "issuer-spelling", Found(url), address.AbsoluteUri.TrimEnd('/'));
        var audiences = fields.Texts("audiences");
        foreach (var (audience, line) in fields.TextLines("audiences"))
            if (!audience.StartsWith("https://", StringComparison.Ordinal) || !Uri.IsWellFormedUriString(audience, UriKind.Absolute))
                fields.Report.Error(line, "audience", Found(audience));
        var algorithms = fields.Texts("algorithms", required: false);
        foreach (var (algorithm, line) in fields.TextLines("algorithms"))
            if (algorithm is not ("ES256" or "PS256"))
                fields.Report.Error(line, "algorithm", Found(algorithm), Blank.List((string[])["ES256", "PS256"]));
        var issuer = new ForeignIssuer
        {
            Url = url,
            Audiences = audiences,
            Algorithms = algorithms.IsEmpty ? ["ES256", "PS256"] : algorithms,
            ClientClaim = fields.Choice("clientClaim", "client_id", "client_id", "azp"),
            Clients = Clients(fields, own),
            MaxLifetime = TimeSpan.FromSeconds(fields.OptionalInteger("maxLifetimeSeconds", 30, 3600) ?? 600),
            Trust = fields.Text("trust", WordForm(), Words("form-word")),
        };
        fields.Close();
        return issuer;
    }

    private static ImmutableSortedDictionary<string, string> Clients(Fields fields, ImmutableArray<Client> own)
    {
        var clients = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (fields.Map("clients") is not { } map)
            return clients.ToImmutable();
        foreach (var entry in map.Entries())
        {
            var client = map.TextOf(entry.Value, entry.Key) ?? "";
            if (own.All(known => known.Id != client))
                fields.Report.Error(entry.Line, "issuer-client-foreign", Found(client));
            clients[entry.Key] = client;
        }
        if (clients.Count == 0)
            fields.Report.Error(fields.LineOf("clients"), "issuer-clientless");
        return clients.ToImmutable();
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(-[a-z0-9]+){0,5}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex WordForm();
}
