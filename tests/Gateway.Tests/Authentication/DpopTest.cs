using System.Net;
using System.Security.Cryptography;
using Gateway.Tests.Flow;
using Sandbox;
using Tokens.Possession;
using Xunit;

namespace Gateway.Tests.Authentication;

/// <summary>DPoP at the gateway (authority page, sections 8 and 13): a token is worth nothing without a fresh proof of its key.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class DpopTest(TownFixture fixture) : IDisposable
{
    private readonly Town _town = fixture.Town;
    private readonly Prover _prover = new(fixture.Town);

    public void Dispose() => _prover.Dispose();

    [Fact]
    public async Task A_system_without_a_certificate_does_a_whole_exchange()
    {
        using var partner = new Partner(_town.File, _town.File.Clients.First(static client => client.Id == Prover.Client));
        var token = await partner.Token();
        for (var call = 0; call < 2; call++)
        {
            var reply = await Reply.Of(
                _town,
                await partner.Ask(Ask.Enrolments, Ask.Question(_town, Sandbox.Persons.Fixtures.PlainChild), token)
            );
            Assert.Equal("MATCHED", reply.MatchStatus);
            var record = await reply.Record();
            Assert.Equal(Prover.Client, record.GetProperty("cli").GetString());
            Assert.False(record.TryGetProperty("x5t", out _));
            Assert.NotNull(reply.Header("DPoP-Nonce"));
        }
    }

    [Fact, Provokes("proof-not-accepted")]
    public async Task OA_41_A_wanted_nonce_is_answered_with_one_and_invented_or_stale_ones_are_refused()
    {
        var token = await _prover.Token();
        var first = await _prover.Send(token, _prover.Proof(token, nonce: null));
        await Refused(first, "DPoP error=\"use_dpop_nonce\", algs=\"ES256 PS256\"");
        var nonce = first.Header("DPoP-Nonce")!;
        Assert.Equal("MATCHED", (await _prover.Send(token, _prover.Proof(token, nonce))).MatchStatus);
        foreach (var other in new[] { "invented", nonce[..^1] + (nonce[^1] == 'A' ? 'B' : 'A'), Earlier(TimeSpan.FromMinutes(3)) })
            await Refused(await _prover.Send(token, _prover.Proof(token, other)), "DPoP error=\"use_dpop_nonce\", algs=\"ES256 PS256\"");
        await Soon.Holds(
            async () => (await _prover.Send(token, _prover.Proof(token, Earlier(TimeSpan.FromMinutes(1))))).MatchStatus == "MATCHED",
            "the nonce of the slot before is taken"
        );
    }

    [Fact]
    public async Task OA_41_Every_answer_carries_the_next_nonce()
    {
        var token = await _prover.Token();
        var nonce = await _prover.Nonce(token);
        Assert.NotNull((await _prover.Send(token, _prover.Proof(token, nonce))).Header("DPoP-Nonce"));
        Assert.NotNull(
            (await _prover.Send(token, _prover.Proof(token, nonce, static claims => claims["htm"] = "GET"))).Header("DPoP-Nonce")
        );
        var unknown = await _prover.Send(
            token,
            _prover.Proof(token, nonce, claims => claims["htu"] = _prover.Listener + Ask.JobSeekers),
            path: Ask.JobSeekers
        );
        Assert.Equal("operation-not-covered", unknown.Code);
        Assert.NotNull(unknown.Header("DPoP-Nonce"));
    }

    [Fact, Provokes("proof-not-accepted")]
    public async Task OA_42_A_proof_is_used_once_however_many_copies_come_at_once()
    {
        var token = await _prover.Token();
        var proof = _prover.Proof(token, await _prover.Nonce(token));
        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _prover.Send(token, proof)));
        Assert.Single(replies, static reply => reply.Status == HttpStatusCode.OK);
        foreach (var reply in replies.Where(static reply => reply.Status != HttpStatusCode.OK))
            await Refused(reply, "DPoP error=\"invalid_dpop_proof\", algs=\"ES256 PS256\"");
        await Refused(await _prover.Send(token, proof), "DPoP error=\"invalid_dpop_proof\", algs=\"ES256 PS256\"");
    }

    [
        Fact(
            DisplayName = "fapi2-security-profile-final-dpop-negative-tests: OA_45_The_proof_is_of_this_token_and_this_key_and_this_request_or_the_call_is_refused"
        ),
        Provokes("proof-not-accepted")
    ]
    public async Task OA_45_The_proof_is_of_this_token_and_this_key_and_this_request_or_the_call_is_refused()
    {
        var token = await _prover.Token();
        var nonce = await _prover.Nonce(token);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var other = await _prover.Token();
        string?[] wrong =
        [
            null,
            "not a proof",
            _prover.Proof(token, nonce, static claims => claims.Remove("ath")),
            _prover.Proof(other, nonce),
            _prover.Proof(token, nonce, key: stranger),
            _prover.Proof(token, nonce, static claims => claims["htm"] = "GET"),
            _prover.Proof(token, nonce, claims => claims["htu"] = _town.File.Gateway + Ask.Enrolments),
            _prover.Proof(token, nonce, claims => claims["htu"] = _prover.Listener + Ask.JobSeekers),
            _prover.Proof(token, nonce, static claims => claims.Remove("jti")),
            _prover.Proof(token, nonce, static claims => claims.Remove("iat")),
        ];
        foreach (var proof in wrong)
            await Refused(await _prover.Send(token, proof), "DPoP error=\"invalid_dpop_proof\", algs=\"ES256 PS256\"");
        var sound = _prover.Proof(token, nonce, claims =>
            claims["htu"] =
                _prover.Listener.ToUpperInvariant().Replace("HTTPS", "https", StringComparison.Ordinal) + Ask.Enrolments + "?ignored#too"
        );
        Assert.Equal("MATCHED", (await _prover.Send(token, sound)).MatchStatus);
    }

    [
        Fact(
            DisplayName = "fapi2-security-profile-final-access-token-type-header-case-sensitivity: OA_46_A_token_under_the_wrong_scheme_is_refused_and_the_right_one_is_named_without_regard_to_case"
        ),
        Provokes("proof-not-accepted")
    ]
    public async Task OA_46_A_token_under_the_wrong_scheme_is_refused_and_the_right_one_is_named_without_regard_to_case()
    {
        var token = await _prover.Token();
        var nonce = await _prover.Nonce(token);
        await Refused(
            await _prover.Send(token, _prover.Proof(token, nonce), scheme: "Bearer"),
            "DPoP error=\"invalid_token\", algs=\"ES256 PS256\""
        );
        foreach (var scheme in new[] { "dpop", "DPOP" })
            Assert.Equal("MATCHED", (await _prover.Send(token, _prover.Proof(token, nonce), scheme)).MatchStatus);
        var bound = await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING");
        var mutual = _town.ClientAs("anss-eligibility");
        await Refused(await _prover.Send(bound, proof: null, "DPoP", _town.File.Gateway, mutual), "Bearer error=\"invalid_token\"");
        foreach (var scheme in new[] { "bearer", "BEARER" })
            Assert.Equal("MATCHED", (await _prover.Send(bound, proof: null, scheme, _town.File.Gateway, mutual)).MatchStatus);
    }

    [Fact, Provokes("token-missing", "proof-not-accepted", "certificate-not-accepted")]
    public async Task Each_listener_takes_its_own_bindings()
    {
        await Refused(
            await _prover.Send(token: null, proof: null),
            $"DPoP algs=\"ES256 PS256\", resource_metadata=\"{_prover.Listener}/.well-known/oauth-protected-resource\"",
            "token-missing"
        );
        // A token bound to a certificate is worth nothing where none is shown.
        await Refused(
            await _prover.Send(await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING"), proof: null, scheme: "Bearer"),
            "Bearer error=\"invalid_token\""
        );
        // Where a certificate is shown, it is one of the client's own, whatever the token is bound to.
        var token = await _prover.Token();
        string There(string? nonce) => _prover.Proof(token, nonce, claims => claims["htu"] = _town.File.Gateway + Ask.Enrolments);
        var mutual = _town.ClientAs("anss-eligibility");
        var nonce = (await _prover.Send(token, There(nonce: null), listener: _town.File.Gateway, http: mutual)).Header("DPoP-Nonce");
        var reply = await _prover.Send(token, There(nonce), listener: _town.File.Gateway, http: mutual);
        await Refused(
            reply,
            $"Bearer resource_metadata=\"{_town.File.Gateway}/.well-known/oauth-protected-resource\"",
            "certificate-not-accepted"
        );
    }

    [Fact]
    public async Task OA_46_A_client_with_both_shows_certificate_and_proof_on_the_mutual_listener()
    {
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                EditContracts = static contracts =>
                {
                    var file = Path.Combine(contracts, "institutions", "anss.yaml");
                    File.WriteAllText(
                        file,
                        File.ReadAllText(file)
                            .Replace(
                                "    jwks: { file: anss-field.jwks.json }\n",
                                "    jwks: { file: anss-field.jwks.json }\n    certificate: { authority: anss-partners, sanUri: \"urn:anss:client:anss-field\" }\n",
                                StringComparison.Ordinal
                            )
                    );
                },
            }
        );
        using var prover = new Prover(town);
        using var open = new OpenConnection(town, HttpVersion.Version20, Prover.Client);
        var token = await prover.Token();
        string There(string? nonce) => prover.Proof(token, nonce, claims => claims["htu"] = town.File.Gateway + Ask.Enrolments);
        var nonce = (await prover.Send(token, There(nonce: null), listener: town.File.Gateway, http: open.Http)).Header("DPoP-Nonce");
        Assert.Equal("MATCHED", (await prover.Send(token, There(nonce), listener: town.File.Gateway, http: open.Http)).MatchStatus);
    }

    [Fact]
    public async Task Without_a_client_that_needs_it_the_listener_is_absent()
    {
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                EditContracts = static contracts =>
                {
                    var file = Path.Combine(contracts, "institutions", "anss.yaml");
                    File.WriteAllText(
                        file,
                        File.ReadAllText(file)
                            .Replace(
                                "    binding: dpop\n",
                                "    binding: mtls\n    certificate: { authority: anss-partners, sanUri: \"urn:anss:client:anss-field\" }\n",
                                StringComparison.Ordinal
                            )
                    );
                },
            }
        );
        using var client = town.ClientWith(certificate: null);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() =>
            client.GetAsync(new Uri(town.File.GatewayDpop + "/.well-known/oauth-protected-resource"))
        );
    }

    /// <summary>A nonce that the gateway gave that long ago.</summary>
    private string Earlier(TimeSpan ago)
    {
        var clock = new ShiftedClock();
        clock.Advance(-ago);
        return new DpopNonces(
            Convert.FromHexString(File.ReadAllText(_town.State.At("keys", "gateway", "dpop-nonce.key")).Trim()),
            _town.File.Gateway,
            clock
        ).Current;
    }

    private static Task Refused(Reply reply, string challenge, string code = "proof-not-accepted")
    {
        Assert.Equal(HttpStatusCode.Unauthorized, reply.Status);
        Assert.Equal(code, reply.Code);
        Assert.Equal(challenge, reply.Header("WWW-Authenticate"));
        reply.Receipt();
        return Task.CompletedTask;
    }
}
