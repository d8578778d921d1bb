using System.Net;
using System.Security.Cryptography.X509Certificates;
using Gateway.Diagnosis;
using Gateway.Problems;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Sandbox;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Diagnosis;

/// <summary>What is wrong with a certificate, told where the refusal can be read.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class DiagnoseTest(TownFixture fixture)
{
    private const string Client = "anss-eligibility";
    private readonly Town _town = fixture.Town;

    [Fact]
    public async Task Each_defect_is_named_that_the_data_listener_only_hangs_up_for()
    {
        Assert.Equal(["no-certificate"], Codes(await Ask(certificate: null)));
        foreach (
            var (certificate, expected) in new[]
            {
                (_town.Wrong.OfAnotherAuthority(Client), "untrusted-chain"),
                (_town.Wrong.Expired(Client), "expired"),
                (_town.Wrong.NotYetValid(Client), "not-yet-valid"),
                (_town.Wrong.WithoutUsage(Client), "wrong-usage"),
                (_town.Wrong.ForServers(Client), "wrong-usage"),
                (_town.Wrong.Unregistered(), "not-registered"),
            }
        )
        {
            var reply = await Ask(certificate);
            Assert.Equal([expected], Codes(reply));
            Assert.False(reply.Json.GetProperty("accepted").GetBoolean());
            Assert.Equal(
                Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo())),
                reply.Json.GetProperty("certificate").GetProperty("spkiSha256").GetString()
            );
            certificate.Dispose();
        }
    }

    [Theory]
    [InlineData("fr", "Le certificat est accepté")]
    [InlineData("ar", "الشهادة مقبولة")]
    [InlineData("en", "The certificate is accepted")]
    public async Task A_sound_certificate_is_told_so_with_its_client_in_the_callers_language(string language, string beginning)
    {
        using var certificate = Own();
        var reply = await Ask(certificate, language);
        Assert.True(reply.Json.GetProperty("accepted").GetBoolean());
        Assert.Equal(Client, reply.Json.GetProperty("client").GetString());
        Assert.StartsWith(beginning, reply.Json.GetProperty("findings")[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("anss-partners", reply.Json.GetProperty("certificate").GetProperty("authorities")[0].GetString());
    }

    [Fact]
    public async Task A_suspended_client_is_told_so()
    {
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 100 });
        await StatusTest.StatusOf(town).Suspend(StoppedKind.Client, Client, "test");
        using var own = X509Certificate2.CreateFromPemFile(
            town.File.Clients.First(static one => one.Id == Client).Certificate,
            town.File.Clients.First(static one => one.Id == Client).CertificateKey
        );
        await Soon.Holds(async () => Codes(await Ask(own, town: town)) is ["client-suspended"], "the suspension is told");
    }

    [Fact, Provokes("rate-exceeded", "route-unknown", "method-not-allowed")]
    public async Task It_answers_one_request_a_second_one_path_and_no_data()
    {
        using var client = _town.ClientWith(certificate: null);
        var page = new Uri(_town.File.Diagnose!);
        var replies = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => client.GetAsync(page)));
        Assert.Contains(replies, static reply =>
            reply.StatusCode == HttpStatusCode.TooManyRequests && reply.Headers.RetryAfter is not null
        );
        Assert.InRange(replies.Count(static reply => reply.StatusCode == HttpStatusCode.OK), 0, 3);
        await Soon.Holds(
            async () => (await client.GetAsync(new Uri(page, "/catalogue/v1/caller"))).StatusCode == HttpStatusCode.NotFound,
            "no other path is served"
        );
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsync(page, content: null)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync(new Uri(page + "?a=b"))).StatusCode);
    }

    [Fact]
    public void Every_finding_has_its_texts_in_every_language()
    {
        foreach (var language in Languages.All)
        {
            foreach (var code in Finding.All)
            {
                Assert.NotEmpty(FindingTexts.Of(code, language).Detail);
                Assert.NotEmpty(FindingTexts.Of(code, language).Remedy);
            }
        }
    }

    private X509Certificate2 Own()
    {
        var entry = _town.File.Clients.First(static one => one.Id == Client);
        return X509Certificate2.CreateFromPemFile(entry.Certificate, entry.CertificateKey);
    }

    private static string[] Codes(Reply reply) =>
        [.. reply.Json.GetProperty("findings").EnumerateArray().Select(static finding => finding.GetProperty("code").GetString()!)];

    // All tests come from one address: asked again until its second comes.
    private async Task<Reply> Ask(X509Certificate2? certificate, string language = "en", Town? town = null)
    {
        var where = town ?? _town;
        using var client = where.ClientWith(certificate);
        Reply reply = null!;
        await Soon.Holds(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(where.File.Diagnose!));
                request.Headers.AcceptLanguage.ParseAdd(language);
                reply = await Reply.Of(where, await client.SendAsync(request));
                return reply.Status != HttpStatusCode.TooManyRequests;
            },
            "the page answers"
        );
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Null(reply.Header("Audit-Receipt"));
        return reply;
    }
}
