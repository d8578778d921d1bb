using System.Net;
using System.Security.Cryptography;
using Authority.Tests.Support;

namespace Authority.Tests;

/// <summary>Refusals that come by the dozen share records. Each test counts at an authority of its own.</summary>
[Trait("Tier", "Whole")]
public sealed class RefusalFloodTests
{
    [Fact]
    public async Task A_flood_of_refusals_shares_ids_that_stand_in_the_ledger_and_can_be_explained()
    {
        await using var authority = await TheAuthority.Begin();
        string Assertion() => authority.Assertion(claims: static claims => claims["exp"] = 1_700_000_000);
        Task<TokenAnswer> Expired() => authority.Ask(authority.Form(Assertion()));
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Expired()));
        var ids = answers.Select(static answer => answer.RequestId).ToHashSet(StringComparer.Ordinal);
        Assert.InRange(ids.Count, 1, 40);
        var records = await Task.WhenAll(ids.Select(authority.RecordOf));
        Assert.Equal(60, records.Sum(static record => (int?)record["n"] ?? 1));
        foreach (var id in ids)
        {
            var explained = await authority.Explain(id, TheAuthority.Eligibility);
            Assert.Equal("assertion-expired", (string?)explained.Body["code"]);
        }
    }

    [Fact]
    public async Task Refusals_share_an_id_with_those_that_are_told_alike_and_not_only_with_those_of_the_same_reason()
    {
        await using var authority = await TheAuthority.Begin();
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var http = authority.Http(certificate: null, HttpVersion.Version20);
        async Task<(bool IsKnown, string Id)> Forged(bool isKnown)
        {
            var form = authority.Form(authority.Assertion(isKnown ? TheAuthority.Batch : "anss-nobody", key: foreign));
            return (isKnown, (await authority.Ask(form, http)).RequestId);
        }

        for (var round = 0; round < 20; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Forged(i % 2 == 0)));
            var groups = answers.GroupBy(static one => one.Id, static one => one.IsKnown, StringComparer.Ordinal);
            if (groups.Any(static group => group.Distinct().Count() == 2))
                return;
        }

        Assert.Fail("a registered name and an unknown one never shared an id");
    }
}
