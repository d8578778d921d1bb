using System.Net;
using System.Text.Json.Nodes;
using Authority.Tests.Support;
using Tokens.Transport;

namespace Authority.Tests;

/// <summary>A refusal tells a stranger little and its own client, afterwards, everything; its record is found by the same id.</summary>
[Trait("Tier", "Whole")]
public sealed class ExplanationTests(TheAuthority authority) : IClassFixture<TheAuthority>
{
    private Task<TokenAnswer> Explain(string id, string client = TheAuthority.Eligibility) => authority.Explain(id, client);

    private static string IdOf(TokenAnswer refused) => refused.RequestId;

    private Task<JsonNode> Record(string id) => authority.RecordOf(id);

    [Fact]
    public async Task The_client_whose_assertion_was_refused_learns_the_exact_reason_that_the_answer_did_not_tell()
    {
        var refused = await authority.Ask(
            authority.Form(authority.Assertion(claims: static claims => claims["aud"] = "https://elsewhere.test"))
        );
        Assert.Equal("client authentication failed", refused.Refused(HttpStatusCode.Unauthorized, "invalid_client").Description);
        var id = IdOf(refused);
        Assert.Equal("assertion-audience", (string?)(await Record(id))["code"]);
        var told = await Explain(id);
        Assert.Equal(
            (HttpStatusCode.OK, "assertion-audience", 401, "invalid_client"),
            (told.Status, (string)told.Body["code"]!, (int)told.Body["status"]!, (string)told.Body["error"]!)
        );
        Assert.True(told.Response.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task A_refusal_by_policy_is_explained_with_its_rule()
    {
        var id = IdOf(await authority.Ask(authority.Form(authority.Assertion(), ("scope", "education.attendance-summary.read"))));
        var told = await Explain(id);
        Assert.Equal(("operation-not-covered", "PER-01"), ((string)told.Body["code"]!, (string)told.Body["rule"]!));
    }

    [Fact]
    public async Task Another_client_s_an_unknown_and_an_old_id_are_answered_alike()
    {
        var id = IdOf(await authority.Ask(authority.Form(authority.Assertion(claims: static claims => claims.Remove("exp")))));
        var foreign = await Explain(id, TheAuthority.Batch);
        var unknown = await Explain("01ARZ3NDEKTSV4RRFFQ69G5FAV");
        foreign.Refused(HttpStatusCode.NotFound, "invalid_request");
        Assert.Equal(unknown.Description, foreign.Description);
        await authority.Pass(authority.Clock.Ahead + TimeSpan.FromHours(25));
        Assert.Equal(unknown.Description, (await Explain(id)).Refused(HttpStatusCode.NotFound, "invalid_request").Description);
    }

    [Fact]
    public async Task A_stranger_s_refusal_is_told_to_nobody_and_a_stranger_is_told_nothing()
    {
        var stranger = IdOf(await authority.Ask(authority.Form(authority.Assertion("anss-nobody"))));
        Assert.Equal("client-unknown", (string?)(await Record(stranger))["code"]);
        (await Explain(stranger)).Refused(HttpStatusCode.NotFound, "invalid_request");
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["request_id"] = stranger };
        (await TokenAnswer.Post(authority.Http(certificate: null), "/connect/explain", form)).Refused(
            HttpStatusCode.BadRequest,
            "invalid_client"
        );
    }

    [Fact]
    public void What_strangers_say_of_a_client_pushes_out_neither_its_own_nor_what_others_say()
    {
        var explanations = new Explanations(authority.Clock);
        var (now, refusal) = (authority.Clock.GetUtcNow(), TokenRefusal.InvalidClient("assertion-signature"));
        static SourceAddress From(int address) => SourceAddress.Of(new IPAddress([192, 0, 2, (byte)address]));
        explanations.Keep("client", "own", refusal, now);
        explanations.KeepNamed("client", From(1), "its own mistake", refusal, now);
        for (var i = 0; i < 3 * Explanations.KeptEach; i++)
            explanations.KeepNamed("client", From(2 + (i % 3)), $"forged {i}", refusal, now);
        Assert.NotNull(explanations.Find("client", "own"));
        Assert.NotNull(explanations.Find("client", "its own mistake"));
        Assert.NotNull(explanations.Find("client", $"forged {(3 * Explanations.KeptEach) - 1}"));
        Assert.Null(explanations.Find("client", "forged 0"));
    }

    [Fact]
    public async Task What_the_wire_gate_refuses_is_sealed_too()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
        {
            Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json"),
        };
        var refused = await TokenAnswer.Send(authority.HttpOf(TheAuthority.Eligibility), request);
        var id = IdOf(refused.Refused(HttpStatusCode.BadRequest, "invalid_request"));
        Assert.Equal("media-type-unsupported", (string?)(await Record(id))["code"]);
    }

    [Fact]
    public async Task A_fault_after_the_grant_was_sealed_is_sealed_in_a_second_seat_and_told_as_one()
    {
        authority.Ledger.OnSealed = static record =>
        {
            if ((string?)record["ev"] == "token")
                throw new InvalidOperationException("on command");
        };
        var answer = await authority.Ask(authority.Form(authority.Assertion()));
        authority.Ledger.OnSealed = null;
        var id = IdOf(answer.Refused(HttpStatusCode.InternalServerError, "server_error"));
        Assert.Equal("internal-fault", (string?)(await Record(id))["code"]);
    }

    [Fact]
    public async Task A_fault_that_finds_no_second_seat_is_counted_into_the_next_record()
    {
        authority.Ledger.OnSealed = record =>
        {
            if ((string?)record["ev"] != "token")
                return;
            authority.Ledger.IsFull = true;
            throw new InvalidOperationException("on command");
        };
        var answer = await authority.Ask(authority.Form(authority.Assertion()));
        (authority.Ledger.OnSealed, authority.Ledger.IsFull) = (null, false);
        var id = IdOf(answer.Refused(HttpStatusCode.InternalServerError, "server_error"));
        Assert.Equal("internal-fault", (string?)(await Record(id))["code"]);
    }
}
