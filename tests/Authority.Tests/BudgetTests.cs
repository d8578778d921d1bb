using System.Net;
using System.Security.Cryptography;
using Authority.Tests.Support;

namespace Authority.Tests;

/// <summary>What strangers do is charged to their source and never to the client that they name, under the figures as shipped.</summary>
[Trait("Needs", "Inside")]
public sealed class BudgetTests : IAsyncLifetime
{
    private const string Office = "anss-office-06181-01"; // 60 tokens a minute
    private const string Nobody = "anss-office-99999-99";
    private readonly TheAuthority _authority = new()
    {
        Configure = static options => options.FailuresPerMinute = new AuthoritySettings().FailuresPerMinute,
    };
    private readonly ECDsa _foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public ValueTask InitializeAsync() => _authority.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _authority.DisposeAsync();
        _foreign.Dispose();
    }

    [Fact]
    public async Task Forged_assertions_take_nothing_from_the_client_that_they_name_nor_from_its_neighbours_behind_the_same_address()
    {
        var http = _authority.Http(certificate: null);
        for (var i = 0; i < 80; i++) await Forged(Office, http);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Forged(Office, http)).Status);
        var own = _authority.HttpOf(Office);
        for (var i = 0; i < 40; i++) Assert.Equal(HttpStatusCode.OK, (await Token(_authority.Assertion(Office), own)).Status);
        Assert.Equal(HttpStatusCode.OK, (await _authority.Ask(_authority.Form(_authority.Assertion()))).Status);
    }

    [Fact]
    public async Task A_used_assertion_in_foreign_hands_takes_nothing_from_its_client()
    {
        var own = _authority.HttpOf(Office);
        var stolen = _authority.Assertion(Office);
        Assert.Equal(HttpStatusCode.OK, (await Token(stolen, own)).Status);
        var thief = _authority.Http(certificate: null);
        for (var i = 0; i < 80; i++) Assert.NotEqual(HttpStatusCode.OK, (await Token(stolen, thief)).Status);
        for (var i = 0; i < 40; i++) Assert.Equal(HttpStatusCode.OK, (await Token(_authority.Assertion(Office), own)).Status);
    }

    [Fact]
    public async Task Nothing_in_an_answer_tells_whether_a_name_is_registered()
    {
        var (open, mutual) = (_authority.Http(certificate: null), _authority.HttpOf(TheAuthority.Eligibility));
        var told = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal) { [Office] = [], [Nobody] = [] };
        var any = ("request_id", "01ARZ3NDEKTSV4RRFFQ69G5FAV");
        for (var i = 0; i < 70; i++)
        {
            foreach (var (name, answers) in told)
            {
                answers.Add("assertion: " + Told(await Forged(name, open)));
                answers.Add("assertion with a key id: " + Told(await Forged(name, open, static header => header["kid"] = "any")));
                answers.Add("certificate: " + Told(await Certified(name, mutual, "/connect/token", ("grant_type", "client_credentials"))));
                answers.Add("explanation: " + Told(await Certified(name, mutual, "/connect/explain", any)));
            }
        }

        Assert.True(told[Office].SetEquals(told[Nobody]), string.Join('\n', told[Office].Except(told[Nobody])));
        Assert.Equal(8, told[Office].Count); // each way before and after the source had failed too often
    }

    [Fact]
    public async Task Refusals_share_an_id_with_those_that_are_told_alike_and_not_with_those_of_the_same_reason()
    {
        var http = _authority.Http(certificate: null, HttpVersion.Version20);
        async Task<(bool IsKnown, TokenAnswer Answer)> Asked(int i) => (i % 2 == 0, await Forged(i % 2 == 0 ? Office : Nobody, http));
        for (var round = 0; round < 20; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(Asked));
            var shared = answers.GroupBy(static one => IdOf(one.Answer), StringComparer.Ordinal);
            if (shared.Any(static group => group.Select(static one => one.IsKnown).Distinct().Count() == 2)) return;
        }

        Assert.Fail("a registered name and an unknown one never shared an id");
    }

    [Fact]
    public async Task A_flood_that_names_a_client_does_not_push_out_what_it_may_have_explained()
    {
        var own = _authority.HttpOf(TheAuthority.Eligibility);
        var refused = await _authority.Ask(_authority.Form(_authority.Assertion(), ("scope", "education.attendance-summary.read")), own);
        var http = _authority.Http(certificate: null, HttpVersion.Version20);
        for (var i = 0; i < 10; i++) await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Forged(TheAuthority.Eligibility, http)));
        var told = await TokenAnswer.Post(own, "/connect/explain", new(StringComparer.Ordinal)
        {
            ["request_id"] = IdOf(refused),
            ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ["client_assertion"] = _authority.Assertion(),
        });
        Assert.Equal("operation-not-covered", (string?)told.Body["code"]);
    }

    private static string IdOf(TokenAnswer refused) => Assert.Single(refused.Response.Headers.GetValues("Request-Id"));

    private static string Told(TokenAnswer answer) => string.Join('\n', answer.Response.Headers.Concat(answer.Response.Content.Headers)
        .Where(static header => header.Key is not ("Date" or "Request-Id"))
        .Select(static header => $"{header.Key}: {string.Join(',', header.Value)}").Order(StringComparer.Ordinal)
        .Prepend($"{(int)answer.Status}").Append(answer.Body.ToJsonString()));

    private Task<TokenAnswer> Token(string assertion, HttpClient http) =>
        _authority.Ask(_authority.Form(assertion, ("authorization_details", null)), http);

    private static Task<TokenAnswer> Certified(string name, HttpClient http, string path, (string Name, string Value) also) =>
        TokenAnswer.Post(http, path, new(StringComparer.Ordinal) { ["client_id"] = name, [also.Name] = also.Value });

    private Task<TokenAnswer> Forged(string name, HttpClient http, Action<System.Text.Json.Nodes.JsonObject>? header = null) =>
        _authority.Ask(_authority.Form(_authority.Assertion(name, header: header, key: _foreign)), http);
}
