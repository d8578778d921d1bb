using System.Security.Cryptography;
using System.Text;
using Gateway.Authorization;
using Xunit;

namespace Gateway.Tests.Dossiers;

public sealed class KeyedDigestTest
{
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"action":"OPEN"}""");

    [Fact]
    public void Two_nodes_with_the_same_key_agree() =>
        Assert.Equal(new KeyedDigest(SomeKeys.With()).Of("body", Body), new KeyedDigest(SomeKeys.With()).Of("body", Body));

    [Fact]
    public void Key_use_and_content_all_count()
    {
        var digest = new KeyedDigest(SomeKeys.With());
        byte[][] all =
        [
            digest.Of("body", Body),
            digest.Of("scope", Body),
            digest.Of("body", "{}"u8),
            new KeyedDigest(SomeKeys.With('8')).Of("body", Body),
            SHA256.HashData(Body),
            HMACSHA256.HashData(SomeKeys.With().DossierKey, Body),
        ];
        Assert.Equal(all.Length, all.Select(Convert.ToHexString).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Names_do_not_run_into_each_other()
    {
        var digest = new KeyedDigest(SomeKeys.With());
        Assert.NotEqual(digest.Of("scope", "ab", "c"), digest.Of("scope", "a", "bc"));
    }
}
