using System.Net;
using System.Net.Sockets;
using Admin.Texts;
using Sandbox;

namespace Admin.Tests.Checks;

/// <summary>The way to the first call, against the town, with everything that goes wrong on it explained in three languages.</summary>
[Collection(nameof(TheTown))]
public sealed class OnlineCheckTests(TheTown the)
{
    private Town Town => the.Town;

    [Theory]
    [InlineData(
        "anss-eligibility",
        "education.school-enrolment.read",
        """[{"type":"data_exchange","agreement":"ANSS-MENPS-2026-01","purpose":"ASD_SCHOOLING"}]"""
    )]
    [InlineData("anss-inclusion", "employment.job-seeker-status.read", null)]
    public async Task A_client_that_is_in_order_sees_three_ticks_and_what_it_may_do(string client, string scope, string? details)
    {
        var outcome = (
            await Ctl.Run([
                .. the.As(client, "client", "check", "--scope", scope),
                .. details is null ? Array.Empty<string>() : ["--details", details],
            ])
        ).Ended(0);
        Assert.Equal(4, outcome.Out.Split('\n').Count(static line => line.StartsWith('✓')));
        Assert.Contains($"institution anss, système {client}", outcome.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fr")]
    [InlineData("ar")]
    [InlineData("en")]
    public async Task A_refused_token_is_explained_in_the_reader_s_language(string language)
    {
        var outcome = (
            await Ctl.Run(the.As("anss-inclusion", "client", "check", "--scope", "education.attendance-summary.read", "--lang", language))
        ).Ended(1);
        var reason = Reasons.Of("operation-not-covered", language);
        Assert.Contains(reason.What, outcome.Out, StringComparison.Ordinal);
        Assert.Contains(reason.Remedy, outcome.Out, StringComparison.Ordinal);
        Assert.Matches(
            language switch
            {
                "fr" => "identifiant de la requête\u00A0: 0",
                "ar" => "معرف الطلب: \u20680",
                _ => "request id: 0",
            },
            outcome.Out
        );
    }

    [Theory]
    [InlineData("fr")]
    [InlineData("ar")]
    [InlineData("en")]
    public async Task Who_names_no_operation_is_told_so_and_no_agreement_is_blamed(string language)
    {
        var outcome = (await Ctl.Run(the.As("anss-inclusion", "client", "check", "--lang", language))).Ended(1);
        var reason = Reasons.Of("scope-not-named", language);
        Assert.Contains(reason.What, outcome.Out, StringComparison.Ordinal);
        Assert.Contains("--scope", outcome.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(Reasons.Of("operation-not-covered", language).What, outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_that_are_away_unknown_or_of_another_authority_are_told_apart()
    {
        using var folder = new TemporaryFolder();
        async Task<string[]> Codes(string issuer, string ca) =>
            (
                await Ctl.Run(
                    "client",
                    "check",
                    "--json",
                    "--issuer",
                    issuer,
                    "--ca",
                    ca,
                    "--client",
                    "anss-inclusion",
                    "--certificate",
                    Town.Pki.Client("anss-inclusion").Certificate,
                    "--certificate-key",
                    Town.Pki.Client("anss-inclusion").Key
                )
            )
                .Ended(1)
                .Codes;
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        Assert.Equal(["net-refused"], await Codes($"https://localhost:{port}", the.Ca));
        Assert.Equal(["net-server-certificate"], await Codes(Town.File.Issuer, the.Partners));
        Assert.Equal(["metadata-missing"], await Codes(Town.File.Issuer + "/elsewhere", the.Ca));
    }

    [Fact]
    public async Task A_certificate_that_the_handshake_refuses_is_said_to_be_refused_there()
    {
        using var folder = new TemporaryFolder();
        using var expired = Town.Wrong.Expired("anss-inclusion");
        var certificate = folder.Write("c.pem", expired.ExportCertificatePem());
        var key = folder.Write(
            "c.key",
            System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(expired)!.ExportPkcs8PrivateKeyPem()
        );
        var outcome = await Ctl.Run(
            "client",
            "check",
            "--json",
            "--issuer",
            Town.File.Issuer,
            "--ca",
            the.Ca,
            "--client",
            "anss-inclusion",
            "--certificate",
            certificate,
            "--certificate-key",
            key
        );
        Assert.Equal(["net-reset"], outcome.Ended(1).Codes);
    }

    [Fact]
    public async Task The_partner_has_its_own_refusal_explained_and_an_officer_finds_the_record()
    {
        // As a program that goes wrong: the audience is not the issuer.
        var right = Town.File.Clients.First(static client => client.Id == "anss-eligibility");
        var partner = new Partner(Town.File with { Issuer = "https://elsewhere.test" }, right);
        using var response = await partner.RequestToken();
        partner.Dispose();
        var id = Assert.Single(response.Headers.GetValues("Request-Id"));
        Assert.DoesNotContain("audience", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var told = (await Ctl.Run(the.As("anss-eligibility", "explain", id, "--json"))).Ended(0);
        Assert.Equal("assertion-audience", (string?)told.Json["record"]!["code"]);
        Assert.Equal(["explanation-unknown"], (await Ctl.Run(the.As("anss-batch", "explain", id, "--json"))).Ended(1).Codes);
        using var folder = new TemporaryFolder();
        await using var socket = Ledger.Local.LedgerSocketServer.Listen(
            Town.Ledger,
            folder.At("s"),
            [new Ledger.Local.LocalPeer(Ledger.Posix.UserId, ["officer.*"])]
        );
        string[] log =
        [
            "--ledger",
            Town.LedgerFolder,
            "--vkey",
            Town.File.Ledger.Vkey,
            "--ledger-socket",
            folder.At("s"),
            .. await TheOfficer.In(folder),
        ];
        var officerSaw = await TheTown.Until(0, ["explain", id, .. log, "--lang", "ar"]);
        Assert.Contains("الرمز: \u2068assertion-audience\u2069", officerSaw.Out, StringComparison.Ordinal);
        Assert.Contains(Reasons.Of("assertion-audience", "ar").Remedy, officerSaw.Out, StringComparison.Ordinal);
        Assert.Contains(
            "There is no record",
            (await Ctl.English(["explain", "01ARZ3NDEKTSV4RRFFQ69G5FAV", .. log])).Ended(1).Error,
            StringComparison.Ordinal
        );
        (await Ctl.Run("explain", "not-an-id", "--ledger", Town.LedgerFolder)).Ended(2);
    }

    [Fact]
    public async Task An_assertion_of_the_sandbox_is_judged_against_its_registration()
    {
        using var folder = new TemporaryFolder();
        var right = Town.File.Clients.First(static client => client.Id == "anss-eligibility");
        using var partner = new Partner(Town.File, right);
        var file = folder.Write("assertion.jwt", partner.Assertion() + "\n");
        string[] check =
        [
            "client",
            "check",
            "--assertion",
            file,
            "--client",
            "anss-eligibility",
            "--contracts",
            the.Contracts,
            "--json",
            "--issuer",
        ];
        (await Ctl.Run([.. check, Town.File.Issuer])).Ended(0);
        Assert.Equal(["assertion-audience"], (await Ctl.Run([.. check, Town.File.Issuer + "/"])).Ended(1).Codes);
        Assert.Equal(["assertion-expired"], (await Ctl.Run([.. check, Town.File.Issuer, "--at", "2099-01-01T00:00:00Z"])).Ended(1).Codes);
    }

    [Fact]
    public async Task The_ring_of_the_town_is_turned_beside_it()
    {
        string[] place =
        [
            "--ring",
            Town.State.At("authority", "keys"),
            "--passphrase-file",
            Town.State.At("keys", "authority-passphrase.key"),
            "--json",
        ];
        var kid = (string)(await Ctl.Run(["keys", "rotate", "--by", "op-1", .. place])).Ended(0).Json["kid"]!;
        using var http = Town.ClientWith(certificate: null);
        for (var i = 0; ; i++)
        {
            var jwks = await http.GetStringAsync(new Uri(Town.File.Issuer + "/.well-known/jwks.json"));
            if (jwks.Contains(kid, StringComparison.Ordinal))
                break;
            Assert.True(i < 200, "the authority does not see the rotation");
            await Task.Delay(50);
        }
        (await Ctl.Run(the.As("anss-inclusion", "client", "check", "--scope", "employment.job-seeker-status.read"))).Ended(0);
    }
}
