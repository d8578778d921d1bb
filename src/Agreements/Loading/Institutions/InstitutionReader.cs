using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Agreements.Identifiers;
using Agreements.Keys;
using Agreements.Loading.Yaml;
using Wording;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Institutions;

/// <summary>Reads one file of <c>contracts/institutions</c> (exchanges page, section 16.4; clients: authority page, section 3).</summary>
internal sealed partial class InstitutionReader(LoadContext context)
{
    private static readonly string[] Sectors = ["education", "employment", "health", "care", "territory", "registries"];

    public Institution Read(string fileName, YamlMapping root, FileReport report)
    {
        var fields = new Fields(root, report);
        var id = fields.Text("id", IdForm(), Words("form-lower"));
        if (id.Length > 0 && fileName != id)
            report.Error(fields.LineOf("id"), "id-not-file", Found(id), $"id: {fileName}");
        var sector = fields.OptionalText("sector");
        if (sector is not null && Sector.Prefix(sector) is null)
            report.Error(fields.LineOf("sector"), "sector-unknown", Found(sector), Blank.List(Sectors));
        var ice = fields.OptionalText("ice");
        if (ice is not null && !Ice.IsValid(ice))
            report.Error(fields.LineOf("ice"), "ice-wrong", Found(ice));
        var roles = fields.Texts("roles");
        if (roles.FirstOrDefault(static role => role is not ("consumer" or "provider")) is { } other)
            report.Error(fields.LineOf("roles"), "role-unknown", Found(other), Blank.List((string[])["consumer", "provider"]));
        var provider = fields.Map("provider", required: roles.Contains("provider")) is { } terms
            ? new ProviderReader(context).Read(terms)
            : null;
        if (provider is not null && !roles.Contains("provider"))
            report.Error(fields.LineOf("provider"), "terms-roleless", "provider");
        var offices = Offices(fields);
        ImmutableArray<Client> clients =
        [
            .. fields.Maps("clients", required: false).Select(client => new ClientReader(context).Read(id, offices, client)),
        ];
        var (signingKeys, signingTerms) = SigningKeys(fields);
        var institution = new Institution
        {
            Id = id,
            Names = fields.Localized("names"),
            Contact = Contact(fields),
            Roles = roles,
            Class = fields.Choice("class", null, "agency", "public", "care", "international") switch
            {
                "agency" => InstitutionClass.Agency,
                "care" => InstitutionClass.Care,
                "international" => InstitutionClass.International,
                _ => InstitutionClass.Public,
            },
            Sector = sector,
            Ice = ice,
            Provider = provider,
            Offices = offices,
            SigningKeys = signingKeys,
            SigningTerms = signingTerms,
            Clients = clients,
            Issuer = fields.Map("issuer", required: false) is { } issuer ? IssuerReader.Read(issuer, clients) : null,
        };
        Placeholders.Check(root, report, draft: false);
        fields.Close();
        return institution;
    }

    private static Contact? Contact(Fields fields)
    {
        if (fields.Map("contact", required: false) is not { } contact)
            return null;
        var read = new Contact(contact.Localized("names"), contact.Text("email", EmailForm(), "conventions@institution.example"));
        contact.Close();
        return read;
    }

    private ImmutableArray<Office> Offices(Fields fields)
    {
        var offices = ImmutableArray.CreateBuilder<Office>();
        foreach (var item in fields.Maps("offices", required: false))
        {
            var office = new Office(item.Text("code", OfficeForm(), "TER-06181-01"), item.Localized("names"), item.Text("province"));
            if (!context.Reference.Areas.ContainsKey(office.Province))
                item.Report.Error(item.LineOf("province"), "province-unknown", Found(office.Province), AreasFile);
            else if (office.Code.Length > 9 && office.Province.Replace(".", "", StringComparison.Ordinal) != office.Code[4..9])
                item.Report.Error(item.LineOf("code"), "office-province", office.Code, office.Province);
            if (offices.Any(other => other.Code == office.Code))
                item.Report.Error(item.LineOf("code"), "office-twice", Found(office.Code));
            item.Close();
            offices.Add(office);
        }
        return offices.ToImmutable();
    }

    private (ImmutableDictionary<string, string> Keys, ImmutableDictionary<string, SigningTerm> Terms) SigningKeys(Fields fields)
    {
        var keys = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var terms = ImmutableDictionary.CreateBuilder<string, SigningTerm>(StringComparer.Ordinal);
        foreach (var item in fields.Maps("signingKeys", required: false))
        {
            var id = item.Text("id", KeyIdForm(), "menps-sign-2026");
            if (KeyFile.Read(context.Files, item, "file") is { } bytes)
            {
                if (PublicKeySet.ReadKey(bytes, out var fault) is not { } key)
                    item.Report.Error(item.LineOf("file"), "signing-key-unusable", fault.ToBlank());
                else if (key.Algorithm != "ES256")
                    item.Report.Error(item.LineOf("file"), "signing-key-kind", key.Algorithm);
                else if (!keys.TryAdd(id, key.Jwk))
                    item.Report.Error(item.LineOf("id"), "signing-key-twice", Found(id));
            }
            var (from, until) = (item.OptionalDate("from") ?? DateOnly.MinValue, item.OptionalDate("until") ?? DateOnly.MaxValue);
            if (until < from)
                item.Report.Error(item.LineOf("until"), "key-ends-early", from, until);
            if (from > DateOnly.MinValue || until < DateOnly.MaxValue)
                terms[id] = new SigningTerm(from, until);
            item.Close();
        }
        return (keys.ToImmutable(), terms.ToImmutable());
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9]{1,15}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex IdForm();

    [GeneratedRegex(@"\A[a-z0-9._-]{1,64}@[a-z0-9.-]{1,190}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex EmailForm();

    [GeneratedRegex(@"\ATER-\d{5}-\d{2}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex OfficeForm();

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+){1,6}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex KeyIdForm();
}
