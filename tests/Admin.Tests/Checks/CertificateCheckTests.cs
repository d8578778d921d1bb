using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sandbox;
using Sandbox.Pki;
using Tokens.Status;
using Tokens.Stores;

namespace Admin.Tests.Checks;

/// <summary>The offline check of a certificate says what the handshake would not.</summary>
[Collection(nameof(TheTown))]
public sealed class CertificateCheckTests(TheTown the)
{
    private const string Client = "anss-eligibility";

    private Town Town => the.Town;

    private async Task<string[]> Codes(X509Certificate2 certificate, string client = Client, params string[] more)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("client.pem", certificate.ExportCertificatePem());
        return (
            await Ctl.Run([
                "client",
                "check",
                "--certificate",
                file,
                "--client",
                client,
                "--contracts",
                the.Contracts,
                "--authority",
                $"anss-partners={the.Partners}",
                "--json",
                .. more,
            ])
        ).Codes;
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
    public async Task A_certificate_that_was_revoked_or_denied_is_named_and_so_is_one_that_no_list_in_date_covers()
    {
        using var folder = new TemporaryFolder();
        using var own = Town.Pki.Client(Client).Load();
        var (list, status) = (folder.At("partners.crl"), folder.At("status.db"));
        await File.WriteAllBytesAsync(list, List(revoked: null), TestContext.Current.CancellationToken);
        Assert.Empty(await Codes(own, Client, "--crl", "anss-partners=" + list));
        await File.WriteAllBytesAsync(list, List(own), TestContext.Current.CancellationToken);
        Assert.Equal(["certificate-revoked"], await Codes(own, Client, "--crl", "anss-partners=" + list));
        // Refused in the words of the server: a tool that goes on without the list would say that all is well.
        var file = folder.Write("own.pem", own.ExportCertificatePem());
        Assert.Contains(
            "not there",
            (
                await Ctl.English(
                    "client",
                    "check",
                    "--certificate",
                    file,
                    "--client",
                    Client,
                    "--contracts",
                    the.Contracts,
                    "--authority",
                    $"anss-partners={the.Partners}",
                    "--crl",
                    "anss-partners=" + folder.At("none")
                )
            )
                .Ended(1)
                .Error,
            StringComparison.Ordinal
        );
        var ended = DateTimeOffset
            .UtcNow.AddDays(2)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        await File.WriteAllBytesAsync(list, List(revoked: null), TestContext.Current.CancellationToken);
        Assert.Contains("certificate-status-unknown", await Codes(own, Client, "--crl", "anss-partners=" + list, "--at", ended));
        using (StatusStore.Open(new StoreSettings { File = status }, TimeProvider.System)) { }
        (
            await Ctl.Run(
                "certificate",
                "deny",
                "--file",
                Town.Pki.Client(Client).Certificate,
                "--reason",
                "key-leak",
                "--status-file",
                status
            )
        ).Ended(0);
        Assert.Equal(["certificate-revoked"], await Codes(own, Client, "--status-file", status));
        foreach (var (language, word) in new[] { ("fr", "révoqué"), ("ar", "ملغاة"), ("en", "revoked") })
        {
            Assert.Contains(
                word,
                (
                    await Ctl.Run(
                        "client",
                        "check",
                        "--certificate",
                        file,
                        "--client",
                        Client,
                        "--contracts",
                        the.Contracts,
                        "--authority",
                        $"anss-partners={the.Partners}",
                        "--status-file",
                        status,
                        "--lang",
                        language
                    )
                ).Out,
                StringComparison.Ordinal
            );
        }
    }

    private byte[] List(X509Certificate2? revoked)
    {
        var list = new CertificateRevocationListBuilder();
        if (revoked is not null)
            list.AddEntry(revoked);
        return list.Build(
            Town.Pki[DevelopmentPki.Partners].Certificate,
            1,
            DateTimeOffset.UtcNow.AddDays(1),
            HashAlgorithmName.SHA256,
            rsaSignaturePadding: null,
            DateTimeOffset.UtcNow.AddMinutes(-1)
        );
    }

    [Fact]
    public async Task A_certificate_of_another_system_does_not_match_and_its_names_are_shown()
    {
        using var other = Town.Pki.Client("anss-batch").Load();
        Assert.Equal(["certificate-name"], await Codes(other));
    }
}
