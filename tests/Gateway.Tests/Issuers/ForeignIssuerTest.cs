using System.Net;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Issuers;

/// <summary>Tokens of an institution's own authorization server meet the same rules (authority page, section 13.1).</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class ForeignIssuerTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_of_a_trusted_issuer_is_taken_whichever_discovery_it_speaks(bool openId)
    {
        await using var town = await PartnerTown.Start();
        town.Issuer.SpeaksOpenId = openId;
        var reply = await town.Question(town.Issuer.Token(town.Claims()));
        Assert.Equal("MATCHED", reply.MatchStatus);
        var record = await reply.Record();
        Assert.Equal(PartnerTown.Speaker, record.GetProperty("cli").GetString());
        // Agreement and purpose followed from the scope: nobody else's right would have covered it.
        Assert.Equal("ASD_BACK_TO_SCHOOL", record.GetProperty("purp").GetString());
        // Our own authority's tokens go on being taken.
        Assert.Equal("MATCHED", (await town.Question(await town.Town.TokenFor(PartnerTown.Speaker), PartnerTown.Speaker)).MatchStatus);
    }

    [Fact, Provokes("token-not-accepted", "token-expired", "proof-not-accepted")]
    public async Task OA_50_Each_single_change_makes_the_token_worthless()
    {
        await using var town = await PartnerTown.Start();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal("MATCHED", (await town.Question(town.Issuer.Token(town.Claims()))).MatchStatus);
        Assert.Equal("token-not-accepted", (await town.Changed(static claims => claims["aud"] = "https://other.example")).Code);
        Assert.Equal("token-not-accepted", (await town.Changed(static claims => claims["client_id"] = "unmapped")).Code);
        Assert.Equal("token-not-accepted", (await town.Changed(static claims => claims["client_id"] = PartnerTown.Speaker)).Code);
        Assert.Equal("token-not-accepted", (await town.Changed(static claims => claims.Remove("client_id"))).Code);
        Assert.Equal("token-not-accepted", (await town.Changed(claims => claims["exp"] = now + 700)).Code);
        Assert.Equal("token-expired", (await town.Changed(claims => (claims["iat"], claims["exp"]) = (now - 400, now - 100))).Code);
        Assert.Equal("token-not-accepted", (await town.Changed(claims => claims["iat"] = now + 200)).Code);
        Assert.Equal("token-not-accepted", (await town.Changed(static claims => claims["iss"] = claims["iss"] + "/")).Code);
        Assert.Equal("token-not-accepted", (await town.Changed(claims => claims["iss"] = town.Town.File.Issuer)).Code);
        Assert.Equal("token-not-accepted", (await town.Changed(static claims => claims.Remove("cnf"))).Code);
        Assert.Equal(
            "proof-not-accepted",
            (await town.Changed(claims => claims["cnf"] = town.Claims("81aa-ext", PartnerTown.Ambiguous)["cnf"]!.DeepClone())).Code
        );
        Assert.Equal("token-not-accepted", (await town.Question(town.Issuer.Token(town.Claims(), type: "JWT"))).Code);
        Assert.Equal("token-not-accepted", (await town.Question(town.Issuer.Token(town.Claims(), kid: "unknown"))).Code);
        // Bound to the right certificate, mapped to another system: that certificate is not this system's.
        Assert.Equal("certificate-not-accepted", (await town.Changed(static claims => claims["client_id"] = "81aa-ext")).Code);
    }

    [Fact, Provokes("purpose-not-covered")]
    public async Task Where_several_purposes_would_do_the_choices_are_named()
    {
        await using var town = await PartnerTown.Start();
        var reply = await town.Question(town.Issuer.Token(town.Claims("81aa-ext", PartnerTown.Ambiguous)), PartnerTown.Ambiguous);
        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Equal("purpose-not-covered", reply.Code);
        Assert.Equal("AGR-06", reply.Json.GetProperty("rule").GetString());
        var choices = reply
            .Json.GetProperty("choices")
            .EnumerateArray()
            .Select(static choice => choice.GetProperty("purpose").GetString())
            .ToArray();
        Assert.Equal(["ASD_BACK_TO_SCHOOL", "ASD_SCHOOLING"], choices.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        // The token may say which: then it is taken, and what it says is enforced like our own.
        var agreement = town
            .Town.Law.Current.Agreements.Values.First(static one => one.Id.StartsWith("ANSS-MENPS-2026", StringComparison.Ordinal))
            .Reference;
        var named = town.Claims("81aa-ext", PartnerTown.Ambiguous);
        named["authorization_details"] = System.Text.Json.Nodes.JsonNode.Parse(
            $$"""[{"type":"data_exchange","agreement":"{{agreement}}","purpose":"ASD_SCHOOLING","operations":["education.school-enrolment.read"]}]"""
        );
        Assert.Equal("MATCHED", (await town.Question(town.Issuer.Token(named), PartnerTown.Ambiguous)).MatchStatus);
    }

    [Fact, Provokes("operation-not-covered")]
    public async Task A_scope_that_no_agreement_opens_to_the_client_is_refused()
    {
        await using var town = await PartnerTown.Start();
        Assert.Equal(
            "operation-not-covered",
            (await town.Changed(static claims => claims["scope"] = "employment.job-seeker-status.read")).Code
        );
        Assert.Equal("operation-not-covered", (await town.Changed(static claims => claims.Remove("scope"))).Code);
    }

    [Fact, Provokes("token-not-accepted")]
    public async Task A_suspended_issuer_and_one_that_was_taken_off_the_list_are_refused_though_the_token_was_taken_before()
    {
        await using var town = await PartnerTown.Start();
        var token = town.Issuer.Token(town.Claims());
        Assert.Equal("MATCHED", (await town.Question(token)).MatchStatus);
        var status = StatusTest.StatusOf(town.Town);
        await status.Suspend(StoppedKind.Issuer, town.Issuer.Url, "test");
        await Soon.Holds(async () => (await town.Question(token)).Code == "token-not-accepted", "the suspended issuer is refused");
        await status.Lift(StoppedKind.Issuer, town.Issuer.Url);
        await Soon.Holds(async () => (await town.Question(token)).MatchStatus == "MATCHED", "the issuer is taken again");
        var text = await File.ReadAllTextAsync(town.InstitutionFile);
        await File.WriteAllTextAsync(town.InstitutionFile, text.Replace("\"7f3c-ext\": anss-payments, ", "", StringComparison.Ordinal));
        await Soon.Holds(
            async () => (await town.Question(token)).Code == "token-not-accepted",
            "the client that is mapped no longer is refused"
        );
        await File.WriteAllTextAsync(town.InstitutionFile, text);
        await Soon.Holds(async () => (await town.Question(token)).MatchStatus == "MATCHED", "the client is mapped again");
        await File.WriteAllTextAsync(town.InstitutionFile, text[..text.IndexOf("issuer:", StringComparison.Ordinal)]);
        await Soon.Holds(
            async () => (await town.Question(token)).Code == "token-not-accepted",
            "the issuer that is listed no longer is refused"
        );
    }

    [Fact, Provokes("token-not-accepted")]
    public async Task The_terms_of_the_file_hold()
    {
        await using var town = await PartnerTown.Start(terms: "\n  algorithms: [PS256]\n  maxLifetimeSeconds: 60\n  clientClaim: azp");
        Assert.Equal("token-not-accepted", (await town.Question(town.Issuer.Token(town.Claims()))).Code);
        var text = await File.ReadAllTextAsync(town.InstitutionFile);
        await File.WriteAllTextAsync(
            town.InstitutionFile,
            text.Replace("algorithms: [PS256]", "algorithms: [ES256]", StringComparison.Ordinal)
        );
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await Soon.Holds(
            async () =>
                (await town.Changed(claims => (claims["azp"], claims["exp"], claims["iat"]) = ("7f3c-ext", now + 60, now))).MatchStatus
                == "MATCHED",
            "the algorithm is taken"
        );
        Assert.Equal(
            "token-not-accepted",
            (await town.Changed(claims => (claims["azp"], claims["exp"], claims["iat"]) = ("7f3c-ext", now + 61, now))).Code
        );
        Assert.Equal("token-not-accepted", (await town.Changed(claims => (claims["exp"], claims["iat"]) = (now + 60, now))).Code);
    }
}
