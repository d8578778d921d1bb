using System.Security.Cryptography;
using Agreements.Loading;
using Agreements.Signatures;
using FsCheck;
using FsCheck.Fluent;

namespace Agreements.Tests;

public sealed class SignatureTest
{
    private const string Path = "agreements/ANSS-ANAPEC-2026-01.yaml";

    private static Signer Of(string party, string? key = null) =>
        new(party, "legal representative", new DateOnly(2026, 8, 20), $"{party}-sign-2026", TheContracts.Key(key ?? $"{party}-sign-2026"));

    private static AgreementState State(TheContracts contracts)
    {
        var registry = contracts.Registry();
        return AgreementStatus.Of(registry, registry.Agreements["ANSS-ANAPEC-2026-01"], TheContracts.Today);
    }

    [Fact]
    public void Signed_by_every_party_it_is_in_force_and_the_signers_are_known()
    {
        using var contracts = new TheContracts();
        Assert.Equal(AgreementState.InForce, State(contracts));
        Assert.Equal(
            ["anss", "anapec"],
            contracts.Registry().Agreements["ANSS-ANAPEC-2026-01"].Signatures.Select(signature => signature.Institution)
        );
    }

    [Fact]
    public void Signed_by_some_it_loads_and_is_not_in_force()
    {
        using var contracts = new TheContracts();
        contracts.Write(Path, AgreementSignature.Append(contracts.Read(Path), [Of("anss")]));
        Assert.Equal(AgreementState.Unsigned, State(contracts));
        Assert.Contains(contracts.Load().Errors, error =>
            error.File == Path && error.What.Contains("signatures are missing: anapec", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("perDay: 200000", "perDay: 300000", "the signature of 'anss' does not fit the file")]
    [InlineData("value: \"", "value: \"A", "the signature of 'anss' is no detached JWS of this key")]
    [InlineData("keyId: anss-sign-2026", "keyId: anss-sign-2027", "no signing key of this id")]
    [InlineData("institution: anss, function", "institution: menps, function", "the signature is of no party")]
    [InlineData("algorithm: ES256", "algorithm: RS256", "'algorithm' is not one of its values")]
    [InlineData("signatures:\n", "signatures:\n  - nonsense\n", "is not a mapping")]
    public void A_wrong_signature_stops_the_file_from_loading(string what, string with, string expected)
    {
        using var contracts = new TheContracts();
        contracts.Edit(Path, what, with);
        var load = contracts.Load();
        Assert.Null(load.Registry);
        Assert.Contains(load.Errors, error =>
            error.File == Path && error.Line > 0 && error.What.Contains(expected, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_bare_signature_of_before_is_refused_and_the_remedy_says_to_sign_anew()
    {
        using var contracts = new TheContracts();
        var text = contracts.Read(Path);
        var bare = TheContracts.Base64Url(
            TheContracts
                .Key("anss-sign-2026")
                .SignData(
                    AgreementSignature.SignedBytes(System.Text.Encoding.UTF8.GetBytes(text)),
                    HashAlgorithmName.SHA256,
                    DSASignatureFormat.IeeeP1363FixedFieldConcatenation
                )
        );
        var line = contracts.Edit(Path, text.Split("value: \"")[1].Split('"')[0], bare);
        var load = contracts.Load();
        Assert.Null(load.Registry);
        var error = Assert.Single(load.Errors, error => error.Severity is LoadSeverity.Error);
        Assert.Equal(
            (Path, line, "the signature of 'anss' is no detached JWS of this key (ES256, b64 false, kid)"),
            (error.File, error.Line, error.What)
        );
        Assert.Contains("sign anew: gatewayctl agreement sign", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void The_header_names_the_key_that_the_entry_names()
    {
        using var contracts = new TheContracts();
        contracts.Edit(
            "institutions/anss.yaml",
            "signingKeys: [ ",
            "signingKeys: [ { id: anss-second-2026, file: anss-sign-2026.jwk.json }, "
        );
        contracts.Edit(Path, "keyId: anss-sign-2026", "keyId: anss-second-2026");
        Assert.Contains(contracts.Load().Errors, error =>
            error.What.Contains("the signature of 'anss' is no detached JWS of this key", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_signature_of_another_key_does_not_count()
    {
        using var contracts = new TheContracts();
        contracts.Write(Path, AgreementSignature.Append(contracts.Read(Path), [Of("anss"), Of("anapec", "stranger")]));
        Assert.Contains(contracts.Load().Errors, error =>
            error.What.Contains("signature of 'anapec' does not fit", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void One_party_cannot_sign_for_two()
    {
        using var contracts = new TheContracts();
        contracts.Write(Path, AgreementSignature.Append(contracts.Read(Path), [Of("anss"), Of("anss")]));
        Assert.Contains(contracts.Load().Errors, error => error.What == "the institution signs twice: 'anss'");
    }

    [Fact]
    public void A_key_after_the_signatures_is_refused()
    {
        using var contracts = new TheContracts();
        contracts.Write(Path, contracts.Read(Path) + "extra: x\n");
        Assert.Contains(contracts.Load().Errors, error => error.What.Contains("is not the last key", StringComparison.Ordinal));
    }

    [Fact]
    public void Signing_again_replaces_what_was_there_and_signs_the_same_bytes()
    {
        using var contracts = new TheContracts();
        var text = contracts.Read(Path);
        var again = AgreementSignature.Append(text, [Of("anss"), Of("anapec")]);
        Assert.Equal(text.Split("signatures:")[0], again.Split("signatures:")[0]);
        Assert.Equal(2, again.Split("signatures:").Length);
    }

    [Fact]
    public void No_changed_byte_before_the_signatures_verifies()
    {
        using var contracts = new TheContracts();
        var file = File.ReadAllBytes(contracts.At(Path));
        var value = contracts.Read(Path).Split("value: \"")[1].Split('"')[0];
        var jwk = contracts.Registry().Institutions["anss"].SigningKeys["anss-sign-2026"];
        Assert.True(AgreementSignature.Judge(file, value, "anss-sign-2026", jwk) is SignatureVerdict.Fits);
        var signed = AgreementSignature.SignedBytes(file).Length;
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(300),
            Prop.ForAll(Gen.Choose(0, signed - 1).ToArbitrary(), Gen.Choose(1, 255).ToArbitrary(), (at, by) =>
            {
                var changed = (byte[])file.Clone();
                changed[at] ^= (byte)by;
                return AgreementSignature.Judge(changed, value, "anss-sign-2026", jwk) is SignatureVerdict.DoesNotFit;
            })
        );
    }
}
