using System.Net;
using System.Security.Cryptography;
using Authority.Tests.Support;

namespace Authority.Tests;

/// <summary>What strangers do is charged to their source and never to the client that they name, under the figures as shipped.</summary>
[Trait("Needs", "Inside")]
[Trait("Tier", "Whole")]
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
        for (var i = 0; i < 80; i++)
            await Forged(Office, http);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Forged(Office, http)).Status);
        var own = _authority.HttpOf(Office);
        for (var i = 0; i < 40; i++)
            Assert.Equal(HttpStatusCode.OK, (await Token(_authority.Assertion(Office), own)).Status);
        Assert.Equal(HttpStatusCode.OK, (await _authority.Ask(_authority.Form(_authority.Assertion()))).Status);
    }

    [Fact]
    public async Task A_used_assertion_in_foreign_hands_takes_nothing_from_its_client()
    {
        var own = _authority.HttpOf(Office);
        var stolen = _authority.Assertion(Office);
        Assert.Equal(HttpStatusCode.OK, (await Token(stolen, own)).Status);
        var thief = _authority.Http(certificate: null);
        for (var i = 0; i < 80; i++)
            Assert.NotEqual(HttpStatusCode.OK, (await Token(stolen, thief)).Status);
        for (var i = 0; i < 40; i++)
            Assert.Equal(HttpStatusCode.OK, (await Token(_authority.Assertion(Office), own)).Status);
    }

    [Fact]
    public async Task A_stolen_key_from_outside_of_its_networks_takes_nothing_from_its_client()
    {
        const string elsewhere = "    sourceNetworks: [10.1.0.0/16]\n",
            office = "    office: TER-06181-01\n";
        _authority.Contracts.Edit("institutions/anss.yaml", static text => text, office, elsewhere + office);
        await _authority.Reloaded();
        var http = _authority.HttpOf(Office);
        for (var i = 0; i < 80; i++)
            Assert.NotEqual(HttpStatusCode.OK, (await Token(_authority.Assertion(Office), http)).Status);
        _authority.Contracts.Edit("institutions/anss.yaml", static text => text, elsewhere, "");
        await _authority.Reloaded();
        for (var i = 0; i < 40; i++)
            Assert.Equal(HttpStatusCode.OK, (await Token(_authority.Assertion(Office), http)).Status);
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

    private static string Told(TokenAnswer answer) =>
        string.Join(
            '\n',
            answer
                .Response.Headers.Concat(answer.Response.Content.Headers)
                .Where(static header => header.Key is not ("Date" or "Request-Id"))
                .Select(static header => $"{header.Key}: {string.Join(',', header.Value)}")
                .Order(StringComparer.Ordinal)
                .Prepend($"{(int)answer.Status}")
                .Append(answer.Body.ToJsonString())
        );

    private Task<TokenAnswer> Token(string assertion, HttpClient http) =>
        _authority.Ask(_authority.Form(assertion, ("authorization_details", null)), http);

    private static Task<TokenAnswer> Certified(string name, HttpClient http, string path, (string Name, string Value) also) =>
        TokenAnswer.Post(http, path, new(StringComparer.Ordinal) { ["client_id"] = name, [also.Name] = also.Value });

    private Task<TokenAnswer> Forged(string name, HttpClient http, Action<System.Text.Json.Nodes.JsonObject>? header = null) =>
        _authority.Ask(_authority.Form(_authority.Assertion(name, header: header, key: _foreign)), http);
}
