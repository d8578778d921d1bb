using System.Net;
using System.Text.Json.Nodes;
using Authority.Tests.Support;

namespace Authority.Tests;

/// <summary>Every grant and refusal is sealed before its answer leaves; without the ledger nothing leaves (TH-27, TH-30).</summary>
[Trait("Tier", "Whole")]
public sealed class SealingTests(TheAuthority authority) : IClassFixture<TheAuthority>
{
    [Fact]
    public async Task A_grant_is_sealed_with_what_the_token_says_and_nothing_secret()
    {
        var answer = await authority.Ask(authority.Form(authority.Assertion()));
        var claims = Jws.Payload(answer.Token);
        var record = Assert.Single(authority.Ledger.Records, record => (string?)record["jti"] == (string?)claims["jti"]);
        Assert.Equal(
            ["v", "ev", "id", "ts", "org", "cli", "x5t", "jti", "purp", "agr", "kid", "exp"],
            record.AsObject().Select(static member => member.Key)
        );
        Assert.Equal(
            ("token", "anss", TheAuthority.Eligibility, "ASD_SCHOOLING", "ANSS-MENPS-2026-01@3"),
            ((string)record["ev"]!, (string)record["org"]!, (string)record["cli"]!, (string)record["purp"]!, (string)record["agr"]!)
        );
        Assert.Equal((string?)claims["cnf"]!["x5t#S256"], (string?)record["x5t"]);
        Assert.DoesNotContain(answer.Token, record.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_sealed_with_its_exact_reason_which_a_stranger_is_not_told()
    {
        await authority.Ask(authority.Form(authority.Assertion(claims: static claims => claims.Remove("jti"))));
        var stranger = Assert.Single(authority.Ledger.Records, static record => (string?)record["code"] == "assertion-no-id");
        Assert.Equal(["v", "ev", "id", "ts", "code", "st"], stranger.AsObject().Select(static member => member.Key));
        await authority.Ask(authority.Form(authority.Assertion(), ("scope", "education.attendance-summary.read")));
        var known = Assert.Single(authority.Ledger.Records, static record => (string?)record["code"] == "operation-not-covered");
        Assert.Equal(
            ("token.deny", TheAuthority.Eligibility, "PER-01", 400),
            ((string)known["ev"]!, (string)known["cli"]!, (string)known["rule"]!, (int)known["st"]!)
        );
    }

    [Fact]
    public async Task TH_30_A_flood_of_equal_refusals_becomes_a_few_records_that_count_them_all()
    {
        const int calls = 120;
        await using var flooded = await TheAuthority.Begin(); // the others read records of refusals that were sealed one by one
        var http = flooded.HttpOf(TheAuthority.Eligibility);
        await Task.WhenAll(Enumerable.Range(0, calls).Select(_ => flooded.Ask(flooded.Form("x.y.z"), http)));
        JsonNode[] Sealed() => [.. flooded.Ledger.Records.Where(static record => (string?)record["code"] == "assertion-not-compact")];
        int Counted() => Sealed().Sum(static record => (int?)record["n"] ?? 1);
        for (var i = 0; i < 500 && Counted() < calls; i++)
            await Task.Delay(20);
        Assert.Equal(calls, Counted());
        Assert.InRange(Sealed().Length, 1, calls / 2);
    }

    [Fact]
    public async Task TH_30_A_refused_handshake_is_counted_in_the_ledger_with_its_reason()
    {
        var expired = authority.Pki.Leaf(
            notBefore: new DateTimeOffset(2024, 2, 1, 0, 0, 0, TimeSpan.Zero),
            notAfter: new DateTimeOffset(2024, 3, 1, 0, 0, 0, TimeSpan.Zero)
        );
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => authority.Ask(authority.Form("a.b.c"), authority.Http(expired)));
        bool Sealed() => authority.Ledger.Records.Any(static record => (string?)record["code"] == "tls-expired");
        for (var i = 0; i < 500 && !Sealed(); i++)
            await Task.Delay(20);
        Assert.True(Sealed());
    }

    [Fact]
    public async Task TH_27_Without_the_ledger_there_is_no_token_and_no_assertion_is_spent_for_want_of_a_seat()
    {
        var assertion = authority.Assertion();
        authority.Ledger.IsFull = true;
        var full = await authority.Ask(authority.Form(assertion));
        authority.Ledger.IsFull = false;
        Assert.StartsWith(
            "ledger-unavailable AUD-01",
            full.Refused(HttpStatusCode.ServiceUnavailable, "temporarily_unavailable").Description,
            StringComparison.Ordinal
        );
        Assert.NotNull(full.Response.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await authority.Ask(authority.Form(assertion))).Status);
        authority.Ledger.IsBroken = true;
        var broken = await authority.Ask(authority.Form(authority.Assertion()));
        var refused = await authority.Ask(authority.Form(authority.Assertion(), ("scope", "dossiers.declaration.batch")));
        authority.Ledger.IsBroken = false;
        broken.Refused(HttpStatusCode.ServiceUnavailable, "temporarily_unavailable");
        refused.Refused(HttpStatusCode.ServiceUnavailable, "temporarily_unavailable");
    }

    [Fact]
    public async Task OA_24_TH_07_Of_48_copies_of_one_assertion_exactly_one_is_taken_in_each_of_400_rounds_and_none_after_a_restart()
    {
        await using var own = await TheAuthority.Begin();
        var assertions = new List<string>();
        var http = own.Http(own.Certificate(TheAuthority.Eligibility), HttpVersion.Version20);
        for (var round = 0; round < 400; round++)
        {
            var assertion = own.Assertion();
            assertions.Add(assertion);
            var answers = await Task.WhenAll(Enumerable.Range(0, 48).Select(_ => own.Ask(own.Form(assertion), http)));
            Assert.Single(answers, static answer => answer.Status == HttpStatusCode.OK);
        }
        await own.Start();
        foreach (var assertion in assertions.TakeLast(20))
            (await own.Ask(own.Form(assertion, ("resource", TheAuthority.Gateway)))).Refused(HttpStatusCode.Unauthorized, "invalid_client");
    }

    [Fact]
    public async Task A_client_over_its_tokens_a_minute_gets_429_and_the_others_do_not()
    {
        const string office = "anss-office-06181-01";
        var http = authority.HttpOf(office);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 75; i++)
            answers.Add((await authority.Ask(authority.Form(authority.Assertion(office), ("authorization_details", null)), http)).Status);
        Assert.InRange(answers.Count(static status => status == HttpStatusCode.OK), 55, 74);
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
        Assert.Equal(HttpStatusCode.OK, (await authority.Ask(authority.Form(authority.Assertion()))).Status);
    }
}
