using System.Net;
using Gateway.Tests.Explanations;
using Gateway.Tests.Flow;
using Sandbox;
using Xunit;

namespace Gateway.Tests.Catalogue;

/// <summary>
/// A town in which two ministries have an agreement of their own: what of it the agency is told, and what a ministry is told of the
/// agency's.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class AnothersAgreementTest : IAsyncLifetime
{
    private const string List = "/catalogue/v1/agreements",
        Others = "MENPS-MESRI-2026-01",
        Agency = "anss-eligibility",
        Ministry = "menps-school-support",
        Read = "education.school-enrolment.read";
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 50,
                Witnesses = 0,
                EditContracts = HiddenRefusalsTest.AddPartner,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
            }
        );

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Fact]
    public async Task What_others_agreed_is_nothing_to_a_third_in_the_catalogue_and_in_a_dry_run()
    {
        var token = await _town.TokenFor(Agency, "ASD_SCHOOLING");
        var (others, nobodys) = (
            await Get(Agency, token, $"{List}/{Forge.Reference(_town, Others)}"),
            await Get(Agency, token, $"{List}/ANSS-NOBODY-2026-01@1")
        );
        Assert.Equal((HttpStatusCode.NotFound, "resource-unknown"), (others.Status, others.Code));
        Assert.Equal(Without(nobodys), Without(others));
        Assert.DoesNotContain(
            "MESRI-2026-01\"",
            (await Get(Agency, token, List)).Text.Replace("ANSS-MESRI-2026-01", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        var (dry, none) = (
            await DryRunTest.Explain(_town, Run(Others), token: token),
            await DryRunTest.Explain(_town, Run("ANSS-NOBODY-2026-01"), token: token)
        );
        Assert.Equal("agreement-unknown", dry.Json.GetProperty("findings")[0].GetProperty("code").GetString());
        Assert.Equal(none.Text, dry.Text);

        static object Run(string agreement) =>
            new
            {
                agreement,
                purpose = "ASD_SCHOOLING",
                operation = Read,
            };
        static string Without(Reply reply) =>
            reply.Text.Replace(reply.Json.GetProperty("instance").GetString()!, "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_is_told_what_it_may_ask_itself_and_not_what_is_left_of_its_partners_quotas()
    {
        var token = await _town.TokenFor(Ministry, "ASD_SCHOOLING", Others, Read);
        var told = (await Get(Ministry, token, List)).Json;
        var mine = _town
            .Law.Current.Agreements[Others]
            .Grants.SelectMany(static grant => grant.Operations)
            .Select(static operation => operation.Id)
            .Distinct()
            .Order(StringComparer.Ordinal);
        Assert.Equal(mine, told.GetProperty("operations").EnumerateArray().Select(static one => one.GetString()!));
        var grants = told.GetProperty("agreements")
            .EnumerateArray()
            .SelectMany(static agreement => agreement.GetProperty("grants").EnumerateArray())
            .ToList();
        Assert.Contains(grants, static grant => grant.GetProperty("consumer").GetString() == "anss");
        foreach (var grant in grants)
        {
            var hasFigures = grant.GetProperty("quotas").EnumerateObject().Any(static quota => quota.Value.TryGetProperty("used", out _));
            Assert.Equal(grant.GetProperty("consumer").GetString() == "menps", hasFigures);
        }
    }

    private async Task<Reply> Get(string client, string token, string path)
    {
        using var http = _town.ClientWith(_town.Pki.Client(client).Load());
        return await _town.Send(path, body: null, token, http, method: HttpMethod.Get);
    }
}
