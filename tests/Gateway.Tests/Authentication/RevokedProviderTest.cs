using System.Net;
using System.Security.Cryptography.X509Certificates;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Persons;
using Sandbox.Pki;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Transport;
using Xunit;

namespace Gateway.Tests.Authentication;

/// <summary>The certificate that a provider shows may be revoked, or stopped by operators, like that of a client.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class RevokedProviderTest
{
    private const string Provider = "menps";

    [Fact]
    public async Task A_provider_whose_certificate_is_revoked_is_not_asked()
    {
        await using var town = await Start(RevocationFailure.Hard, isThere: true);
        using var shown = Certificate(town);
        RevokedCertificateTest.Publish(town.Pki.AuthorityFile(DevelopmentPki.Providers), number: 2, shown);
        await Soon.Holds(() => Task.FromResult(Remembers(town, number: 2)), "the list is in force, and remembered");
        var reply = await Asked(town);
        Assert.Equal("UNAVAILABLE", reply.MatchStatus);
        Assert.Contains("\"sourcesUnavailable\":[\"MENPS-MASSAR\"]", reply.Text, StringComparison.Ordinal);
        RevokedCertificateTest.Publish(town.Pki.AuthorityFile(DevelopmentPki.Providers), number: 3);
        await Soon.Holds(async () => (await Asked(town)).MatchStatus == "MATCHED", "it is asked again");
    }

    [Theory, Provokes("provider-unavailable")]
    [InlineData(RevocationFailure.Hard)]
    [InlineData(RevocationFailure.Soft)]
    public async Task Without_a_list_an_authority_whose_silence_stops_has_no_provider(RevocationFailure fail)
    {
        await using var town = await Start(fail, isThere: false);
        var reply = await Asked(town);
        Assert.Equal(fail == RevocationFailure.Hard, reply.Code == "provider-unavailable");
        Assert.Equal(fail == RevocationFailure.Soft, reply.Status == HttpStatusCode.OK);
        Assert.Contains("providerRevocation\":\"providers: no list in date", await Page(town), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_operators_stop_is_refused_without_any_list()
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100 });
        using var shown = Certificate(town);
        await StatusTest.StatusOf(town).Suspend(StoppedKind.Certificate, PresentedCertificate.From(shown).X5tS256, "key-leak");
        await Task.Delay(1500); // what is decided holds at every node within a second
        var reply = await Asked(town);
        Assert.Equal("UNAVAILABLE", reply.MatchStatus);
        Assert.Contains("\"sourcesUnavailable\":[\"MENPS-MASSAR\"]", reply.Text, StringComparison.Ordinal);
    }

    private static Task<Reply> Asked(Town town) => town.Enrolment(Fixtures.PlainChild);

    private static Task<Town> Start(RevocationFailure fail, bool isThere) =>
        Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                ConfigureGateway = gateway =>
                {
                    var authority = gateway.ProviderAuthorities[DevelopmentPki.Providers];
                    if (isThere)
                        RevokedCertificateTest.Publish(authority, number: 1);
                    gateway.ProviderRevocation[DevelopmentPki.Providers] = new()
                    {
                        Files = [Path.ChangeExtension(authority, ".crl")],
                        Fail = fail,
                    };
                },
            }
        );

    private static X509Certificate2 Certificate(Town town) =>
        X509Certificate2.CreateFromPem(File.ReadAllText(town.State.At("pki", "providers", Provider + ".pem")));

    private static bool Remembers(Town town, int number) =>
        File.Exists(town.State.At("revocation-book.json"))
        && File.ReadAllText(town.State.At("revocation-book.json")).Contains($"\"number\": \"{number}\"", StringComparison.Ordinal);

    private static async Task<string> Page(Town town)
    {
        using var plain = new HttpClient();
        using var page = await plain.GetAsync(new Uri(town.File.Metrics.Replace("/metrics", "/health/ready", StringComparison.Ordinal)));
        return await page.Content.ReadAsStringAsync();
    }
}
