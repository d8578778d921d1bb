using Agreements.Signatures;
using Schemas;

namespace Agreements.Tests.Schema;

/// <summary>A template is an agreement as soon as its blanks are filled.</summary>
public sealed class TemplatesTest
{
    [Theory]
    [InlineData("education", "menps", "anss-eligibility", "MENPS-MASSAR")]
    [InlineData("employment", "anapec", "anss-eligibility", "ANAPEC")]
    [InlineData("health", "msps", "anss-inclusion", "MSPS-PNI")]
    [InlineData("care", "menps", "anss-eligibility", "MENPS-MASSAR")]
    [InlineData("registries", "rsu", "anss-eligibility", "RSU")]
    public void A_filled_template_loads_as_a_draft(string sector, string provider, string client, string source)
    {
        using var contracts = new TheContracts();
        Register(contracts);
        contracts.Write("agreements/ANSS-DRAFT-2027-01.yaml", Filled(contracts, sector, provider, client, source));
        var registry = contracts.Registry();
        Assert.Equal(
            3,
            contracts.Load().Errors.Count(static warning => warning.What.Contains("is still to be filled in", StringComparison.Ordinal))
        );
        Assert.Equal("draft", AgreementStatus.StandingOf(registry, registry.Agreements["ANSS-DRAFT-2027-01"], TheContracts.Today).Word);
    }

    [Fact]
    public void Every_template_is_law_once_it_is_filled_and_signed()
    {
        using var contracts = new TheContracts();
        Register(contracts);
        contracts.Edit(
            "institutions/anss.yaml",
            "signingKeys: [ ",
            "signingKeys: [ { id: anss-second-2026, file: anss-second-2026.jwk.json }, "
        );
        contracts.Write("institutions/anss-second-2026.jwk.json", TheContracts.Jwk("anss-second-2026"));
        var templates = Directory
            .EnumerateFiles(contracts.At("templates"), "*.yaml")
            .Select(static path => Path.GetFileNameWithoutExtension(path)!)
            .Order(StringComparer.Ordinal)
            .ToArray();
        Assert.Equal(["care", "education", "employment", "health", "registries"], templates);
        foreach (var sector in templates)
        {
            var (provider, client, source) = sector switch
            {
                "employment" => ("anapec", "anss-eligibility", "ANAPEC"),
                "health" => ("msps", "anss-inclusion", "MSPS-PNI"),
                "registries" => ("rsu", "anss-eligibility", "RSU"),
                _ => ("menps", "anss-eligibility", "MENPS-MASSAR"),
            };
            // The agency signs twice where children in care are concerned, once elsewhere.
            var signers = new[] { ("anss", "anss-sign-2026"), ("anss", "anss-second-2026"), (provider, $"{provider}-sign-2026") }.Where(
                one => sector == "care" || one.Item2 != "anss-second-2026"
            );
            contracts.Write(
                "agreements/ANSS-DRAFT-2027-01.yaml",
                AgreementSignature.Append(
                    Settled(Filled(contracts, sector, provider, client, source)),
                    signers.Select(static one => new Signer(
                        one.Item1,
                        "legal representative",
                        new DateOnly(2026, 8, 20),
                        one.Item2,
                        TheContracts.Key(one.Item2)
                    ))
                )
            );
            var registry = contracts.Registry();
            Assert.Equal(
                (sector, AgreementState.InForce),
                (sector, AgreementStatus.Of(registry, registry.Agreements["ANSS-DRAFT-2027-01"], TheContracts.Today))
            );
        }
    }

    [Fact]
    public void Every_template_is_valid_once_filled()
    {
        using var schemas = JsonSchemas.Start();
        using var contracts = new TheContracts();
        foreach (var path in Directory.EnumerateFiles(contracts.At("templates"), "*.yaml"))
            Assert.Empty(
                schemas.Errors(
                    JsonSchemas.Published("agreement"),
                    YamlAsJson.Read(Filled(contracts, Path.GetFileNameWithoutExtension(path), "menps", "anss-eligibility", "X"))
                )
            );
    }

    // The town has no registry; this one takes the households' own numbers.
    private static void Register(TheContracts contracts)
    {
        contracts.Write(
            "institutions/rsu.yaml",
            contracts
                .Read("institutions/dfp.yaml")
                .Replace("id: dfp\n", "id: rsu\n", StringComparison.Ordinal)
                .Replace("sector: education", "sector: registries", StringComparison.Ordinal)
                .Replace("identifierScheme: sector-token", "identifierScheme: household-id", StringComparison.Ordinal)
                .Replace("code: DFP\n", "code: RSU\n", StringComparison.Ordinal)
                .Replace("dfp-sign", "rsu-sign", StringComparison.Ordinal)
        );
        contracts.Write("institutions/rsu-sign-2026.jwk.json", TheContracts.Jwk("rsu-sign-2026"));
    }

    // What the parties settle among themselves: the paper and the authorization.
    private static string Settled(string draft) =>
        draft
            .Replace("reference: to be completed by the parties", "reference: archive 12", StringComparison.Ordinal)
            .Replace("number: to be completed", "number: AU-12-2026", StringComparison.Ordinal)
            .Replace(new string('0', 64), "5dae94fe0f68bafebb9f06c1a46b8a05cc6c82557abd74c478c40f353cbe3ef4", StringComparison.Ordinal);

    private static string Filled(TheContracts contracts, string sector, string provider, string client, string source) =>
        contracts
            .Read($"templates/{sector}.yaml")
            .Replace("<ID>", "ANSS-DRAFT-2027-01", StringComparison.Ordinal)
            .Replace("<CONSUMER>", "anss", StringComparison.Ordinal)
            .Replace("<PROVIDER>", provider, StringComparison.Ordinal)
            .Replace("<CLIENT>", client, StringComparison.Ordinal)
            .Replace("<SOURCE>", source, StringComparison.Ordinal)
            .Replace("<FROM>", "2026-09-01", StringComparison.Ordinal)
            .Replace("<UNTIL>", "2027-08-31", StringComparison.Ordinal);
}
