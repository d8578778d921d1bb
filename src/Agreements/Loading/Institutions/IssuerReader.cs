using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Agreements.Loading.Yaml;

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
            fields.Report.Error(fields.LineOf("url"), "the issuer is not written as its tokens write it", $"Write {address.AbsoluteUri.TrimEnd('/')}");
        var audiences = fields.Texts("audiences");
        foreach (var (audience, line) in fields.TextLines("audiences"))
            if (!audience.StartsWith("https://", StringComparison.Ordinal) || !Uri.IsWellFormedUriString(audience, UriKind.Absolute))
                fields.Report.Error(line, "an audience is not the https identifier of a resource", "Write the gateway's resource identifier");
        var algorithms = fields.Texts("algorithms", required: false);
        foreach (var (algorithm, line) in fields.TextLines("algorithms"))
            if (algorithm is not ("ES256" or "PS256")) fields.Report.Error(line, $"algorithm '{algorithm}' is not taken", "Use ES256 and PS256");
        var issuer = new ForeignIssuer
        {
            Url = url,
            Audiences = audiences,
            Algorithms = algorithms.IsEmpty ? ["ES256", "PS256"] : algorithms,
            ClientClaim = fields.Choice("clientClaim", "client_id", "client_id", "azp"),
            Clients = Clients(fields, own),
            MaxLifetime = TimeSpan.FromSeconds(fields.OptionalInteger("maxLifetimeSeconds", 30, 3600) ?? 600),
            Trust = fields.Text("trust", WordForm(), "a word"),
        };
        fields.Close();
        return issuer;
    }

    private static ImmutableSortedDictionary<string, string> Clients(Fields fields, ImmutableArray<Client> own)
    {
        var clients = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (fields.Map("clients") is not { } map) return clients.ToImmutable();
        foreach (var entry in map.Entries())
        {
            var client = map.TextOf(entry.Value, entry.Key) ?? "";
            if (own.All(known => known.Id != client))
                fields.Report.Error(entry.Line, $"client '{client}' is not one of this institution's", "Map to a client of this file: an issuer speaks for nobody else");
            clients[entry.Key] = client;
        }
        if (clients.Count == 0) fields.Report.Error(fields.LineOf("clients"), "the issuer speaks for no client", "Map each of its client ids to one of yours");
        return clients.ToImmutable();
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(-[a-z0-9]+){0,5}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex WordForm();
}
