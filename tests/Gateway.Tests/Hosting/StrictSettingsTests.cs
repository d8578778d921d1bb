using Authority;
using Microsoft.Extensions.Configuration;
using Tokens.Operations;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>A mistake in the configuration stops the start by its name; nothing is left out in silence.</summary>
public sealed class StrictSettingsTests
{
    [Theory]
    [InlineData("ClientRevocation:partners:Fail", "Maybe")]
    [InlineData("ClientRevocation:partners:FetchEvery", "5 minutes")]
    [InlineData("ClientRevocation:partners:Flies:0", "partners.crl")]
    [InlineData("DataPort", "many")]
    [InlineData("DataProt", "8443")]
    public void A_wrong_setting_of_the_gateway_is_named(string key, string value)
    {
        Assert.Null(StrictSettings.Read<GatewayOptions>(With("Gateway", key, value), "Gateway", out var mistake));
        Assert.Contains(key.Split(':')[^1] == "0" ? "Flies" : key.Split(':')[^1], mistake, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Revocation:partners:Fail", "Maybe")]
    [InlineData("Revocation:partners:FetchEvery", "5 minutes")]
    [InlineData("KeyPasphrase", "x")]
    public void A_wrong_setting_of_the_authority_is_named(string key, string value)
    {
        Assert.Null(StrictSettings.Read<AuthoritySettings>(With("Authority", key, value), "Authority", out var mistake));
        Assert.Contains(key.Split(':')[^1], mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void Right_settings_and_none_are_read()
    {
        var options = StrictSettings.Read<GatewayOptions>(
            With("Gateway", "ClientRevocation:partners:FetchEvery", "00:05:00"),
            "Gateway",
            out var mistake
        );
        Assert.Null(mistake);
        Assert.Equal(TimeSpan.FromMinutes(5), options!.ClientRevocation["partners"].FetchEvery);
        Assert.NotNull(StrictSettings.Read<GatewayOptions>(new ConfigurationBuilder().Build(), "Gateway", out _));
    }

    private static IConfiguration With(string section, string key, string value) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection([
                new($"{section}:{key}", value),
                new($"{section}:{(section == "Gateway" ? "ClientRevocation" : "Revocation")}:partners:Files:0", "a.crl"),
            ])
            .Build();
}
