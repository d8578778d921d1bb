using Gateway.Problems;
using Xunit;

namespace Gateway.Tests.Problems;

public sealed class LanguagesTest
{
    [Theory]
    [InlineData(null, "fr")]
    [InlineData("", "fr")]
    [InlineData("ar", "ar")]
    [InlineData("ar-MA", "ar")]
    [InlineData("EN", "en")]
    [InlineData("de, en;q=0.5", "en")]
    [InlineData("en;q=0.5, ar;q=0.9", "ar")]
    [InlineData("en;q=0, de", "fr")]
    [InlineData("*", "fr")]
    [InlineData("en;q=2", "fr")]
    [InlineData("ar, fr", "ar")]
    [InlineData(",,;q=,en", "en")]
    public void The_heaviest_language_that_exists_is_chosen(string? header, string expected) =>
        Assert.Equal(expected, Languages.Negotiate(header));

    [Fact]
    public void A_very_long_wish_is_ignored() => Assert.Equal("fr", Languages.Negotiate(string.Join(',', Enumerable.Repeat("en", 5000))));
}
