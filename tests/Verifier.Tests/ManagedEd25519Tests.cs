using Ledger;
using Ledger.Notes;
using Xunit;

namespace Verifier.Tests;

public sealed class ManagedEd25519Tests
{
    // RFC 8032 §7.1, tests 1 to 3.
    [Theory]
    [InlineData(
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )]
    [InlineData(
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )]
    [InlineData(
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )]
    public void It_agrees_with_RFC_8032_and_with_OpenSSL(string key, string message, string signature)
    {
        var (k, m, s) = (Convert.FromHexString(key), Convert.FromHexString(message), Convert.FromHexString(signature));
        Assert.True(ManagedEd25519.Verify(k, m, s));
        Assert.True(Ed25519Key.Verify(k, m, s));
        Assert.False(ManagedEd25519.Verify(k, [.. m, 0], s));
    }

    [Fact]
    public void On_random_keys_and_flipped_bits_it_says_what_OpenSSL_says()
    {
        var random = new Random(8032);
        for (var round = 0; round < 40; round++)
        {
            var (seed, message, signature) = (new byte[32], new byte[random.Next(100)], new byte[64]);
            random.NextBytes(seed);
            random.NextBytes(message);
            using var key = new Ed25519Key(seed);
            key.Sign(message, signature);
            Assert.True(ManagedEd25519.Verify(key.PublicKey.Span, message, signature));
            var bit = random.Next(512);
            signature[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Equal(
                Ed25519Key.Verify(key.PublicKey.Span, message, signature),
                ManagedEd25519.Verify(key.PublicKey.Span, message, signature)
            );
            Assert.False(ManagedEd25519.Verify(key.PublicKey.Span, message, signature));
        }
    }

    [Fact]
    public void A_signature_with_the_group_order_added_is_refused()
    {
        var s = Convert.FromHexString(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        );
        var order =
            System.Numerics.BigInteger.Pow(2, 252)
            + System.Numerics.BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
        var malleable = new System.Numerics.BigInteger(s.AsSpan(32), isUnsigned: true) + order;
        Assert.True(malleable.TryWriteBytes(s.AsSpan(32), out _, isUnsigned: true));
        var key = Convert.FromHexString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        Assert.False(ManagedEd25519.Verify(key, [], s));
        Assert.False(Ed25519Key.Verify(key, [], s));
    }

    [Fact]
    public void A_checkpoint_verifies_with_either_implementation()
    {
        using var keys = LogKey.Create();
        var text = keys.Verifier("a.example/log").ToString();
        Assert.Equal(text, VerifierKey.Parse(text, ManagedEd25519.Verify).ToString());
    }
}
