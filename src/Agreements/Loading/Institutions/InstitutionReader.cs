using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Agreements.Identifiers;
using Agreements.Keys;
using Agreements.Loading.Yaml;

namespace Agreements.Loading.Institutions;

/// <summary>Reads one file of <c>contracts/institutions</c> (exchanges page, section 16.4; clients: authority page, section 3).</summary>
internal sealed partial class InstitutionReader(LoadContext context)
{
    public Institution Read(string fileName, YamlMapping root, FileReport report)
    {
        var fields = new Fields(root, report);
        var id = fields.Text("id", IdForm(), "lower-case letters and digits");
        if (id.Length > 0 && fileName != id) report.Error(fields.LineOf("id"), "the id is not the file's name", $"Write 'id: {fileName}', or rename the file");
        var sector = fields.OptionalText("sector");
        if (sector is not null && Sector.Prefix(sector) is null) report.Error(fields.LineOf("sector"), "unknown sector", "Use education, employment, health, care, territory or registries");
        var ice = fields.OptionalText("ice");
        if (ice is not null && !Ice.IsValid(ice)) report.Error(fields.LineOf("ice"), "not an organisation number: fifteen digits, divisible by 97", "Correct the number");
        var roles = fields.Texts("roles");
        if (roles.Any(role => role is not ("consumer" or "provider"))) report.Error(fields.LineOf("roles"), "unknown role", "Use consumer and provider");
        var provider = fields.Map("provider", required: roles.Contains("provider")) is { } terms ? new ProviderReader(context).Read(terms) : null;
        if (provider is not null && !roles.Contains("provider")) report.Error(fields.LineOf("provider"), "provider terms without the role", "Add 'provider' to roles, or remove the terms");
        var offices = Offices(fields);
        ImmutableArray<Client> clients = [.. fields.Maps("clients", required: false).Select(client => new ClientReader(context).Read(id, offices, client))];
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
        if (fields.Map("contact", required: false) is not { } contact) return null;
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
            if (!context.Reference.Areas.ContainsKey(office.Province)) item.Report.Error(item.LineOf("province"), $"province '{office.Province}' does not exist", "Add it to reference/areas.yaml, or correct it");
            else if (office.Code.Length > 9 && office.Province.Replace(".", "", StringComparison.Ordinal) != office.Code[4..9])
                item.Report.Error(item.LineOf("code"), "the office code does not carry the digits of its province", "Correct the code or the province");
            if (offices.Any(other => other.Code == office.Code)) item.Report.Error(item.LineOf("code"), "office declared twice", "Keep one of them");
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
                if (PublicKeySet.ReadKey(bytes, out var reason) is not { } key) item.Report.Error(item.LineOf("file"), $"the signing key cannot be used: {reason}", "Put the public JWK of an EC P-256 key into the file");
                else if (key.Algorithm != "ES256") item.Report.Error(item.LineOf("file"), "the signing key is not EC P-256", "Agreements are signed with ES256");
                else if (!keys.TryAdd(id, key.Jwk)) item.Report.Error(item.LineOf("id"), "key id declared twice", "Keep one of them");
            }
            var (from, until) = (item.OptionalDate("from") ?? DateOnly.MinValue, item.OptionalDate("until") ?? DateOnly.MaxValue);
            if (until < from) item.Report.Error(item.LineOf("until"), "the key ends before it begins", "Correct the dates");
            if (from > DateOnly.MinValue || until < DateOnly.MaxValue) terms[id] = new SigningTerm(from, until);
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
