using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agreements.Signatures;
using FsCheck;
using FsCheck.Fluent;

namespace Agreements.Tests;

/// <summary>One form of signature: a detached JWS with one header. Whatever else could be meant to be one is none.</summary>
public sealed class DetachedJwsTest
{
    private const string KeyId = "anss-sign-2026",
        Header = """{"alg":"ES256","b64":false,"crit":["b64"],"kid":"anss-sign-2026"}""";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\"é";
    private static readonly byte[] Signed = "id: ANSS-ANAPEC-2026-01\ntitle: Ω\n"u8.ToArray();
    private static readonly byte[] Whole = [.. Signed, .. "signatures:\n  - { }\n"u8];
    private static readonly ECDsa Key = TheContracts.Key(KeyId);

    [Fact]
    public void It_has_the_header_of_the_form_and_no_payload()
    {
        var parts = Ours().Split('.');
        Assert.Equal(3, parts.Length);
        Assert.Equal("", parts[1]);
        Assert.Equal(Header, Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[0])));
        Assert.Equal(86, parts[2].Length);
        Assert.Equal(SignatureVerdict.Fits, Judge(Ours()));
    }

    [Fact]
    public void What_is_signed_is_the_encoded_header_a_dot_and_the_bytes_as_they_stand()
    {
        var parts = Ours().Split('.');
        byte[] input = [.. Encoding.ASCII.GetBytes(parts[0]), (byte)'.', .. Signed];
        Assert.True(
            Key.VerifyData(
                input,
                System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]),
                HashAlgorithmName.SHA256,
                DSASignatureFormat.IeeeP1363FixedFieldConcatenation
            )
        );
    }

    [Theory]
    [InlineData("""{ "kid": "anss-sign-2026", "crit": ["b64"], "b64": false, "alg": "ES256" }""")]
    [InlineData("""{"alg":"ES\u003256","b64":false,"crit":["b64"],"kid":"anss-sign-2026"}""")]
    public void Another_program_may_spell_the_header_its_own_way(string header) => Assert.Equal(SignatureVerdict.Fits, Judge(With(header)));

    [Theory]
    [InlineData("""{"alg":"ES256","b64":false,"crit":["b64"],"kid":"anapec-sign-2026"}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":["b64"],"kid":7}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":["b64"]}""")]
    [InlineData("""{"alg":"none","b64":false,"crit":["b64"],"kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"RS256","b64":false,"crit":["b64"],"kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"es256","b64":false,"crit":["b64"],"kid":"anss-sign-2026"}""")]
    [InlineData("""{"b64":false,"crit":["b64"],"kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"ES256","b64":true,"crit":["b64"],"kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"ES256","b64":"false","crit":["b64"],"kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"ES256","crit":["b64"],"kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"ES256","b64":false,"kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":[],"kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":"b64","kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":["exp"],"kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":["b64","exp"],"kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":["b64","b64"],"kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":[["b64"]],"kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":["b64"],"kid":"anss-sign-2026","typ":"JOSE"}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":["b64"],"kid":"anss-sign-2026","jwk":{}}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":["b64"],"kid":"anss-sign-2026","kid":"anss-sign-2026"}""")]
    [InlineData("""{"alg":"none","b64":false,"crit":["b64"],"kid":"anss-sign-2026","alg":"ES256"}""")]
    [InlineData("""{"alg":"none","alg":"ES256","b64":false,"crit":["b64"]}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":["b64"],"kid":"anss-sign-2026"}{}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":["b64"],"kid":"anss-sign-2026",}""")]
    [InlineData("""{"alg":"ES256","b64":false,"crit":["b64"],"kid":"\ud800"}""")]
    [InlineData("""["ES256",false,"b64","anss-sign-2026"]""")]
    [InlineData("\"ES256\"")]
    [InlineData("null")]
    [InlineData("")]
    public void No_other_header_will_do_even_when_the_key_signed_it(string header) =>
        Assert.Equal(SignatureVerdict.NotOfThisForm, Judge(With(header)));

    [Fact]
    public void A_header_that_is_not_Unicode_is_none() =>
        Assert.Equal(SignatureVerdict.NotOfThisForm, Judge(With([.. Encoding.UTF8.GetBytes(Header[..^2]), 0xff, .. "\"}"u8])));

    [Fact]
    public void Base64url_has_one_spelling_and_the_parts_are_two()
    {
        var (header, signature) = (Ours().Split('.')[0], Ours().Split('.')[2]);
        string[] wrong =
        [
            "",
            ".",
            "..",
            "...",
            header,
            signature,
            $"{header}.{signature}",
            $"{header}..",
            $"..{signature}",
            $"{header}...{signature}",
            $"{header}..{signature}..{signature}",
            $"{header}=..{signature}",
            $"{header}..{signature}==",
            $" {header}..{signature}",
            $"{header}..{signature}\n",
            $"{header}..{signature[..^1]}",
            $"{header}..{signature}AA",
            $"{header}.{System.Buffers.Text.Base64Url.EncodeToString(Signed)}.{signature}",
        ];
        Assert.All(wrong, text => Assert.Equal(SignatureVerdict.NotOfThisForm, Judge(text)));
    }

    [Fact]
    public void A_signature_of_another_key_or_under_another_name_does_not_count()
    {
        Assert.Equal(SignatureVerdict.DoesNotFit, AgreementSignature.Judge(Whole, Ours(), KeyId, TheContracts.Jwk("stranger")));
        Assert.Equal(SignatureVerdict.NotOfThisForm, AgreementSignature.Judge(Whole, Ours(), "anss-second-2026", TheContracts.Jwk(KeyId)));
        using var rsa = RSA.Create(2048);
        var number = rsa.ExportParameters(false);
        var jwk = JsonSerializer.Serialize(
            new
            {
                kty = "RSA",
                n = TheContracts.Base64Url(number.Modulus!),
                e = TheContracts.Base64Url(number.Exponent!),
            }
        );
        Assert.Equal(SignatureVerdict.DoesNotFit, AgreementSignature.Judge(Whole, Ours(), KeyId, jwk));
    }

    [Fact]
    public void No_changed_character_of_it_is_accepted()
    {
        var ours = Ours();
        for (var at = 0; at < ours.Length; at++)
            foreach (var letter in Letters.Where(letter => letter != ours[at]))
                Assert.True(Judge(ours[..at] + letter + ours[(at + 1)..]) is not SignatureVerdict.Fits, $"'{letter}' at {at}");
    }

    [Fact]
    public void No_character_more_or_less_is_accepted()
    {
        var ours = Ours();
        for (var at = 0; at <= ours.Length; at++)
        {
            if (at < ours.Length)
                Assert.NotEqual(SignatureVerdict.Fits, Judge(ours.Remove(at, 1)));
            foreach (var letter in Letters)
                Assert.True(Judge(ours.Insert(at, letter.ToString())) is not SignatureVerdict.Fits, $"'{letter}' put in at {at}");
        }
    }

    [Fact]
    public void No_changed_bit_of_what_is_signed_is_accepted_nor_a_byte_more_or_less()
    {
        var ours = Ours();
        for (var bit = 0; bit < Signed.Length * 8; bit++)
        {
            var changed = (byte[])Signed.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(SignatureVerdict.DoesNotFit, AgreementSignature.Judge(changed, ours, KeyId, TheContracts.Jwk(KeyId)));
        }
        Assert.Equal(SignatureVerdict.DoesNotFit, AgreementSignature.Judge(Signed.AsSpan()[..^1], ours, KeyId, TheContracts.Jwk(KeyId)));
        Assert.Equal(SignatureVerdict.DoesNotFit, AgreementSignature.Judge([.. Signed, (byte)'\n'], ours, KeyId, TheContracts.Jwk(KeyId)));
    }

    [Fact]
    public void No_text_makes_the_reader_fail()
    {
        var texts =
            from pieces in Gen.ListOf(
                Gen.OneOf(
                    Gen.Elements(Ours().Split('.')),
                    Gen.Elements(".", "..", "=", "e30", "AA", "W10"),
                    Gen.Elements(Letters.ToCharArray()).Select(static c => c.ToString())
                )
            )
            select string.Concat(pieces);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(500),
            Prop.ForAll(texts.ToArbitrary(), text => text == Ours() || Judge(text) is not SignatureVerdict.Fits)
        );
    }

    private static readonly string Fixed = AgreementSignature.Sign(Encoding.UTF8.GetString(Whole), KeyId, Key);

    private static string Ours() => Fixed;

    private static SignatureVerdict Judge(string value) => AgreementSignature.Judge(Whole, value, KeyId, TheContracts.Jwk(KeyId));

    // Signed rightly over whatever header, so that the header alone is judged.
    private static string With(string header) => With(Encoding.UTF8.GetBytes(header));

    private static string With(byte[] header)
    {
        var encoded = TheContracts.Base64Url(header);
        byte[] input = [.. Encoding.ASCII.GetBytes(encoded), (byte)'.', .. Signed];
        return $"{encoded}..{TheContracts.Base64Url(Key.SignData(input, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";
    }
}
