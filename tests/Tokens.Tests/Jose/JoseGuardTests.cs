using FsCheck;
using FsCheck.Fluent;
using Tokens.Jose;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Jose;

/// <summary>What the handler forgives, the guard does not (OA-20 to OA-29; authority page, section 6).</summary>
public sealed class JoseGuardTests
{
    private const string Header = """{"alg":"ES256","typ":"JWT"}""";
    private const string Payload = """{"iss":"a","exp":1792055700}""";

    private static JoseDefect Judge(string compact, JoseProfile? profile = null)
    {
        var jws = JoseGuard.Read(compact, profile ?? JoseProfile.ClientAssertion, out var defect);
        Assert.Equal(jws is null, defect != JoseDefect.None);
        return defect;
    }

    [Theory]
    [InlineData(Header, JoseDefect.None)]
    [InlineData("""{"alg":"PS256"}""", JoseDefect.None)]
    [InlineData("""{"alg":"none"}""", JoseDefect.Algorithm)]
    [InlineData("""{"alg":"HS256"}""", JoseDefect.Algorithm)]
    [InlineData("""{"alg":"RS256"}""", JoseDefect.Algorithm)]
    [InlineData("""{"alg":"es256"}""", JoseDefect.Algorithm)]
    [InlineData("""{"alg":["ES256"]}""", JoseDefect.Algorithm)]
    [InlineData("""{"typ":"JWT"}""", JoseDefect.Algorithm)]
    [InlineData("""{"alg":"ES256","crit":[]}""", JoseDefect.ForbiddenHeader)]
    [InlineData("""{"alg":"ES256","crit":["b64"],"b64":false}""", JoseDefect.ForbiddenHeader)]
    [InlineData("""{"alg":"ES256","zip":"DEF"}""", JoseDefect.ForbiddenHeader)]
    [InlineData("""{"alg":"ES256","enc":"A256GCM"}""", JoseDefect.ForbiddenHeader)]
    [InlineData("""{"alg":"ES256","\u0063rit":[]}""", JoseDefect.ForbiddenHeader)]
    [InlineData("""{"alg":"ES256","alg":"none"}""", JoseDefect.HeaderNotJson)]
    [InlineData("""{"alg":"ES256","kid":7}""", JoseDefect.KeyId)]
    [InlineData("""{"alg":"ES256","kid":""}""", JoseDefect.KeyId)]
    [InlineData("""{"alg":"ES256","typ":7}""", JoseDefect.Type)]
    [InlineData("""{"alg":"ES256","typ":"at+jwt"}""", JoseDefect.Type)]
    [InlineData("""{"alg":"ES256","a":{"b":{"c":{"d":{}}}}}""", JoseDefect.HeaderNotJson)]
    [InlineData("""{"alg":"ES256"}{}""", JoseDefect.HeaderNotJson)]
    [InlineData("""["ES256"]""", JoseDefect.HeaderNotJson)]
    [InlineData("""{"alg":"ES256",}""", JoseDefect.HeaderNotJson)]
    [InlineData("""{"alg":"ES256","x":"\ud800"}""", JoseDefect.HeaderNotJson)]
    public void OA_25_OA_26_OA_28_Headers(string header, JoseDefect expected) =>
        Assert.Equal(expected, Judge(SomeJws.Make(header, Payload)));

    [Theory]
    [InlineData("""{"exp":1792055700,"exp":1792055701}""", JoseDefect.PayloadNotJson)]
    [InlineData("""{"cnf":{"jkt":"a","jkt":"b"}}""", JoseDefect.PayloadNotJson)]
    [InlineData("""{"iss":"a"} trailing""", JoseDefect.PayloadNotJson)]
    [InlineData("""{"sub":7}""", JoseDefect.ClaimType)]
    [InlineData("""{"exp":"1792055700"}""", JoseDefect.ClaimType)]
    [InlineData("""{"exp":1792055700.0}""", JoseDefect.ClaimType)]
    [InlineData("""{"exp":1.7e9}""", JoseDefect.ClaimType)]
    [InlineData("""{"exp":95617584000}""", JoseDefect.ClaimType)]
    [InlineData("""{"iat":0}""", JoseDefect.ClaimType)]
    [InlineData("""{"nbf":null}""", JoseDefect.ClaimType)]
    [InlineData("""[1]""", JoseDefect.PayloadNotJson)]
    [InlineData("", JoseDefect.NotCompact)]
    public void OA_22_Payloads(string payload, JoseDefect expected) => Assert.Equal(expected, Judge(SomeJws.Make(Header, payload)));

    [Fact]
    public void OA_29_One_token_has_one_spelling()
    {
        var sound = SomeJws.Make(Header, Payload);
        Assert.Equal(JoseDefect.None, Judge(sound));
        foreach (
            var other in new[]
            {
                sound + "=",
                sound + ".",
                "." + sound,
                sound + "\n",
                sound.Replace('.', ' '),
                sound[..sound.LastIndexOf('.')] + ".",
                "..",
                "",
                "a.b",
                "a.b.c.d",
                sound.Replace("-", "+", StringComparison.Ordinal) + "+",
            }
        )
            Assert.NotEqual(JoseDefect.None, Judge(other));
        Assert.Equal(JoseDefect.TooLong, Judge(SomeJws.Make(Header, $$"""{"a":"{{new string('x', 6200)}}"}""")));
    }

    [Fact]
    public void OA_29_Unused_trailing_bits_are_zero()
    {
        Assert.True(CompactJws.IsStrict("QQ"));
        Assert.False(CompactJws.IsStrict("QR"));
        Assert.True(CompactJws.IsStrict("QUE"));
        Assert.False(CompactJws.IsStrict("QUF"));
        Assert.False(CompactJws.IsStrict("QUFBQ"));
    }

    [Fact]
    public void Anything_may_be_thrown_at_the_guard_and_nothing_is_thrown_back()
    {
        var characters = Gen.Elements([.. "abcXYZ019-_.=+/ {}\":,\\\n\u00e9\0"]);
        var texts = characters.ListOf().Select(static list => string.Concat(list));
        var json = Gen.Elements(
                "{",
                "}",
                "[",
                "]",
                "\"alg\":",
                "\"ES256\"",
                "\"a\":",
                "1",
                ",",
                "\"typ\":\"JWT\"",
                "\"\\ud800\"",
                "null",
                "\"exp\":",
                "1792055700"
            )
            .ListOf()
            .Select(static list => string.Concat(list));
        var shaped = json.Zip(json, static (header, payload) => SomeJws.Encode(header) + "." + SomeJws.Encode(payload) + ".AAAA");
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(Gen.OneOf(texts, shaped).ToArbitrary(), static text =>
            {
                foreach (var profile in new[] { JoseProfile.ClientAssertion, JoseProfile.AccessToken, JoseProfile.DpopProof })
                    JoseGuard.Read(text, profile, out _);
            }));
    }

    [Fact]
    public async Task TH_06_No_mutated_token_is_accepted()
    {
        var keys = SomeJws.Set(SomeJws.Jwk(SomeJws.Key));
        var sound = SomeJws.Make(Header, Payload);
        Assert.True(await JwsSignature.IsValid(JoseGuard.Read(sound, JoseProfile.ClientAssertion, out _)!, keys));
        var mutations =
            from at in Gen.Choose(0, sound.Length - 1)
            from with in Gen.Elements([.. "ABCDwxyz0189-_.= {"])
            from kind in Gen.Choose(0, 2)
            select kind switch
            {
                0 => sound[..at] + with + sound[(at + 1)..],
                1 => sound.Insert(at, with.ToString()),
                _ => sound.Remove(at, 1),
            };
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(3000),
            Prop.ForAll(mutations.ToArbitrary(), async mutated =>
                mutated == sound
                || JoseGuard.Read(mutated, JoseProfile.ClientAssertion, out _) is not { } jws
                || !await JwsSignature.IsValid(jws, keys)
            )
        );
    }

    [Fact]
    public async Task OA_27_Only_the_offered_keys_count()
    {
        using var other = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var jws = JoseGuard.Read(SomeJws.Make(Header, Payload), JoseProfile.ClientAssertion, out _)!;
        Assert.False(await JwsSignature.IsValid(jws, KeySet.Empty));
        Assert.False(await JwsSignature.IsValidInConstantWork(jws, KeySet.Empty, most: 2));
        Assert.False(await JwsSignature.IsValid(jws, SomeJws.Set(SomeJws.Jwk(other))));
        Assert.True(await JwsSignature.IsValid(jws, SomeJws.Set(SomeJws.Jwk(other), SomeJws.Jwk(SomeJws.Key))));
        var named = JoseGuard.Read(SomeJws.Make("""{"alg":"ES256","kid":"b"}""", Payload), JoseProfile.ClientAssertion, out _)!;
        Assert.True(await JwsSignature.IsValid(named, SomeJws.Set(SomeJws.Jwk(other, "a"), SomeJws.Jwk(SomeJws.Key, "b"))));
        Assert.False(await JwsSignature.IsValid(named, SomeJws.Set(SomeJws.Jwk(other, "b"), SomeJws.Jwk(SomeJws.Key, "a"))));
    }
}
