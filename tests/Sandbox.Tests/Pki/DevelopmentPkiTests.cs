using System.Security.Cryptography.X509Certificates;
using Sandbox.Pki;
using Xunit;

namespace Sandbox.Tests.Pki;

public sealed class DevelopmentPkiTests : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private readonly TemporaryState _state = new();

    [Fact]
    public void A_client_certificate_chains_to_the_partners_authority_and_to_no_other()
    {
        using var pki = new DevelopmentPki(_state.Folder, TimeProvider.System);
        using var client = pki.Client("anss-eligibility").Load();
        Assert.True(Chains(client, pki[DevelopmentPki.Partners].Certificate, ClientAuthentication));
        Assert.False(Chains(client, pki[DevelopmentPki.Servers].Certificate, ClientAuthentication));
        Assert.False(Chains(client, pki[DevelopmentPki.Partners].Certificate, ServerAuthentication));
    }

    [Fact]
    public void A_server_certificate_names_this_machine_and_the_hosts_of_containers()
    {
        using var pki = new DevelopmentPki(_state.Folder, TimeProvider.System, ["gateway", "authority"]);
        using var server = pki.Server("gateway").Load();
        foreach (var host in new[] { "localhost", "127.0.0.1", "::1", "gateway", "authority" })
            Assert.True(server.MatchesHostname(host), host);
        Assert.False(server.MatchesHostname("elsewhere"));
        Assert.True(Chains(server, pki[DevelopmentPki.Servers].Certificate, ServerAuthentication));
    }

    [Fact]
    public void Wrong_certificates_are_wrong()
    {
        using var pki = new DevelopmentPki(_state.Folder, TimeProvider.System);
        var wrong = new WrongCertificates(pki, TimeProvider.System);
        var partners = pki[DevelopmentPki.Partners].Certificate;
        using (var expired = wrong.Expired("anss-eligibility"))
            Assert.False(Chains(expired, partners, ClientAuthentication));
        using (var early = wrong.NotYetValid("anss-eligibility"))
            Assert.False(Chains(early, partners, ClientAuthentication));
        using (var other = wrong.OfAnotherAuthority("anss-eligibility"))
            Assert.False(Chains(other, partners, ClientAuthentication));
        using (var server = wrong.ForServers("anss-eligibility"))
            Assert.False(Chains(server, partners, ClientAuthentication));
        using (var unstated = wrong.WithoutUsage("anss-eligibility"))
            Assert.DoesNotContain(unstated.Extensions, e => e is X509EnhancedKeyUsageExtension);
        using (var nobody = wrong.Unregistered())
            Assert.True(Chains(nobody, partners, ClientAuthentication));
    }

    [Fact]
    public void A_second_start_reuses_what_the_first_one_made()
    {
        string first;
        using (var pki = new DevelopmentPki(_state.Folder, TimeProvider.System))
            first = File.ReadAllText(pki.Client("anss-batch").Certificate);
        using var again = new DevelopmentPki(_state.Folder, TimeProvider.System);
        Assert.Equal(first, File.ReadAllText(again.Client("anss-batch").Certificate));
    }

    [Fact]
    public void A_certificate_near_its_end_is_renewed_and_its_authority_stays()
    {
        var clock = new ManualClock(DateTimeOffset.UtcNow);
        string leaf,
            root;
        using (var pki = new DevelopmentPki(_state.Folder, clock))
            (leaf, root) = (
                File.ReadAllText(pki.Client("anss-batch").Certificate),
                File.ReadAllText(pki.AuthorityFile(DevelopmentPki.Partners))
            );
        clock.Now += TimeSpan.FromDays(345);
        using var later = new DevelopmentPki(_state.Folder, clock);
        Assert.NotEqual(leaf, File.ReadAllText(later.Client("anss-batch").Certificate));
        Assert.Equal(root, File.ReadAllText(later.AuthorityFile(DevelopmentPki.Partners)));
    }

    [Fact]
    public void A_server_certificate_is_renewed_when_a_host_is_added()
    {
        using (var pki = new DevelopmentPki(_state.Folder, TimeProvider.System))
            pki.Server("gateway");
        using var wider = new DevelopmentPki(_state.Folder, TimeProvider.System, ["gateway"]);
        using var server = wider.Server("gateway").Load();
        Assert.True(server.MatchesHostname("gateway"));
    }

    [Fact]
    public void A_key_without_its_other_half_is_made_anew()
    {
        using var pki = new DevelopmentPki(_state.Folder, TimeProvider.System);
        var files = pki.Client("anss-batch");
        File.Copy(pki.Client("anss-eligibility").Key, files.Key, overwrite: true);
        using var mended = pki.Client("anss-batch").Load();
        Assert.True(mended.HasPrivateKey);
    }

    [Fact]
    public void Private_keys_are_readable_by_their_owner_alone()
    {
        using var pki = new DevelopmentPki(_state.Folder, TimeProvider.System);
        pki.Client("anss-batch");
        pki.Server("gateway");
        pki.Provider("menps");
        var keys = Directory.GetFiles(_state.Folder.Root, "*.key", SearchOption.AllDirectories);
        Assert.Equal(6, keys.Length);
        Assert.All(keys, key =>
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(key) == (UnixFileMode.UserRead | UnixFileMode.UserWrite))
        );
    }

    public void Dispose() => _state.Dispose();

    private static bool Chains(X509Certificate2 certificate, X509Certificate2 root, string use)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new(use));
        return chain.Build(certificate);
    }
}
