using System.Collections.Immutable;
using Agreements;
using Xunit;

namespace Gateway.Tests.Minimization;

/// <summary>What two versions of a grant release together: paths and codes of both.</summary>
public sealed class WithinBothLawsTest
{
    private static readonly AllowedCode One = new("urn:codes", "1"),
        Two = new("urn:codes", "2");

    [Fact]
    public void A_code_that_one_of_them_does_not_release_is_not_released()
    {
        var (wide, narrow) = (Granted(["code", "status"], One, Two), Granted(["code"], Two));
        foreach (var both in new[] { wide.Within(narrow), narrow.Within(wide) })
        {
            Assert.Equal(["code"], both.Release);
            Assert.Equal([Two], both.Codes["code"]);
        }

        Assert.Same(narrow, narrow.Within(wide));
        Assert.Equal([Two], Granted(["code"], One, Two).Within(narrow).Codes["code"]);
        Assert.Empty(Granted(["code"], One).Within(narrow).Codes["code"]);
    }

    private static GrantedOperation Granted(ImmutableArray<string> release, params AllowedCode[] codes) =>
        new("health.read", release, ImmutableDictionary<string, ImmutableArray<AllowedCode>>.Empty.Add("code", [.. codes]), []);
}
