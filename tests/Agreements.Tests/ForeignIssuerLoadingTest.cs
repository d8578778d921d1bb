using Agreements.Loading;

namespace Agreements.Tests;

/// <summary>
/// The <c>issuer</c> block of an institution file: what it says is read, and each thing wrong with it is reported at its line.
/// </summary>
public sealed class ForeignIssuerLoadingTest
{
    private const string File = "institutions/menps.yaml";
    private const string Block = """
        issuer:
          url: https://login.partner.example
          audiences: [ "https://gateway.anss.example" ]
          algorithms: [ES256]
          clientClaim: azp
          clients: { "7f3c-ext": menps-school-support }
          maxLifetimeSeconds: 300
          trust: anss-web-roots

        """;

    [Fact]
    public void A_whole_block_is_read()
    {
        using var contracts = With(Block);
        var issuer = contracts.Registry().Institutions["menps"].Issuer!;
        Assert.Equal(
            ("https://login.partner.example", "azp", TimeSpan.FromSeconds(300), "anss-web-roots"),
            (issuer.Url, issuer.ClientClaim, issuer.MaxLifetime, issuer.Trust)
        );
        Assert.Equal(["https://gateway.anss.example"], issuer.Audiences);
        Assert.Equal(["ES256"], issuer.Algorithms);
        Assert.Equal("menps-school-support", issuer.Clients["7f3c-ext"]);
    }

    [Fact]
    public void What_is_left_out_is_the_strict_default()
    {
        using var contracts = With(
            Block
                .Replace("  algorithms: [ES256]\n", "", StringComparison.Ordinal)
                .Replace("  clientClaim: azp\n", "", StringComparison.Ordinal)
                .Replace("  maxLifetimeSeconds: 300\n", "", StringComparison.Ordinal)
        );
        var issuer = contracts.Registry().Institutions["menps"].Issuer!;
        Assert.Equal(("client_id", TimeSpan.FromSeconds(600)), (issuer.ClientClaim, issuer.MaxLifetime));
        Assert.Equal(["ES256", "PS256"], issuer.Algorithms);
    }

    [Theory]
    [InlineData("https://login.partner.example\n", "https://login.partner.example/\n", "'url' is not an https address")]
    [InlineData("https://login.partner.example\n", "http://login.partner.example\n", "'url' is not an https address")]
    [InlineData("https://login.partner.example\n", "https://Login.partner.example\n", "not written as its tokens write it")]
    [InlineData("https://login.partner.example\n", "https://login.partner.example:443\n", "not written as its tokens write it")]
    [InlineData("\"https://gateway.anss.example\"", "\"gateway\"", "an audience is not the https identifier")]
    [InlineData("[ES256]", "[RS256]", "algorithm 'RS256' is not taken")]
    [InlineData("clientClaim: azp", "clientClaim: sub", "'clientClaim' is not one of its values")]
    [InlineData("menps-school-support }", "anss-eligibility }", "system 'anss-eligibility' is not one of this institution's")]
    [InlineData("{ \"7f3c-ext\": menps-school-support }", "{}", "the issuer speaks for no system")]
    [InlineData("maxLifetimeSeconds: 300", "maxLifetimeSeconds: 86400", "'maxLifetimeSeconds' is not an integer from")]
    [InlineData("trust: anss-web-roots", "trust: Web Roots", "'trust' does not have the form")]
    [InlineData("trust: anss-web-roots", "trust: anss-web-roots\n  jwks: https://elsewhere.example/keys", "unknown key 'jwks'")]
    public void One_wrong_thing_is_reported_at_its_line_with_a_remedy(string what, string with, string expected)
    {
        Assert.Contains(what, Block, StringComparison.Ordinal);
        using var contracts = With(Block.Replace(what, with, StringComparison.Ordinal));
        var load = contracts.Load();
        Assert.Null(load.Registry);
        var told = Assert.Single(load.Errors, error =>
            error.Severity is LoadSeverity.Error && error.What.Contains(expected, StringComparison.Ordinal)
        );
        Assert.Equal(File, told.File);
        Assert.NotEmpty(told.Remedy);
        var at = contracts.Read(File).Split('\n')[told.Line - 1];
        Assert.Contains(
            (with.Contains('\n', StringComparison.Ordinal) && !with.EndsWith('\n') ? with.Split('\n')[1] : with).Trim(),
            at,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Institutions_that_share_an_issuer_say_the_same_of_it_and_share_none_of_its_clients()
    {
        using var contracts = With(Block);
        contracts.Write(
            "institutions/anss.yaml",
            contracts.Read("institutions/anss.yaml")
                + Block
                    .Replace("menps-school-support", "anss-batch", StringComparison.Ordinal)
                    .Replace("300", "200", StringComparison.Ordinal)
        );
        var load = contracts.Load();
        Assert.Null(load.Registry);
        Assert.Contains(load.Errors, static error =>
            error is { File: File } && error.What.Contains("has other terms in the file of 'anss'", StringComparison.Ordinal)
        );
        Assert.Contains(load.Errors, static error =>
            error is { File: File } && error.What.Contains("'7f3c-ext' is mapped to 'anss-batch' too", StringComparison.Ordinal)
        );
        contracts.Write(
            "institutions/anss.yaml",
            contracts
                .Read("institutions/anss.yaml")
                .Replace("7f3c-ext", "81aa-ext", StringComparison.Ordinal)
                .Replace("maxLifetimeSeconds: 200", "maxLifetimeSeconds: 300", StringComparison.Ordinal)
        );
        Assert.NotNull(contracts.Load().Registry);
    }

    private static TheContracts With(string block)
    {
        var contracts = new TheContracts(signed: false);
        contracts.Write(File, contracts.Read(File) + block);
        return contracts;
    }
}
