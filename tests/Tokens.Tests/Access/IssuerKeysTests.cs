using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Tokens.Access;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Access;

/// <summary>OA-53: key sets come from configured issuers, are cached, and are fetched again for an unknown key under a limit.</summary>
public sealed class IssuerKeysTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly FakeIssuer _issuer = new();
    private readonly HttpClient _http;

    public IssuerKeysTests() => _http = new HttpClient(_issuer);

    public void Dispose()
    {
        _http.Dispose();
        _issuer.Dispose();
    }

    private IssuerKeys Keys() => IssuerKeys.Fetched(new Uri("https://issuer.test/jwks"), _http, _clock);

    [Fact]
    public async Task OA_53_A_set_is_fetched_once_for_many_who_ask_at_once()
    {
        var keys = Keys();
        var sets = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => keys.For("a").AsTask()));
        Assert.All(sets, static set => Assert.True(set.Has("a")));
        Assert.Equal(1, _issuer.Fetches);
    }

    [Fact]
    public async Task OA_53_Unknown_keys_cause_one_fetch_in_thirty_seconds()
    {
        var keys = Keys();
        await keys.For("a");
        _clock.Advance(TimeSpan.FromSeconds(31));
        for (var i = 0; i < 1000; i++)
            await keys.For($"unknown-{i}");
        Assert.Equal(2, _issuer.Fetches);
        _issuer.Kid = "b";
        Assert.False((await keys.For("b")).Has("b"));
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.True((await keys.For("b")).Has("b"));
        Assert.Equal(3, _issuer.Fetches);
    }

    [Fact]
    public async Task OA_53_A_silent_issuer_is_believed_for_a_day_and_no_longer()
    {
        var keys = Keys();
        await keys.For("a");
        _issuer.IsDown = true;
        _clock.Advance(TimeSpan.FromHours(23));
        Assert.True((await keys.For("a")).Has("a"));
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.False((await keys.For("a")).Has("a"));
        _issuer.IsDown = false;
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True((await keys.For("a")).Has("a"));
    }

    [Fact]
    public async Task An_issuer_that_failed_is_not_waited_for_when_it_hangs()
    {
        var keys = Keys();
        _issuer.IsDown = true;
        Assert.False((await keys.For("a")).Has("a"));
        (_issuer.IsDown, _issuer.Hangs) = (false, new TaskCompletionSource());
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False((await keys.For("a")).Has("a")); // answered although the issuer has not
        _issuer.Hangs.SetResult();
        for (var i = 0; i < 500 && !keys.IsHeld; i++)
            await Task.Delay(20);
        Assert.True((await keys.For("a")).Has("a"));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"keys":[{"kty":"EC","kid":"a","kid":"b"}]}""")]
    [InlineData("too large")]
    public async Task OA_53_A_bad_answer_changes_nothing(string body)
    {
        var keys = Keys();
        await keys.For("a");
        _issuer.Body = body == "too large" ? new string(' ', 70_000) + "{}" : body;
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.True((await keys.For("unknown")).Has("a"));
    }

    [Theory]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[null]}""")]
    [InlineData("""{"keys":[{},7,"a",[]]}""")]
    [InlineData("""{"keys":[{"kty":"oct","kid":"a","k":"c2VjcmV0"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-384","kid":"a","x":"AA","y":"AA"}]}""")]
    [InlineData("""{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}""")]
    public async Task A_set_without_a_usable_key_is_a_failed_fetch_and_the_keys_in_force_stay(string body)
    {
        var keys = Keys();
        await keys.For("a");
        _issuer.Body = body;
        _clock.Advance(TimeSpan.FromMinutes(11));
        Assert.True((await keys.For("unknown")).Has("a"));
        Assert.True((await keys.For("a")).Has("a"));
        Assert.Equal("the key set holds no key that can be used", keys.Fault);
        Assert.True(keys.IsHeld);
        _clock.Advance(TimeSpan.FromHours(24));
        Assert.Empty((await keys.For("a")).Keys); // no longer than those of an issuer that is silent
        Assert.False(keys.IsHeld);
        _issuer.Body = null;
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True((await keys.For("a")).Has("a"));
        Assert.Null(keys.Fault);
    }

    [Fact]
    public async Task Keys_for_algorithms_that_the_issuer_may_not_use_take_the_place_of_nothing()
    {
        using var rsa = RSA.Create(2048);
        var modulus = Base64Url.EncodeToString(rsa.ExportParameters(includePrivateParameters: false).Modulus!);
        var keys = Keys();
        keys.Algorithms = ["ES256"];
        await keys.For("a");
        _issuer.Body = $$"""{"keys":[{"kty":"RSA","kid":"b","n":"{{modulus}}","e":"AQAB"}]}""";
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.True((await keys.For("b")).Has("a"));
        Assert.Equal("the key set holds no key that can be used", keys.Fault);
        keys.Algorithms = ["ES256", "PS256"];
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.True((await keys.For("b")).Has("b"));
        Assert.Null(keys.Fault);
    }

    [Fact]
    public void OA_53_A_set_is_fetched_over_https_only() =>
        Assert.Throws<ArgumentException>(() => IssuerKeys.Fetched(new Uri("http://issuer.test/jwks"), _http, _clock));

    private sealed class FakeIssuer : HttpMessageHandler
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private int _fetches;
        public int Fetches => _fetches;
        public string Kid { get; set; } = "a";
        public bool IsDown { get; set; }
        public string? Body { get; set; }
        public TaskCompletionSource? Hangs { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _fetches);
            await Task.Yield();
            if (Hangs is { } hangs)
                await hangs.Task;
            if (IsDown)
                throw new HttpRequestException("down");
            var tag = new EntityTagHeaderValue($"\"{Kid}\"");
            if (Body is null && request.Headers.IfNoneMatch.Contains(tag))
                return new HttpResponseMessage(HttpStatusCode.NotModified);
            var response = new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent(Body ?? $$"""{"keys":[{{SomeJws.Jwk(_key, Kid)}}]}"""),
            };
            response.Headers.ETag = tag;
            return response;
        }
    }
}
