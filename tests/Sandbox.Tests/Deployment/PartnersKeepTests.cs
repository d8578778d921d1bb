using System.Collections.Immutable;
using Agreements.Signatures;
using Sandbox.Deployment;
using Sandbox.Pki;
using Xunit;

namespace Sandbox.Tests.Deployment;

/// <summary>What a partner registered or signed in a sandbox is the partner's: no start overwrites it, and none needs its private
/// key.</summary>
public sealed class PartnersKeepTests : IDisposable
{
    private const string Agreement = "ANSS-MENPS-2026-01";
    private static readonly ManualClock Clock = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    private readonly TemporaryState _state = new();
    private readonly TemporaryState _partner = new();

    [Fact]
    public void A_system_that_a_partner_registered_keeps_its_key_and_the_sandbox_speaks_for_it_no_longer()
    {
        Deploy(5001);
        var file = _state.Folder.At("contracts", "institutions", "anss-eligibility.jwks.json");
        var own = new SigningKeys(_partner.Folder).PublicSetJson("anss-eligibility");
        File.WriteAllText(file, own);
        foreach (var port in new[] { 5001, 6001 })
        {
            var deployed = Deploy(port);
            Assert.Equal(own, File.ReadAllText(file));
            using var pki = new DevelopmentPki(_state.Folder, TimeProvider.System);
            var entries = SandboxFile.ClientEntries(deployed.Registry, pki, new SigningKeys(_state.Folder), new DateOnly(2026, 11, 21));
            Assert.DoesNotContain(entries, static one => one.Id == "anss-eligibility");
            Assert.NotEmpty(entries);
        }
    }

    [Fact]
    public void A_registration_and_an_agreement_that_were_added_stay()
    {
        Deploy(5001);
        var (institution, agreement) = (
            _state.Folder.At("contracts", "institutions", "newcomer.yaml"),
            _state.Folder.At("contracts", "agreements", "ANSS-NEW-2026-01.yaml")
        );
        File.WriteAllText(
            institution,
            File.ReadAllText(_state.Folder.At("contracts", "institutions", "dfp.yaml"))
                .Split("clients:")[0]
                .Split("signingKeys:")[0]
                .Replace("id: dfp", "id: newcomer", StringComparison.Ordinal)
                .Replace("roles: [provider]", "roles: [consumer]", StringComparison.Ordinal)
        );
        File.WriteAllText(agreement, "id: [");
        Assert.Throws<InvalidDataException>(() => Deploy(6001)); // half an agreement: told, and left as it is
        Assert.Equal("id: [", File.ReadAllText(agreement));
        Assert.StartsWith("# yaml", File.ReadAllText(institution), StringComparison.Ordinal);
        Assert.Contains("id: newcomer", File.ReadAllText(institution), StringComparison.Ordinal);
    }

    [Fact]
    public void An_institution_that_signs_for_itself_is_taken_and_its_signature_stays()
    {
        Deploy(5001);
        var keys = new SigningKeys(_partner.Folder);
        var file = _state.Folder.At("contracts", "institutions", "menps-sign-2026.jwk.json");
        File.WriteAllText(file, keys.PublicJson("menps-sign-2026"));

        // Its own key, and nothing signed by it yet: the town is up, and the agreement is not in force.
        var unsigned = Deploy(5001);
        Assert.Equal(keys.PublicJson("menps-sign-2026"), File.ReadAllText(file));
        Assert.False(unsigned.Registry.Agreements[Agreement].Signed);

        // It signs beside the agency, as gatewayctl does.
        var path = _state.Folder.At("contracts", "agreements", Agreement + ".yaml");
        var text = File.ReadAllText(path);
        using (var key = keys.Load("menps-sign-2026"))
        {
            var value = AgreementSignature.Sign(text, "menps-sign-2026", key);
            const string entry = "  - { institution: menps, function: legal representative, on: 2026-11-21, keyId: menps-sign-2026,";
            File.WriteAllText(path, $"{text}{entry} algorithm: ES256, value: \"{value}\" }}\n");
        }

        var signed = File.ReadAllText(path);
        foreach (var port in new[] { 5001, 6001, 5001 })
        {
            Assert.True(Deploy(port).Registry.Agreements[Agreement].Signed);
            Assert.Equal(signed, File.ReadAllText(path));
        }
    }

    [Fact]
    public void Keys_of_the_town_itself_are_written_anew_when_they_were_lost()
    {
        Deploy(5001);
        foreach (var key in Directory.GetFiles(_state.Folder.At("keys"), "*.key"))
            File.Delete(key);
        Assert.All(Deploy(5001).Registry.Agreements.Values.Where(static one => one.Id == Agreement), static one => Assert.True(one.Signed));
    }

    [Fact]
    public void A_key_file_outside_the_contracts_is_not_written()
    {
        Deploy(5001);
        var institution = _state.Folder.At("contracts", "institutions", "menps.yaml");
        File.WriteAllText(
            institution,
            File.ReadAllText(institution).Replace("file: menps-sign-2026.jwk.json", "file: ../../outside.json", StringComparison.Ordinal)
        );
        Assert.Throws<InvalidDataException>(() => Deploy(5001));
        Assert.False(File.Exists(_state.Folder.At("outside.json")));
    }

    public void Dispose()
    {
        _state.Dispose();
        _partner.Dispose();
    }

    private DeployedContracts Deploy(int port) =>
        DeployedContracts.Deploy(
            new DeploymentPlan
            {
                Source = ContractSource.Find(),
                Providers = ImmutableDictionary<string, string>.Empty.Add("menps", $"https://localhost:{port}"),
            },
            _state.Folder,
            Clock
        );
}
