using System.Security.Cryptography.X509Certificates;
using Sandbox;

namespace Admin.Tests.Checks;

/// <summary>The offline check of a certificate says what the handshake would not.</summary>
[Collection(nameof(TheTown))]
public sealed class CertificateCheckTests(TheTown the)
{
    private const string Client = "anss-eligibility";

    private Town Town => the.Town;

    private async Task<string[]> Codes(X509Certificate2 certificate, string client = Client)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("client.pem", certificate.ExportCertificatePem());
        return (await Ctl.Run("client", "check", "--certificate", file, "--client", client, "--contracts", the.Contracts, "--authority", $"anss-partners={the.Partners}", "--json")).Codes;
    }

    [Fact]
    public async Task The_client_s_own_certificate_is_taken()
    {
        using var own = Town.Pki.Client(Client).Load();
        Assert.Empty(await Codes(own));
    }

    [Fact]
    public async Task Each_way_to_be_refused_in_the_handshake_is_named()
    {
        using var expired = Town.Wrong.Expired(Client);
        using var early = Town.Wrong.NotYetValid(Client);
        using var unused = Town.Wrong.WithoutUsage(Client);
        using var server = Town.Wrong.ForServers(Client);
        Assert.Contains("tls-expired", await Codes(expired));
        Assert.Contains("tls-not-yet-valid", await Codes(early));
        Assert.Contains("tls-wrong-usage", await Codes(unused));
        Assert.Contains("tls-wrong-usage", await Codes(server));
        using var foreign = Town.Wrong.OfAnotherAuthority(Client);
        Assert.Equal(["tls-untrusted-chain", "certificate-authority"], await Codes(foreign));
    }

    [Fact]
    public async Task A_certificate_of_another_system_does_not_match_and_its_names_are_shown()
    {
        using var other = Town.Pki.Client("anss-batch").Load();
        Assert.Equal(["certificate-name"], await Codes(other));
    }
}
